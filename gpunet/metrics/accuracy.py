"""How often predictions hit their targets."""

from __future__ import annotations

from typing import Any

from .. import config
from ..backend import Array, backend_of
from ..losses.base import squeeze_or_expand
from .arithmetic import check_shapes
from .base import registry
from .reduction import FunctionMetric

# Functions named "hits" return truth values, which count several times as fast as floats.


def equal_hits(y_true: Any, y_pred: Any) -> Array:
    """Return where predictions equal targets."""
    xp = backend_of(y_pred).xp
    y_true, y_pred = squeeze_or_expand(xp.asarray(y_true), xp.asarray(y_pred))
    check_shapes("accuracy", y_true, y_pred)
    return y_true == y_pred


def binary_hits(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Array:
    """Return where ``y_pred > threshold`` equals the target 0 or 1."""
    xp = backend_of(y_pred).xp
    y_true, y_pred = squeeze_or_expand(xp.asarray(y_true), xp.asarray(y_pred))
    check_shapes("binary_accuracy", y_true, y_pred)
    return (y_pred > threshold) == y_true


def categorical_hits(y_true: Any, y_pred: Any) -> Array:
    """Return where the largest entries of target and prediction are at the same place."""
    xp = backend_of(y_pred).xp
    y_true, y_pred = xp.asarray(y_true), xp.asarray(y_pred)
    check_shapes("categorical_accuracy", y_true, y_pred)
    return y_true.argmax(axis=-1) == y_pred.argmax(axis=-1)


def sparse_categorical_hits(y_true: Any, y_pred: Any) -> Array:
    """Return where the largest entry of the prediction is at the place that the target says."""
    xp = backend_of(y_pred).xp
    y_true, y_pred = xp.asarray(y_true), xp.asarray(y_pred)
    return as_indices("sparse_categorical_accuracy", y_true, y_pred) == y_pred.argmax(axis=-1)


def as_indices(owner: str, y_true: Array, y_pred: Array) -> Array:
    """Return class indices in the shape of the predictions without their last axis.

    Raises:
        ValueError: There is another number of them.
    """
    shape = y_pred.shape[:-1]
    if y_true.shape == shape:
        return y_true
    if y_pred.ndim == 0 or y_true.size * y_pred.shape[-1] != y_pred.size:
        raise ValueError(
            f"{owner}: expected y_true with one class index a prediction, shape {shape}, got shape {y_true.shape}. "
            "For one-hot targets use the metric without sparse in its name."
        )
    return y_true.reshape(shape)


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> Array:
    """Return 1 where ``y_pred > threshold`` equals the target 0 or 1, else 0.

    Args:
        y_true: Targets 0 or 1, ``(…)``.
        y_pred: Predictions, ``(…)``.
        threshold: A prediction equal to it counts as 0.

    Returns:
        One value a prediction, in ``config.floatx()``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> binary_accuracy([[1], [1], [0]], [[0.9], [0.5], [0.1]]).ravel().tolist()
        [1.0, 0.0, 1.0]
    """
    return binary_hits(y_true, y_pred, threshold).astype(config.floatx())


def categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return 1 where the largest entries of target and prediction are at the same place, else 0.

    Of equal entries the first counts as the largest.

    Args:
        y_true: One-hot targets, ``(…, K)``.
        y_pred: Predictions, ``(…, K)``.

    Returns:
        One value a sample, ``(…)``, in ``config.floatx()``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> categorical_accuracy([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]).tolist()
        [0.0, 1.0]
    """
    return categorical_hits(y_true, y_pred).astype(config.floatx())


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> Array:
    """Return 1 where the largest entry of the prediction is at the place that the target says, else 0.

    Of equal entries the first counts as the largest.

    Args:
        y_true: Class indices, ``(…)`` or ``(…, 1)``.
        y_pred: Predictions, ``(…, K)``.

    Returns:
        One value a sample, ``(…)``, in ``config.floatx()``.

    Raises:
        ValueError: The shapes don't fit.

    Example:
        >>> sparse_categorical_accuracy([2, 1], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]).tolist()
        [0.0, 1.0]
    """
    return sparse_categorical_hits(y_true, y_pred).astype(config.floatx())


@registry.register("accuracy")
class Accuracy(FunctionMetric):
    """How often predictions equal targets, as numbers.

    The name ``"accuracy"`` in ``compile`` means the kind below that fits the targets.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(Accuracy()([1, 2, 3, 4], [0, 2, 3, 4]))
        0.75
    """

    direction = "up"

    def __init__(self, name: str | None = "accuracy", dtype: Any = None) -> None:
        super().__init__(equal_hits, name, dtype)


@registry.register("binary_accuracy")
class BinaryAccuracy(FunctionMetric):
    """How often ``y_pred > threshold`` equals the target 0 or 1, see ``binary_accuracy``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.
        threshold: A prediction equal to it counts as 0; 0 for logits.

    Example:
        >>> float(BinaryAccuracy()([[1], [1], [0], [0]], [[0.98], [1], [0], [0.6]]))
        0.75
    """

    direction = "up"

    def __init__(
        self, name: str | None = "binary_accuracy", dtype: Any = None, threshold: float = 0.5
    ) -> None:
        super().__init__(binary_hits, name, dtype, threshold=threshold)
        self.threshold = threshold


@registry.register("categorical_accuracy")
class CategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is that of the right class, one-hot targets, see ``categorical_accuracy``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(CategoricalAccuracy()([[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]))
        0.5
    """

    direction = "up"

    def __init__(self, name: str | None = "categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(categorical_hits, name, dtype)


@registry.register("sparse_categorical_accuracy")
class SparseCategoricalAccuracy(FunctionMetric):
    """How often the largest prediction is that of the right class, class indices as targets.

    See ``sparse_categorical_accuracy``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(SparseCategoricalAccuracy()([2, 1], [[0.1, 0.6, 0.3], [0.05, 0.95, 0]]))
        0.5
    """

    direction = "up"

    def __init__(self, name: str | None = "sparse_categorical_accuracy", dtype: Any = None) -> None:
        super().__init__(sparse_categorical_hits, name, dtype)
