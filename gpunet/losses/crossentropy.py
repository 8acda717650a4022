"""What the cross-entropies share: probabilities or logits, smoothed labels, the axis of the classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend import Array
from .in_place import InPlaceLoss, row_sum


class Crossentropy(InPlaceLoss):
    """A cross-entropy. A subclass writes ``from_probabilities`` and ``from_scores`` for classes along the last axis.

    Args:
        from_logits: Whether predictions are logits (any number) instead of probabilities.
        label_smoothing: How much of each target is spread evenly over the classes, in [0, 1].
        axis: The axis of the classes.
        reduction, name, dtype: See ``Loss``.

    Raises:
        ValueError: ``label_smoothing`` out of range, or an ``axis`` that is no integer.
    """

    activation: str  # whose output the probabilities are
    target_range = (0.0, 1.0)

    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        if not 0 <= label_smoothing <= 1:
            raise ValueError(
                f"{type(self).__name__}: expected label_smoothing in [0, 1], got {label_smoothing}."
            )
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise ValueError(f"{type(self).__name__}: `axis` must be of type `int`, got {axis!r}.")
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis
        self.fuses = None if from_logits or axis != -1 else self.activation

    def from_probabilities(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        """Return the value of each sample and write its derivative to ``gradient``."""
        raise NotImplementedError

    def from_scores(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array:
        """Do the same from logits, and write their probabilities to ``predictions``."""
        raise NotImplementedError

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        if self.from_logits:
            return self.fused_values_and_gradient(xp, y_true, y_pred, xp.empty_like(y_pred), gradient)
        return self.from_probabilities(xp, *self._classes_last(xp, y_true, y_pred, gradient))

    def fused_values_and_gradient(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array:
        return self.from_scores(xp, *self._classes_last(xp, y_true, logits, predictions, gradient))

    def _classes_last(self, xp: Any, y_true: Array, *arrays: Array) -> Sequence[Array]:
        if self.axis == -1:
            return (y_true, *arrays)
        if not self.integer_targets:
            y_true = xp.moveaxis(y_true, self.axis, -1)
        return (y_true, *(xp.moveaxis(array, self.axis, -1) for array in arrays))

    def smoothed(self, y_true: Array, share: float) -> Array:
        """Return ``(1 - label_smoothing) y + label_smoothing · share``."""
        if self.label_smoothing == 0:
            return y_true
        return y_true * (1 - self.label_smoothing) + self.label_smoothing * share

    def check_targets(self, y: Array, output_shape: Sequence[int | None]) -> None:
        given, (*rest, classes) = tuple(y.shape[1:]), output_shape[1:]
        if classes != 1 and given in (tuple(rest), (*rest, 1)):
            raise ValueError(
                f"{type(self).__name__}: expected targets of shape {(None, *rest, classes)}, got {tuple(y.shape)}. "
                "Class indices need SparseCategoricalCrossentropy, or to be made one-hot."
            )
        super().check_targets(y, output_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "from_logits": self.from_logits,
            "label_smoothing": self.label_smoothing,
            "axis": self.axis,
        }


def number_of_classes(loss: Crossentropy, output_shape: Sequence[int | None]) -> int:
    """Return the number of classes that a model tells apart.

    Raises:
        ValueError: There is only one: its probability would always be 1.
    """
    classes = output_shape[loss.axis]
    if classes is None or classes < 2:
        raise ValueError(
            f"{type(loss).__name__}: expected an output of at least 2 classes, got shape {tuple(output_shape)}. "
            "A single output for two classes needs a sigmoid and BinaryCrossentropy."
        )
    return classes


def subtract_largest(xp: Any, logits: Array, out: Array) -> None:
    """Write the logits less the largest of their row to ``out``: their exponentials can't overflow."""
    # The maximum over short rows is many times as fast column by column.
    columns = xp.asfortranarray(logits) if logits.shape[-1] < 64 else logits
    xp.subtract(logits, columns.max(axis=-1, keepdims=True), out=out)


def exponentiate(xp: Any, scores: Array) -> Array:
    """Turn scores into probabilities in place, and return the logarithm of what they were divided by."""
    xp.exp(scores, out=scores)
    total = row_sum(xp, scores)
    scores /= total[..., None]
    return xp.log(total)
