"""What the losses here are made of: value and gradient from one formula, written in place."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import config
from ..backend import Array, backend_of
from .base import Loss


class InPlaceLoss(Loss):
    """A loss that computes value and gradient together.

    A subclass writes ``values_and_gradient`` for float arrays of equal shape, with functions that NumPy and CuPy
    share; ``call`` and ``gradient`` follow from it.

    Args:
        reduction, name, dtype: See ``Loss``.
    """

    def __init__(
        self, reduction: str | None = "sum_over_batch_size", name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        raise NotImplementedError

    def call(self, y_true: Array, y_pred: Array) -> Array:
        xp = backend_of(y_pred).xp
        return self.values_and_gradient(xp, y_true, y_pred, xp.empty_like(y_pred))

    def gradient(self, y_true: Any, y_pred: Any) -> Array:
        xp = backend_of(y_pred).xp
        shape = np.shape(y_pred)
        y_true, y_pred = self.prepare(xp, y_true, y_pred)
        gradient = xp.empty_like(y_pred)
        with np.errstate(all="ignore"):
            self.values_and_gradient(xp, y_true, y_pred, gradient)
        return gradient.reshape(shape)

    def prepare(self, xp: Any, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_true, y_pred = super().prepare(xp, y_true, y_pred)
        if y_true.shape != y_pred.shape or y_pred.ndim == 0:
            raise ValueError(
                f"{type(self).__name__}: y_true and y_pred must have the same shape, of at least one axis, "
                f"got {y_true.shape} and {y_pred.shape}."
            )
        return y_true, y_pred


def unreduced(kind: type[InPlaceLoss], y_true: Any, y_pred: Any, **options: Any) -> Array:
    """Return the values of a loss for each sample, computed in the float type of ``y_pred``."""
    y_pred = backend_of(y_pred).xp.asarray(y_pred)
    dtype = y_pred.dtype if y_pred.dtype.kind == "f" else config.floatx()
    return kind(**options, reduction=None, dtype=dtype)(y_true, y_pred)


def row_sum(xp: Any, a: Array) -> Array:
    """Return the sum over the last axis; ``einsum`` is several times as fast as ``sum`` where that axis is short."""
    return xp.einsum("...i->...", a)


def row_dot(xp: Any, a: Array, b: Array) -> Array:
    """Return the scalar products along the last axis, without an array of the products."""
    return xp.einsum("...i,...i->...", a, b)
