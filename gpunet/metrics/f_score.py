"""Precision and recall in one number."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from ..backend.formulas import TINY
from .arithmetic import as_float, broadcast_weight, check_columns, check_shapes, divide_no_nan
from .base import Metric, registry


@registry.register("fbeta_score", "f_beta_score")
class FBetaScore(Metric):
    """``F = (1 + β²) · precision · recall / (β² · precision + recall)`` for each class; 0 where that is 0 / 0.

    ``β`` says how many times as much recall counts as precision (van Rijsbergen 1979).

    Args:
        average: ``None`` (one score a class), ``"micro"`` (one score from the counts of all classes), ``"macro"`` (the
            mean over classes) or ``"weighted"`` (the mean weighted by the number of targets of each class).
        beta: ``β > 0``.
        threshold: Predictions above it are positive; ``None``: the largest prediction of each sample is.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: An argument has another type or value.

    Example:
        >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
        >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
        >>> FBetaScore(beta=2.0, threshold=0.5)(y_true, y_pred).astype(float).round(4).tolist()
        [0.3846, 0.9091, 0.8333]
    """

    direction = "up"

    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if average not in (None, "micro", "macro", "weighted"):
            raise ValueError(
                "Invalid `average` argument value. Expected one of: {None, 'micro', 'macro', 'weighted'}. "
                f"Received: average={average}"
            )
        _check_float("beta", beta)
        if not beta > 0:
            raise ValueError(f"Invalid `beta` argument value. It should be > 0. Received: beta={beta}")
        if threshold is not None:
            _check_float("threshold", threshold)
            if not 0 < threshold <= 1:
                raise ValueError(
                    "Invalid `threshold` argument value. It should verify 0 < threshold <= 1. "
                    f"Received: threshold={threshold}"
                )
        self.average, self.beta, self.threshold = average, beta, threshold

    def _build(self, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]) -> None:
        if len(y_pred_shape) != 2 or len(y_true_shape) != 2:
            raise ValueError(
                f"{type(self).__name__} expects 2D inputs with shape (batch_size, output_dim). Received input "
                f"shapes: y_pred.shape={y_pred_shape} and y_true.shape={y_true_shape}."
            )
        shape = () if self.average == "micro" else (y_pred_shape[1],)
        self.true_positives = self.add_variable(shape, "true_positives")
        self.false_positives = self.add_variable(shape, "false_positives")
        self.false_negatives = self.add_variable(shape, "false_negatives")
        self.intermediate_weights = self.add_variable(shape, "intermediate_weights")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch.

        Args:
            y_true: Targets 0 or 1, ``(rows, classes)``.
            y_pred: Predictions ``(rows, classes)``.
            sample_weight: A number, one weight a sample or one weight a prediction.

        Raises:
            ValueError: The shapes don't fit.
        """
        xp = self.xp
        y_true, y_pred = xp.asarray(y_true, dtype="float64"), as_float(xp, y_pred, self.dtype)
        check_shapes(type(self).__name__, y_true, y_pred)
        weight = xp.ones(())
        if sample_weight is not None:
            weight = broadcast_weight(type(self).__name__, xp, sample_weight, y_pred.shape)
        if not self.variables:
            self._build(y_true.shape, y_pred.shape)
        check_columns(type(self).__name__, y_pred, self.true_positives)
        if self.threshold is None:
            chosen = (y_pred >= y_pred.max(axis=-1, keepdims=True)) & (abs(y_pred) > TINY)
        else:
            chosen = y_pred > self.threshold
        positive = chosen.astype("float64")
        axis = None if self.average == "micro" else 0
        self.true_positives += (positive * y_true * weight).sum(axis=axis)
        self.false_positives += (positive * (1 - y_true) * weight).sum(axis=axis)
        self.false_negatives += ((1 - positive) * y_true * weight).sum(axis=axis)
        self.intermediate_weights += (y_true * weight).sum(axis=axis)

    def result(self) -> Array:
        """Return the score so far, one a class without ``average``; 0 where nothing has been counted."""
        xp = self.xp
        if not self.variables:
            return xp.zeros((), self.dtype)
        precision = divide_no_nan(xp, self.true_positives, self.true_positives + self.false_positives)
        recall = divide_no_nan(xp, self.true_positives, self.true_positives + self.false_negatives)
        square = self.beta**2
        score = divide_no_nan(xp, (1 + square) * precision * recall, square * precision + recall)
        if self.average == "weighted":
            weights = self.intermediate_weights
            score = divide_no_nan(xp, (score * weights).sum(), weights.sum())
        elif self.average == "macro":
            score = score.mean()
        return score.astype(self.dtype)

    def get_config(self) -> dict[str, Any]:
        options = {"average": self.average, "beta": self.beta, "threshold": self.threshold}
        return {**super().get_config(), **options}


@registry.register("f1_score")
class F1Score(FBetaScore):
    """``F₁ = 2 · precision · recall / (precision + recall)``, the harmonic mean of the two, for each class.

    With a single output a ``threshold`` is needed: without one its only prediction is always the largest.

    Args:
        average: ``None`` (one score a class), ``"micro"``, ``"macro"`` or ``"weighted"``, see ``FBetaScore``.
        threshold: Predictions above it are positive; ``None``: the largest prediction of each sample is.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: An argument has another type or value.

    Example:
        >>> y_true = [[1, 1, 1], [1, 0, 0], [1, 1, 0]]
        >>> y_pred = [[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]]
        >>> F1Score(threshold=0.5)(y_true, y_pred).astype(float).round(4).tolist()
        [0.5, 0.8, 0.6667]
    """

    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: Any = None,
    ) -> None:
        super().__init__(average=average, beta=1.0, threshold=threshold, name=name, dtype=dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["beta"]
        return config


def _check_float(name: str, value: Any) -> None:
    if not isinstance(value, float):
        raise ValueError(
            f"Invalid `{name}` argument value. It should be a Python float. Received: {name}={value} of type "
            f"'{type(value)}'"
        )
