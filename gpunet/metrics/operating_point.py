"""The best of one rate where another has at least a given value."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .arithmetic import aligned, broadcast_weight
from .base import registry
from .confusion import check_class
from .curve import CurveMetric, even_thresholds


class OperatingPoint(CurveMetric):
    """The largest value of one rate over all thresholds where another rate is at least ``value``; 0 where it never is.

    Args:
        constraint: The name of the rate that is constrained; an attribute and a key of the configuration.
        value: What it must reach, in [0, 1].
        num_thresholds: How many thresholds, at equal distances over [0, 1]; the only one is 0.5.
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A value outside of [0, 1], or no threshold.
    """

    def __init__(
        self,
        constraint: str,
        value: float,
        num_thresholds: int,
        class_id: int | None,
        name: str | None,
        dtype: Any,
    ) -> None:
        if not 0 <= value <= 1:
            raise ValueError(
                f"Argument `{constraint}` must be in the range [0, 1]. Received: {constraint}={value}"
            )
        if num_thresholds <= 0:
            raise ValueError(
                f"Argument `num_thresholds` must be an integer > 0. Received: num_thresholds={num_thresholds}"
            )
        super().__init__([0.5] if num_thresholds == 1 else even_thresholds(num_thresholds), name, dtype)
        self._constraint, self.value = constraint, value
        self.num_thresholds, self.class_id = num_thresholds, class_id
        self._add_counts()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch.

        Args:
            y_true: Targets, 0 or not, shaped like the predictions.
            y_pred: Predictions in [0, 1], of any shape; with ``class_id`` the last axis holds the classes.
            sample_weight: A number, one weight a sample or one weight a prediction.

        Raises:
            ValueError: The shapes don't fit.
        """
        y_true, y_pred = aligned(type(self).__name__, self.xp, y_true, y_pred, self.dtype)
        weight: Any = 1.0
        if sample_weight is not None:
            weight = broadcast_weight(type(self).__name__, self.xp, sample_weight, y_pred.shape)
        if self.class_id is not None:
            check_class(self.class_id, y_pred.shape)
            y_true, y_pred = y_true[..., self.class_id], y_pred[..., self.class_id]
            weight = weight if sample_weight is None else weight[..., self.class_id]
        weight = weight if sample_weight is None else weight.reshape(-1, 1)
        self._count(y_true.reshape(-1, 1), y_pred.reshape(-1, 1), weight)

    def _best(self, rate: Array, where: Array) -> Array:
        """Return the largest rate where the other one reaches the value."""
        return self.xp.where(where >= self.value, rate, 0.0).max().astype(self.dtype)

    def get_config(self) -> dict[str, Any]:
        options = {
            "num_thresholds": self.num_thresholds,
            "class_id": self.class_id,
            self._constraint: self.value,
        }
        return {**super().get_config(), **options}


@registry.register("sensitivity_at_specificity")
class SensitivityAtSpecificity(OperatingPoint):
    """The best sensitivity ``TP / (TP + FN)`` where the specificity ``TN / (TN + FP)`` is at least the given one.

    Args:
        specificity: The specificity that is needed, in [0, 1].
        num_thresholds: How many thresholds, at equal distances over [0, 1].
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A specificity outside of [0, 1], or no threshold.

    Example:
        >>> float(SensitivityAtSpecificity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    def __init__(
        self,
        specificity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("specificity", specificity, num_thresholds, class_id, name, dtype)
        self.specificity = specificity

    def result(self) -> Array:
        """Return the best sensitivity so far."""
        return self._best(self._recall(), where=self._specificity())


@registry.register("specificity_at_sensitivity")
class SpecificityAtSensitivity(OperatingPoint):
    """The best specificity ``TN / (TN + FP)`` where the sensitivity ``TP / (TP + FN)`` is at least the given one.

    Args:
        sensitivity: The sensitivity that is needed, in [0, 1].
        num_thresholds: How many thresholds, at equal distances over [0, 1].
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A sensitivity outside of [0, 1], or no threshold.

    Example:
        >>> round(float(SpecificityAtSensitivity(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8])), 4)
        0.6667
    """

    def __init__(
        self,
        sensitivity: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("sensitivity", sensitivity, num_thresholds, class_id, name, dtype)
        self.sensitivity = sensitivity

    def result(self) -> Array:
        """Return the best specificity so far."""
        return self._best(self._specificity(), where=self._recall())


@registry.register("precision_at_recall")
class PrecisionAtRecall(OperatingPoint):
    """The best precision ``TP / (TP + FP)`` where the recall ``TP / (TP + FN)`` is at least the given one.

    Args:
        recall: The recall that is needed, in [0, 1].
        num_thresholds: How many thresholds, at equal distances over [0, 1].
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A recall outside of [0, 1], or no threshold.

    Example:
        >>> float(PrecisionAtRecall(0.5)([0, 0, 0, 1, 1], [0, 0.3, 0.8, 0.3, 0.8]))
        0.5
    """

    def __init__(
        self,
        recall: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("recall", recall, num_thresholds, class_id, name, dtype)
        self.recall = recall

    def result(self) -> Array:
        """Return the best precision so far."""
        return self._best(self._precision(), where=self._recall())


@registry.register("recall_at_precision")
class RecallAtPrecision(OperatingPoint):
    """The best recall ``TP / (TP + FN)`` where the precision ``TP / (TP + FP)`` is at least the given one.

    Args:
        precision: The precision that is needed, in [0, 1].
        num_thresholds: How many thresholds, at equal distances over [0, 1].
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A precision outside of [0, 1], or no threshold.

    Example:
        >>> float(RecallAtPrecision(0.8)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.5
    """

    def __init__(
        self,
        precision: float,
        num_thresholds: int = 200,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__("precision", precision, num_thresholds, class_id, name, dtype)
        self.precision = precision

    def result(self) -> Array:
        """Return the best recall so far."""
        return self._best(self._recall(), where=self._precision())
