"""Ratios of right and wrong yes-or-no decisions: precision and recall."""

from __future__ import annotations

from typing import ClassVar

from ..backend import Array
from .arithmetic import divide_no_nan
from .base import registry
from .confusion import ConfusionMetric


@registry.register("precision")
class Precision(ConfusionMetric):
    """The share of positives that are right, ``TP / (TP + FP)``; 0 where nothing is positive.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default, none with ``top_k``. For logits 0.
        top_k: Only the ``k`` largest predictions of each sample can be positive; of equal ones the first.
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A threshold outside of [0, 1], or a ``top_k`` that is no positive integer.

    Example:
        >>> round(float(Precision()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
        0.6667
        >>> Precision(thresholds=[0.5, 0.7])([0, 1, 1, 0], [1, 0, 0.6, 0]).tolist()
        [0.5, 0.0]
    """

    counted: ClassVar[dict[str, str]] = {
        "true_positives": "true_positives",
        "false_positives": "false_positives",
    }
    true_positives: Array
    false_positives: Array

    def result(self) -> Array:
        """Return the precision so far, one for each of several thresholds."""
        positives = self.true_positives + self.false_positives
        return self._reported(divide_no_nan(self.xp, self.true_positives, positives))


@registry.register("recall")
class Recall(ConfusionMetric):
    """The share of targets 1 that are found, ``TP / (TP + FN)``; 0 where there are none.

    Args:
        thresholds: One threshold in [0, 1] or several; 0.5 by default, none with ``top_k``. For logits 0.
        top_k: Only the ``k`` largest predictions of each sample can be positive; of equal ones the first.
        class_id: Only this column of targets and predictions counts.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: A threshold outside of [0, 1], or a ``top_k`` that is no positive integer.

    Example:
        >>> round(float(Recall()([0, 1, 1, 1], [1, 0, 1, 1])), 4)
        0.6667
        >>> Recall(thresholds=[0.5, 0.7])([0, 1, 1, 0], [1, 0, 0.6, 0]).tolist()
        [0.5, 0.0]
    """

    counted: ClassVar[dict[str, str]] = {
        "true_positives": "true_positives",
        "false_negatives": "false_negatives",
    }
    true_positives: Array
    false_negatives: Array

    def result(self) -> Array:
        """Return the recall so far, one for each of several thresholds."""
        relevant = self.true_positives + self.false_negatives
        return self._reported(divide_no_nan(self.xp, self.true_positives, relevant))
