"""Functions of a whole row that make probabilities of scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend import Array
from .base import Activation, register


class Softmax(Activation):
    """``g(z)ᵢ = e^zᵢ / Σₖ e^zₖ``, ``∂gᵢ/∂zⱼ = gᵢ (δᵢⱼ - gⱼ)``; the largest score is subtracted first.

    Args:
        axis: The axis of the classes, or several that are taken together.

    Example:
        >>> softmax([1.1, 2.2, 0.2, -1.7]).round(3).tolist()
        [0.224, 0.672, 0.091, 0.014]
        >>> softmax.derivative([0.0, 0.0]).tolist()
        [[0.25, -0.25], [-0.25, 0.25]]
    """

    name = "softmax"
    elementwise = False

    def __init__(self, axis: int | Sequence[int] = -1) -> None:
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        if x.size == 0:  # an empty row has no largest score
            return
        xp.subtract(x, x.max(axis=self.axis, keepdims=True), out=out)
        xp.exp(out, out=out)
        out /= out.sum(axis=self.axis, keepdims=True)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        mean = (gradient * y).sum(axis=self.axis, keepdims=True)
        xp.subtract(gradient, mean, out=out)
        out *= y


class LogSoftmax(Softmax):
    """``g(z)ᵢ = zᵢ - log Σₖ e^zₖ``, ``∂gᵢ/∂zⱼ = δᵢⱼ - e^gⱼ``; the largest score is subtracted first.

    Args:
        axis: The axis of the classes, or several that are taken together.

    Example:
        >>> log_softmax([1e4, -1e4]).tolist()
        [0.0, -20000.0]
    """

    name = "log_softmax"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        if x.size == 0:
            return
        xp.subtract(x, x.max(axis=self.axis, keepdims=True), out=out)
        out -= xp.log(xp.exp(out).sum(axis=self.axis, keepdims=True))

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        probabilities = xp.exp(y)
        probabilities *= gradient.sum(axis=self.axis, keepdims=True)
        xp.subtract(gradient, probabilities, out=out)


class Sparsemax(Activation):
    """The probabilities nearest to the scores, ``g(z)ᵢ = max(0, zᵢ - τ)`` with ``τ`` such that they sum to 1.

    The gradient loses its mean over the classes with positive probability, and vanishes elsewhere.

    Args:
        axis: The axis of the classes.

    Source: Martins and Astudillo, "From softmax to sparsemax", ICML 2016, algorithm 1.

    Example:
        >>> sparsemax([1.0, 1.5, -3.0]).tolist()
        [0.25, 0.75, 0.0]
    """

    name = "sparsemax"
    elementwise = False

    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        if x.size == 0:
            return
        scores = xp.moveaxis(x - x.max(axis=self.axis, keepdims=True), self.axis, -1)
        scores = xp.maximum(
            scores, -1
        )  # what lies further below the largest gets 0 all the same, and can't be -inf
        falling = xp.sort(scores, axis=-1)[..., ::-1]
        ranks = xp.arange(1, falling.shape[-1] + 1, dtype=x.dtype)
        support = 1 + ranks * falling > xp.cumsum(falling, axis=-1)
        excess = (falling * support).sum(axis=-1, keepdims=True) - 1
        tau = excess / support.sum(axis=-1, keepdims=True).astype(x.dtype)
        out[...] = xp.moveaxis(xp.maximum(scores - tau, 0), -1, self.axis)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        support = (y > 0).astype(y.dtype)
        mean = (gradient * support).sum(axis=self.axis, keepdims=True)
        mean /= support.sum(axis=self.axis, keepdims=True)
        xp.subtract(gradient, mean, out=out)
        out *= support


softmax = register(Softmax)
log_softmax = register(LogSoftmax)
sparsemax = register(Sparsemax)
