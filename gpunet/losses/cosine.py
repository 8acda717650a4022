"""The angle between two vectors."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from ..backend.formulas import EPSILON
from .base import registry
from .in_place import InPlaceLoss, row_dot, unreduced


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Array:
    """Return minus the cosine of the angle between target and prediction, ``L = -ŷ · f̂`` with ``f̂ = f / ‖f‖``.

    ``∂L/∂f = -(ŷ - (ŷ · f̂) f̂) / ‖f‖``. A norm below 1e-7 counts as 1e-7, where the derivative is ``-ŷ / 1e-7``.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.
        axis: The axis of the vectors.

    Returns:
        One value a sample, from -1 (same direction) to 1 (opposite), shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> cosine_similarity([[0.0, 1.0], [1.0, 0.0]], [[0.0, 5.0], [0.0, 5.0]]).tolist()
        [-1.0, -0.0]
    """
    return unreduced(CosineSimilarity, y_true, y_pred, axis=axis)


@registry.register("cosine_similarity")
class CosineSimilarity(InPlaceLoss):
    """Minus the cosine similarity over a batch, see ``cosine_similarity``.

    Args:
        axis: The axis of the vectors.
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(CosineSimilarity()([[0.0, 1.0]], [[0.0, 5.0]]))
        -1.0
    """

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        self.axis = axis

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        y_true, y_pred, gradient = (xp.moveaxis(a, self.axis, -1) for a in (y_true, y_pred, gradient))
        inverse = _inverse_norm(xp, y_pred)
        target = y_true * _inverse_norm(xp, y_true)
        direction = y_pred * inverse
        cosine = row_dot(xp, target, direction)
        xp.multiply(direction, (cosine[..., None]) * (inverse < 1 / EPSILON), out=gradient)
        gradient -= target
        gradient *= inverse
        return -cosine

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


def _inverse_norm(xp: Any, vectors: Array) -> Array:
    norm = xp.sqrt(row_dot(xp, vectors, vectors))[..., None]
    return 1 / xp.maximum(norm, EPSILON)
