"""How often the right class is among the k largest predictions."""

from __future__ import annotations

from typing import Any

from .. import config
from ..backend import Array, backend_of
from .accuracy import as_indices
from .arithmetic import check_shapes, positive_integer
from .base import registry
from .reduction import FunctionMetric


def top_k_hits(xp: Any, indices: Array, y_pred: Array, k: int) -> Array:
    """Return where the prediction at the index is among the ``k`` largest: where ``K - k`` others or more don't exceed it.

    A tie with the k-th largest is a hit. NaN and an index that is no class are none.
    """
    classes = y_pred.shape[-1]
    within = xp.clip(indices, 0, classes - 1)
    chosen = xp.take_along_axis(y_pred, within[..., None], axis=-1)
    return ((y_pred <= chosen).sum(axis=-1) > classes - k) & (within == indices)


def categorical_hits(y_true: Any, y_pred: Any, k: int = 5) -> Array:
    """Return where the class of a one-hot target is among the ``k`` largest predictions."""
    xp = backend_of(y_pred).xp
    y_true, y_pred = xp.asarray(y_true), xp.asarray(y_pred)
    check_shapes("top_k_categorical_accuracy", y_true, y_pred)
    return top_k_hits(xp, y_true.argmax(axis=-1), y_pred, k)


def sparse_categorical_hits(y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False) -> Array:
    """Return where the target is among the ``k`` largest predictions, or the first ``k`` of sorted class indices."""
    xp = backend_of(y_pred).xp
    y_pred = xp.asarray(y_pred)
    y_true = as_indices("sparse_top_k_categorical_accuracy", xp.asarray(y_true), y_pred)
    if from_sorted_ids:
        return (y_pred[..., :k] == y_true[..., None]).any(axis=-1)
    return top_k_hits(xp, y_true.astype("int64"), y_pred, k)


def top_k_categorical_accuracy(y_true: Any, y_pred: Any, k: int = 5) -> Array:
    """Return 1 where the class of the target is among the ``k`` largest predictions, else 0.

    A tie with the k-th largest prediction is a hit.

    Args:
        y_true: One-hot targets, ``(…, K)``.
        y_pred: Predictions, ``(…, K)``.
        k: How many count.

    Returns:
        One value a sample, ``(…)``, in ``config.floatx()``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> top_k_categorical_accuracy([[0, 0, 1], [1, 0, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.1]], k=2).tolist()
        [1.0, 0.0]
    """
    return categorical_hits(y_true, y_pred, k).astype(config.floatx())


def sparse_top_k_categorical_accuracy(
    y_true: Any, y_pred: Any, k: int = 5, from_sorted_ids: bool = False
) -> Array:
    """Return 1 where the target is among the ``k`` largest predictions, else 0.

    A tie with the k-th largest prediction is a hit.

    Args:
        y_true: Class indices, ``(…)`` or ``(…, 1)``.
        y_pred: Predictions ``(…, K)``, or with ``from_sorted_ids`` the classes themselves, the likeliest first.
        k: How many count.
        from_sorted_ids: What ``y_pred`` holds.

    Returns:
        One value a sample, ``(…)``, in ``config.floatx()``.

    Raises:
        ValueError: The shapes don't fit.

    Example:
        >>> sparse_top_k_categorical_accuracy([2, 0], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.1]], k=2).tolist()
        [1.0, 0.0]
    """
    return sparse_categorical_hits(y_true, y_pred, k, from_sorted_ids).astype(config.floatx())


@registry.register("top_k_categorical_accuracy")
class TopKCategoricalAccuracy(FunctionMetric):
    """How often the right class is among the ``k`` largest predictions, one-hot targets.

    See ``top_k_categorical_accuracy``.

    Args:
        k: How many count.
        name: The key in logs.
        dtype: The float type of the result.

    Raises:
        ValueError: ``k`` is no positive integer.

    Example:
        >>> float(TopKCategoricalAccuracy(k=2)([[0, 0, 1], [1, 0, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.1]]))
        0.5
    """

    direction = "up"

    def __init__(
        self, k: int = 5, name: str | None = "top_k_categorical_accuracy", dtype: Any = None
    ) -> None:
        super().__init__(categorical_hits, name, dtype, k=positive_integer(type(self).__name__, "k", k))
        self.k = k


@registry.register("sparse_top_k_categorical_accuracy")
class SparseTopKCategoricalAccuracy(FunctionMetric):
    """How often the right class is among the ``k`` largest predictions, class indices as targets.

    See ``sparse_top_k_categorical_accuracy``.

    Args:
        k: How many count.
        name: The key in logs.
        dtype: The float type of the result.
        from_sorted_ids: Predictions are the classes themselves, the likeliest first.

    Raises:
        ValueError: ``k`` is no positive integer.

    Example:
        >>> float(SparseTopKCategoricalAccuracy(k=2)([2, 0], [[0.1, 0.9, 0.8], [0.05, 0.95, 0.1]]))
        0.5
    """

    direction = "up"

    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: Any = None,
        from_sorted_ids: bool = False,
    ) -> None:
        options = {
            "k": positive_integer(type(self).__name__, "k", k),
            "from_sorted_ids": from_sorted_ids,
        }
        super().__init__(sparse_categorical_hits, name, dtype, **options)
        self.k, self.from_sorted_ids = k, from_sorted_ids
