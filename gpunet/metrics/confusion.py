"""Counts of right and wrong yes-or-no decisions at one or a few thresholds."""

from __future__ import annotations

from typing import Any, ClassVar

from ..backend import Array
from .arithmetic import aligned, broadcast_weight, positive_integer
from .base import Metric, registry

BELOW_ALL = -1e10  # a prediction that is not among the top k; no threshold is as low

CELLS = {
    "true_positives": lambda above, true: above & true,
    "false_positives": lambda above, true: above & ~true,
    "false_negatives": lambda above, true: true & ~above,
    "true_negatives": lambda above, true: ~(above | true),
}


class ConfusionMetric(Metric):
    """Counts decisions ``y_pred > threshold`` against targets 0 and 1.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default.
        top_k: Only the ``k`` largest predictions of each sample can be positive.
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A threshold outside of [0, 1], or a ``top_k`` that is no positive integer.
    """

    direction = "up"
    counted: ClassVar[dict[str, str]]  # the state → the cell of the confusion matrix that it sums

    def __init__(
        self,
        thresholds: Any = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        if hasattr(thresholds, "tolist"):  # an array or a number of NumPy's
            thresholds = thresholds.tolist()
        self.init_thresholds = thresholds
        self.top_k = None if top_k is None else positive_integer(type(self).__name__, "top_k", top_k)
        self.class_id = class_id
        if thresholds is None:
            self.thresholds = [0.5 if top_k is None else BELOW_ALL]
        else:
            self.thresholds = list(thresholds) if isinstance(thresholds, (list, tuple)) else [thresholds]
            check_thresholds(self.thresholds)
        self._limits = self.xp.asarray(self.thresholds, dtype="float64")[:, None]
        for state in self.counted:
            self.add_variable((len(self.thresholds),), state)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch.

        Args:
            y_true: Targets, 0 or not, shaped like the predictions.
            y_pred: Predictions of any shape; with ``class_id`` or ``top_k`` the last axis holds the classes.
            sample_weight: A number, one weight a sample or one weight a prediction.

        Raises:
            ValueError: The shapes don't fit.
        """
        xp = self.xp
        y_true, y_pred = aligned(type(self).__name__, xp, y_true, y_pred, self.dtype)
        weight = None
        if sample_weight is not None:
            weight = broadcast_weight(type(self).__name__, xp, sample_weight, y_pred.shape)
        if self.top_k is not None:
            # Half precision doesn't reach as low and becomes float32.
            y_pred = xp.where(in_top(xp, y_pred, self.top_k), y_pred, xp.full((), BELOW_ALL, "float32"))
        if self.class_id is not None:
            check_class(self.class_id, y_pred.shape)
            y_true, y_pred = y_true[..., self.class_id], y_pred[..., self.class_id]
            weight = None if weight is None else weight[..., self.class_id]
        above = y_pred.reshape(1, -1) > self._limits.astype(
            y_pred.dtype
        )  # compared in the type of predictions
        true = y_true.astype(bool).reshape(1, -1)
        for state, cell in self.counted.items():
            hits = CELLS[cell](above, true)
            counts = hits if weight is None else xp.where(hits, weight.reshape(1, -1), 0.0)
            total = getattr(self, state)
            total += counts.sum(axis=1)

    def _reported(self, values: Array) -> Array:
        """Return one value a threshold, or the number itself where there is one threshold."""
        values = values.astype(self.dtype)
        return values[0] if len(self.thresholds) == 1 else values

    def get_config(self) -> dict[str, Any]:
        options = {"thresholds": self.init_thresholds, "top_k": self.top_k, "class_id": self.class_id}
        return {**super().get_config(), **options}


def check_thresholds(thresholds: list[Any]) -> None:
    """Check thresholds.

    Raises:
        ValueError: One of them is outside of [0, 1].
    """
    invalid = [threshold for threshold in thresholds if threshold is None or not 0 <= threshold <= 1]
    if invalid:
        raise ValueError(f"Threshold values must be in [0, 1]. Received: {invalid}")


def check_class(class_id: int, shape: tuple[int, ...]) -> None:
    """Check that predictions of this shape have the class.

    Raises:
        ValueError: They haven't.
    """
    if len(shape) == 1:
        raise ValueError(
            "When class_id is provided, y_pred must be a 2D array with shape (num_samples, num_classes), "
            f"found shape: {shape}"
        )
    if not 0 <= class_id < shape[-1]:
        raise ValueError(f"class_id: expected a class from 0 to {shape[-1] - 1}, got {class_id}.")


def in_top(xp: Any, y_pred: Array, k: int) -> Array:
    """Return which ``k`` predictions are the largest along the last axis; of equal ones the first."""
    order = xp.argsort(-y_pred, axis=-1, kind="stable")
    return xp.argsort(order, axis=-1) < k


class ConfusionCount(ConfusionMetric):
    """One cell of the confusion matrix."""

    accumulator: Array

    def __init__(self, thresholds: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(thresholds, name=name, dtype=dtype)

    def result(self) -> Array:
        """Return the count so far, the sum of weights if there are any; one for each of several thresholds."""
        return self._reported(self.accumulator)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "dtype": self.dtype, "thresholds": self.init_thresholds}


@registry.register("true_positives")
class TruePositives(ConfusionCount):
    """The number of targets 1 with ``y_pred > threshold``.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default.
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(TruePositives()([0, 1, 1, 1], [1, 0, 1, 1]))
        2.0
    """

    counted: ClassVar[dict[str, str]] = {"accumulator": "true_positives"}


@registry.register("false_positives")
class FalsePositives(ConfusionCount):
    """The number of targets 0 with ``y_pred > threshold``.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default.
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(FalsePositives()([0, 1, 0, 0], [0, 0, 1, 1]))
        2.0
    """

    direction = "down"
    counted: ClassVar[dict[str, str]] = {"accumulator": "false_positives"}


@registry.register("true_negatives")
class TrueNegatives(ConfusionCount):
    """The number of targets 0 with ``y_pred ≤ threshold``.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default.
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(TrueNegatives()([0, 1, 0, 0], [1, 1, 0, 0]))
        2.0
    """

    counted: ClassVar[dict[str, str]] = {"accumulator": "true_negatives"}


@registry.register("false_negatives")
class FalseNegatives(ConfusionCount):
    """The number of targets 1 with ``y_pred ≤ threshold``.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default.
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(FalseNegatives()([0, 1, 1, 1], [0, 1, 0, 0]))
        2.0
    """

    direction = "down"
    counted: ClassVar[dict[str, str]] = {"accumulator": "false_negatives"}
