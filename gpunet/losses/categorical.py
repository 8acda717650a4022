"""Cross-entropy of one class among several, with targets given as probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..backend import Array
from ..backend.formulas import EPSILON
from .base import registry
from .crossentropy import Crossentropy, exponentiate, number_of_classes, subtract_largest
from .in_place import row_dot, row_sum, unreduced


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0, axis: int = -1
) -> Array:
    """Return the cross-entropy of each sample, ``L = -Σₖ yₖ log qₖ`` with ``qₖ = pₖ / Σⱼ pⱼ``.

    ``q`` is clipped to [1e-7, 1 - 1e-7]. With ``uₖ = yₖ / qₖ`` inside and 0 outside,
    ``∂L/∂pₖ = (Σⱼ uⱼ qⱼ - uₖ) / Σⱼ pⱼ``. From logits ``z``, with ``p = softmax(z)`` and without a clip,
    ``L = Σₖ yₖ (log Σⱼ e^zⱼ - zₖ)`` and ``∂L/∂zₖ = pₖ Σⱼ yⱼ - yₖ``.

    Args:
        y_true: One-hot classes or other probabilities ``y``, shape ``(…, K)``.
        y_pred: Predicted probabilities ``p``, or logits ``z``, shape ``(…, K)``.
        from_logits: Whether ``y_pred`` are logits.
        label_smoothing: ``α`` in [0, 1]; targets become ``(1 - α) y + α/K``.
        axis: The axis of the classes.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ, or an option is out of range.

    Example:
        >>> categorical_crossentropy([[0.0, 1.0]], [[0.5, 0.5]]).round(4).tolist()
        [0.6931]
        >>> categorical_crossentropy([[0.0, 1.0]], [[1e4, -1e4]], from_logits=True).tolist()
        [20000.0]
    """
    options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
    return unreduced(CategoricalCrossentropy, y_true, y_pred, **options)


@registry.register("categorical_crossentropy")
class CategoricalCrossentropy(Crossentropy):
    """Cross-entropy over a batch, for one-hot targets, see ``categorical_crossentropy``.

    After a last layer with a softmax it is computed from the logits, without anyone asking.

    Args:
        from_logits: Whether predictions are logits instead of probabilities.
        label_smoothing: How much of each target is spread evenly over the classes, in [0, 1].
        axis: The axis of the classes.
        reduction, name, dtype: See ``Loss``.

    Raises:
        ValueError: An option is out of range.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0.0, 1.0]], [[0.5, 0.5]])), 4)
        0.6931
    """

    activation = "softmax"
    target_range = (0.0, math.inf)

    def from_probabilities(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        target = self.smoothed(y_true, 1 / y_pred.shape[-1])
        total = row_sum(xp, y_pred)[..., None]
        share = y_pred / total
        clipped = xp.clip(share, EPSILON, 1 - EPSILON)
        xp.divide(target, clipped, out=gradient)
        gradient *= clipped == share
        xp.subtract(row_dot(xp, gradient, share)[..., None], gradient, out=gradient)
        gradient /= total
        return -row_dot(xp, target, xp.log(clipped))

    def from_scores(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array:
        target = self.smoothed(y_true, 1 / logits.shape[-1])
        subtract_largest(xp, logits, predictions)
        score, weight = row_dot(xp, target, predictions), row_sum(xp, target)
        values = weight * exponentiate(xp, predictions) - score
        xp.multiply(predictions, weight[..., None], out=gradient)
        gradient -= target
        return values

    def check_targets(self, y: Array, output_shape: Sequence[int | None]) -> None:
        number_of_classes(self, output_shape)
        super().check_targets(y, output_shape)
