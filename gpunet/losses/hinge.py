"""Hinge losses: a margin around the boundary between two classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend import Array, backend_of
from .base import registry
from .in_place import InPlaceLoss, row_dot, row_sum, unreduced


def hinge(y_true: Any, y_pred: Any) -> Array:
    """Return the hinge loss of each sample, ``L = 1/K Σₖ max(0, 1 - yₖ fₖ)``.

    ``∂L/∂fₖ = -yₖ/K`` inside the margin, where ``yₖ fₖ < 1``, else 0.

    Args:
        y_true: Labels -1 and 1, or 0 and 1 (converted where no other occurs), shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> hinge([[1.0], [-1.0], [1.0]], [[0.5], [0.5], [2.0]]).tolist()
        [0.5, 1.5, 0.0]
    """
    return unreduced(Hinge, y_true, y_pred)


def squared_hinge(y_true: Any, y_pred: Any) -> Array:
    """Return the squared hinge loss of each sample, ``L = 1/K Σₖ max(0, 1 - yₖ fₖ)²``.

    ``∂L/∂fₖ = -2/K yₖ max(0, 1 - yₖ fₖ)``.

    Args:
        y_true: Labels -1 and 1, or 0 and 1 (converted where no other occurs), shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> squared_hinge([[1.0], [-1.0], [1.0]], [[0.5], [0.5], [2.0]]).tolist()
        [0.25, 2.25, 0.0]
    """
    return unreduced(SquaredHinge, y_true, y_pred)


@registry.register("hinge")
class Hinge(InPlaceLoss):
    """Hinge loss over a batch, see ``hinge``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(Hinge()([[1.0], [-1.0]], [[0.5], [0.5]]))
        1.0
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        labels, margins = _labels_and_margins(xp, y_true, y_pred)
        xp.multiply(labels, margins > 0, out=gradient)
        gradient /= -y_pred.shape[-1]
        return row_sum(xp, margins) / y_pred.shape[-1]

    def check_targets(self, y: Array, output_shape: Sequence[int | None]) -> None:
        super().check_targets(y, output_shape)
        _check_labels(type(self).__name__, y)


@registry.register("squared_hinge")
class SquaredHinge(Hinge):
    """Squared hinge loss over a batch, see ``squared_hinge``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(SquaredHinge()([[1.0], [-1.0]], [[0.5], [0.5]]))
        1.25
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        labels, margins = _labels_and_margins(xp, y_true, y_pred)
        xp.multiply(labels, margins, out=gradient)
        gradient *= -2 / y_pred.shape[-1]
        return row_dot(xp, margins, margins) / y_pred.shape[-1]


def _labels_and_margins(xp: Any, y_true: Array, y_pred: Array) -> tuple[Array, Array]:
    """Return the labels as -1 and 1, and how far each prediction reaches into the margin."""
    binary = ((y_true == 0) | (y_true == 1)).all()  # stays on the device: no branch of the host depends on it
    labels = y_true + binary * (y_true - 1)
    margins = labels * y_pred
    xp.subtract(1, margins, out=margins)
    return labels, xp.maximum(margins, 0, out=margins)


def _check_labels(owner: str, y: Array) -> None:
    xp = backend_of(y).xp
    labels = y.astype("float32")
    negative, zero = labels == -1, labels == 0
    strange = ~(negative | zero | (labels == 1))
    if bool(strange.any()):
        raise ValueError(f"{owner}: expected labels -1 and 1, or 0 and 1, got {float(y[strange][0]):g}.")
    if bool(xp.any(negative) & xp.any(zero)):
        raise ValueError(f"{owner}: expected labels -1 and 1, or 0 and 1, got both -1 and 0.")
