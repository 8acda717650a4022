"""Cross-entropy of independent yes-or-no questions."""

from __future__ import annotations

from typing import Any

from .. import activations
from ..backend import Array
from ..backend.formulas import EPSILON
from .base import registry
from .crossentropy import Crossentropy
from .in_place import row_dot, row_sum, unreduced


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Array:
    """Return the binary cross-entropy of each sample, ``L = -1/K Σₖ (yₖ log pₖ + (1 - yₖ) log(1 - pₖ))``.

    ``∂L/∂pₖ = 1/K (pₖ - yₖ) / (pₖ (1 - pₖ))``. Probabilities are clipped to [1e-7, 1 - 1e-7]; the derivative
    outside is 0. From logits ``z``, with ``p = sigmoid(z)``, ``L`` is the mean of
    ``max(0, z) - y z + log(1 + e^-|z|)`` and ``∂L/∂zₖ = 1/K (pₖ - yₖ)``, without a clip.

    Args:
        y_true: Targets ``y`` in [0, 1], shape ``(…, K)``.
        y_pred: Predicted probabilities ``p``, or logits ``z``, shape ``(…, K)``.
        from_logits: Whether ``y_pred`` are logits.
        label_smoothing: ``α`` in [0, 1]; targets become ``(1 - α) y + α/2``.
        axis: The axis of the ``K`` questions.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ, or an option is out of range.

    Example:
        >>> binary_crossentropy([[1.0], [0.0]], [[0.5], [0.75]]).round(4).tolist()
        [0.6931, 1.3863]
        >>> binary_crossentropy([[1.0], [0.0]], [[1e4], [1e4]], from_logits=True).tolist()
        [0.0, 10000.0]
    """
    options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
    return unreduced(BinaryCrossentropy, y_true, y_pred, **options)


@registry.register("binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(Crossentropy):
    """Binary cross-entropy over a batch, see ``binary_crossentropy``.

    After a last layer with a sigmoid it is computed from the logits, without anyone asking.

    Args:
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: How far targets are moved towards 1/2, in [0, 1].
        axis: The axis that is averaged over.
        reduction, name, dtype: See ``Loss``.

    Raises:
        ValueError: An option is out of range.

    Example:
        >>> round(float(BinaryCrossentropy()([[1.0], [0.0]], [[0.5], [0.5]])), 4)
        0.6931
    """

    activation = "sigmoid"

    def from_probabilities(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        target, outputs = self.smoothed(y_true, 1 / 2), y_pred.shape[-1]
        p = xp.clip(y_pred, EPSILON, 1 - EPSILON)
        xp.subtract(p, target, out=gradient)
        gradient /= p * (1 - p)
        gradient *= p == y_pred
        gradient /= outputs
        return (row_dot(xp, target, xp.log(p)) + row_dot(xp, 1 - target, xp.log1p(-p))) / -outputs

    def from_scores(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array:
        target, outputs = self.smoothed(y_true, 1 / 2), logits.shape[-1]
        activations.sigmoid.forward_into(xp, logits, predictions)
        tail = xp.abs(logits)
        xp.negative(tail, out=tail)
        xp.exp(tail, out=tail)
        xp.log1p(tail, out=tail)
        xp.maximum(logits, 0, out=gradient)
        gradient -= target * logits  # first: for a right answer it leaves an exact 0 for the small tail
        gradient += tail
        values = row_sum(xp, gradient) / outputs
        xp.subtract(predictions, target, out=gradient)
        gradient /= outputs
        return values
