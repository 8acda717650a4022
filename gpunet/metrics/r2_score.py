"""The coefficient of determination."""

from __future__ import annotations

import warnings
from typing import Any

from ..backend import Array
from .arithmetic import aligned, broadcast_weight, check_columns, divide_no_nan
from .base import Metric, registry

AGGREGATIONS = (None, "uniform_average", "variance_weighted_average")


@registry.register("r2_score")
class R2Score(Metric):
    """``R² = 1 - Σ (y - f)² / Σ (y - ȳ)²``: 1 is perfect, 0 as good as always predicting the mean ``ȳ``.

    A column whose targets are all equal scores 0. With ``p`` regressors the adjusted score
    ``1 - (1 - R²) (n - 1) / (n - p - 1)`` is returned, where ``n`` counts all target values, as in Keras.

    Args:
        class_aggregation: ``"uniform_average"`` (the mean over columns), ``"variance_weighted_average"`` (weighted by
            the variance of the targets) or ``None`` (one score a column).
        num_regressors: ``p``; 0 for the plain score.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: An unknown aggregation, or a negative number of regressors.

    Example:
        >>> round(float(R2Score()([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])), 4)
        0.5714
    """

    direction = "up"

    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if class_aggregation not in AGGREGATIONS:
            raise ValueError(
                f"Invalid value for argument `class_aggregation`. Expected one of {AGGREGATIONS}. Received: "
                f"class_aggregation={class_aggregation}"
            )
        if num_regressors < 0:
            raise ValueError(
                "Invalid value for argument `num_regressors`. Expected a value >= 0. Received: "
                f"num_regressors={num_regressors}"
            )
        self.class_aggregation, self.num_regressors = class_aggregation, num_regressors
        self.num_samples = self.add_variable((), "num_samples")
        self._built = False

    def _build(self, shape: tuple[int, ...]) -> None:
        if len(shape) != 2:
            raise ValueError(
                f"R2Score expects 2D inputs with shape (batch_size, output_dim). Received input shape: {shape}."
            )
        self.squared_sum = self.add_variable(shape[1:], "squared_sum")
        self.sum = self.add_variable(shape[1:], "sum")
        self.total_mse = self.add_variable(shape[1:], "total_mse")
        self.count = self.add_variable(shape[1:], "count")
        self._built = True

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch.

        Args:
            y_true: Targets ``(rows, outputs)``.
            y_pred: Predictions of the same shape.
            sample_weight: A number, one weight a sample or one weight a value.

        Raises:
            ValueError: The shapes don't fit.
        """
        xp = self.xp
        y_true, y_pred = aligned("R2Score", xp, y_true, y_pred, self.dtype)
        weight = broadcast_weight(
            "R2Score", xp, 1.0 if sample_weight is None else sample_weight, y_pred.shape
        )
        if not self._built:
            self._build(y_pred.shape)
        check_columns("R2Score", y_pred, self.count)
        y_true = y_true.astype("float64")
        weighted = y_true * weight
        self.sum += weighted.sum(axis=0)
        self.squared_sum += (y_true * weighted).sum(axis=0)
        self.total_mse += ((y_true - y_pred) ** 2 * weight).sum(axis=0)
        self.count += weight.sum(axis=0)
        self.num_samples += y_true.size

    def result(self) -> Array:
        """Return the score so far; 0 where nothing has been counted.

        Warns:
            UserWarning: There are too few targets for the number of regressors; the plain score is returned.
        """
        xp = self.xp
        if not self._built:
            return xp.zeros((), self.dtype)
        total = self.squared_sum - self.sum * divide_no_nan(xp, self.sum, self.count)
        scores = xp.where(total == 0, 0.0, 1 - divide_no_nan(xp, self.total_mse, total))
        if self.class_aggregation == "uniform_average":
            scores = scores.mean()
        elif self.class_aggregation == "variance_weighted_average":
            scores = divide_no_nan(xp, (scores * total).sum(), total.sum())
        return self._adjusted(scores).astype(self.dtype)

    def _adjusted(self, score: Array) -> Array:
        if not self.num_regressors:
            return score
        samples = int(self.num_samples)
        freedom = samples - self.num_regressors - 1
        if freedom > 0:
            return 1 - (1 - score) * (samples - 1) / freedom
        if freedom < 0:
            reason = "More independent predictors than datapoints in adjusted R2 score."
        else:
            reason = "Division by zero in Adjusted R2 score."
        warnings.warn(f"{reason} Falling back to standard R2 score.", stacklevel=3)
        return score

    def get_config(self) -> dict[str, Any]:
        options = {"class_aggregation": self.class_aggregation, "num_regressors": self.num_regressors}
        return {**super().get_config(), **options}
