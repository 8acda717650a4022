"""Functions with two finite limits: sigmoid, tanh and their cheaper relatives."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .base import Activation, register


class Sigmoid(Activation):
    """Logistic function, ``g(z) = 1 / (1 + e^-z)``, ``g'(z) = g(z) (1 - g(z))``.

    The denominator is exact in both tails; where ``e^-z`` overflows, its reciprocal is the right 0.

    Example:
        >>> sigmoid([-1e4, 0.0, 1e4]).tolist(), sigmoid.derivative(0.0).tolist()
        ([0.0, 0.5, 1.0], 0.25)
    """

    name = "sigmoid"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.negative(x, out=out)
        xp.exp(out, out=out)
        out += 1
        xp.divide(1, out, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = 1 - y
        factor *= y
        xp.multiply(gradient, factor, out=out)


class Tanh(Activation):
    """Hyperbolic tangent, ``g(z) = (e^z - e^-z) / (e^z + e^-z)``, ``g'(z) = 1 - g(z)²``.

    Example:
        >>> tanh([-1e4, 0.0]).tolist(), tanh.derivative([-1e4, 0.0]).tolist()
        ([-1.0, 0.0], [0.0, 1.0])
    """

    name = "tanh"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.tanh(x, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = y * y
        xp.subtract(1, factor, out=factor)
        xp.multiply(gradient, factor, out=out)


class Softsign(Activation):
    """``g(z) = z / (1 + |z|)``, ``g'(z) = (1 - |g(z)|)²``.

    Example:
        >>> softsign([-3.0, 1.0]).tolist(), softsign.derivative([-3.0, 1.0]).tolist()
        ([-0.75, 0.5], [0.0625, 0.25])
    """

    name = "softsign"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        denominator = xp.abs(x)
        denominator += 1
        xp.divide(x, denominator, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = xp.abs(y)
        xp.subtract(1, factor, out=factor)
        factor *= factor
        xp.multiply(gradient, factor, out=out)


class HardSigmoid(Activation):
    """Piecewise linear sigmoid, ``g(z) = min(1, max(0, z / 6 + 1/2))``, ``g'(z) = 1/6`` for ``|z| < 3``, else ``0``.

    Example:
        >>> hard_sigmoid([-3.0, 0.0, 4.5]).tolist(), hard_sigmoid.derivative([4.5]).tolist()
        ([0.0, 0.5, 1.0], [0.0])
    """

    name = "hard_sigmoid"
    slope = 1 / 6

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.multiply(x, self.slope, out=out)
        out += 0.5
        xp.clip(out, 0, 1, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        xp.multiply(gradient, (y > 0) & (y < 1), out=out)
        out *= self.slope


class SparseSigmoid(HardSigmoid):
    """Piecewise linear sigmoid, ``g(z) = min(1, max(0, (z + 1) / 2))``, ``g'(z) = 1/2`` for ``|z| < 1``, else ``0``.

    Example:
        >>> sparse_sigmoid([-1.0, 0.5, 4.5]).tolist()
        [0.0, 0.75, 1.0]
    """

    name = "sparse_sigmoid"
    slope = 1 / 2


class HardTanh(Activation):
    """Piecewise linear tanh, ``g(z) = min(1, max(-1, z))``, ``g'(z) = 1`` for ``|z| < 1``, else ``0``.

    Example:
        >>> hard_tanh([-3.0, 0.5]).tolist(), hard_tanh.derivative([-3.0, 0.5]).tolist()
        ([-1.0, 0.5], [0.0, 1.0])
    """

    name = "hard_tanh"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.clip(x, -1, 1, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        xp.multiply(gradient, xp.abs(y) < 1, out=out)


sigmoid = register(Sigmoid)
tanh = register(Tanh)
softsign = register(Softsign)
hard_sigmoid = register(HardSigmoid)
sparse_sigmoid = register(SparseSigmoid)
hard_tanh = register(HardTanh)
