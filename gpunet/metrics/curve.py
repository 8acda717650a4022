"""The confusion matrix at many thresholds at once, for metrics that read a curve."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .arithmetic import divide_no_nan
from .base import Metric


class CurveMetric(Metric):
    """Keeps the confusion matrix at rising thresholds.

    Args:
        thresholds: The thresholds, in rising order.
        name: The key in logs.
        dtype: The float type of the result.

    Attributes:
        true_positives, false_positives, true_negatives, false_negatives: One sum of weights a threshold.
    """

    direction = "up"

    def __init__(self, thresholds: list[float], name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.thresholds = thresholds
        self._limits = self.xp.asarray(thresholds, dtype="float64")

    def _add_counts(self, *labels: int) -> None:
        shape = (len(self.thresholds), *labels)
        self.true_positives = self.add_variable(shape, "true_positives")
        self.false_positives = self.add_variable(shape, "false_positives")
        self.true_negatives = self.add_variable(shape, "true_negatives")
        self.false_negatives = self.add_variable(shape, "false_negatives")

    def _count(self, y_true: Array, y_pred: Array, weight: Array | float) -> None:
        """Count one batch ``(rows, labels)``; predictions below 0 count as 0 and those above 1 as 1."""
        xp = self.xp
        true = y_true.astype(bool)
        weights = xp.stack((xp.where(true, weight, 0.0), xp.where(true, 0.0, weight)))
        below, above = split_sums(xp, xp.clip(y_pred, 0, 1), weights, self._limits)
        shape = self.true_positives.shape
        self.false_negatives += below[0].reshape(shape)
        self.true_negatives += below[1].reshape(shape)
        self.true_positives += above[0].reshape(shape)
        self.false_positives += above[1].reshape(shape)

    def _precision(self) -> Array:
        return divide_no_nan(self.xp, self.true_positives, self.true_positives + self.false_positives)

    def _recall(self) -> Array:
        """Return the recall, also called sensitivity or true positive rate."""
        return divide_no_nan(self.xp, self.true_positives, self.true_positives + self.false_negatives)

    def _specificity(self) -> Array:
        return divide_no_nan(self.xp, self.true_negatives, self.true_negatives + self.false_positives)


def even_thresholds(count: int) -> list[float]:
    """Return ``count`` thresholds from 0 to 1 at equal distances."""
    return [index / (count - 1) for index in range(count)]


def split_sums(xp: Any, y_pred: Array, weights: Array, thresholds: Array) -> tuple[Array, Array]:
    """Return the sums of weights of the predictions that are at most, and that exceed, each threshold.

    The work is that of a sort, whatever the number of thresholds, and the order of summation is fixed.

    Args:
        xp: The array module.
        y_pred: Predictions ``(rows, labels)``.
        weights: Several weights for each prediction, ``(kinds, rows, labels)``.
        thresholds: In rising order.

    Returns:
        Two arrays ``(kinds, thresholds, labels)``.

    Example:
        >>> import numpy as np
        >>> below, above = split_sums(np, np.array([[0.5], [0.7]]), np.ones((1, 2, 1)), np.array([0.5, 0.6]))
        >>> below.ravel().tolist(), above.ravel().tolist()
        ([1.0, 1.0], [1.0, 1.0])
    """
    rows, labels = y_pred.shape
    bins = len(thresholds) + 1
    # A prediction's bin is the number of thresholds that it exceeds; labels follow one another.
    exceeded = xp.searchsorted(thresholds.astype(y_pred.dtype), y_pred.T.reshape(-1)).reshape(labels, rows)
    keys = (exceeded + bins * xp.arange(labels)[:, None]).reshape(-1)
    order = xp.argsort(keys, kind="stable")
    ordered = weights.transpose(0, 2, 1).reshape(len(weights), -1)[:, order]
    sums = xp.concatenate((xp.zeros((len(weights), 1)), xp.cumsum(ordered, axis=1)), axis=1)
    ends = xp.searchsorted(keys[order], xp.arange(bins * labels), side="right")
    starts = sums[:, rows * xp.arange(labels)]
    at_ends = sums[:, ends].reshape(len(weights), labels, bins)
    below = at_ends[:, :, :-1] - starts[:, :, None]
    above = at_ends[:, :, -1:] - at_ends[:, :, :-1]
    return below.transpose(0, 2, 1), above.transpose(0, 2, 1)
