"""The identity and the exponential function."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .base import Activation, register


class Linear(Activation):
    """Identity, ``g(z) = z``, ``g'(z) = 1``.

    Example:
        >>> linear([-1.0, 2.0]).tolist(), linear.derivative([-1.0, 2.0]).tolist()
        ([-1.0, 2.0], [1.0, 1.0])
    """

    name = "linear"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        if out is not x:
            out[...] = x

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        if out is not gradient:
            out[...] = gradient


class Exponential(Activation):
    """Exponential function, ``g(z) = e^z``, ``g'(z) = g(z)``.

    Example:
        >>> exponential([0.0, -800.0]).tolist()
        [1.0, 0.0]
    """

    name = "exponential"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.exp(x, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        xp.multiply(gradient, y, out=out)


linear = register(Linear)
exponential = register(Exponential)
