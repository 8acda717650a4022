"""Smooth rectifiers: softplus and its relatives. Each derivative follows from the output."""

from __future__ import annotations

import math
from typing import Any

from ..backend import Array
from .base import Activation, register


class Softplus(Activation):
    """``g(z) = log(1 + e^z)``, ``g'(z) = sigmoid(z) = 1 - e^-g(z)``; computed as ``max(0, z) + log(1 + e^-|z|)``.

    Example:
        >>> softplus([-1e4, 1e4]).tolist(), softplus.derivative([-1e4, 1e4]).tolist()
        ([0.0, 10000.0], [0.0, 1.0])
    """

    name = "softplus"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        rest = xp.abs(x)
        xp.negative(rest, out=rest)
        xp.exp(rest, out=rest)
        xp.log1p(rest, out=rest)
        xp.maximum(x, 0, out=out)
        out += rest

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = xp.expm1(-y)
        xp.negative(factor, out=factor)
        xp.multiply(gradient, factor, out=out)


class LogSigmoid(Softplus):
    """``g(z) = log(sigmoid(z)) = -softplus(-z)``, ``g'(z) = sigmoid(-z) = 1 - e^g(z)``.

    Example:
        >>> log_sigmoid([-1e4, 1e4]).tolist()
        [-10000.0, -0.0]
    """

    name = "log_sigmoid"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.negative(x, out=out)
        super().forward_into(xp, out, out)
        xp.negative(out, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        super().backward_into(xp, x, -y, gradient, out)


class Squareplus(Activation):
    """``g(z) = (z + √(z² + b)) / 2``, ``g'(z) = g(z)² / (g(z)² + b/4)``.

    For ``z < 0`` the equal ``b/4 / g(-z)`` is used, which loses no digits.

    Args:
        b: The curvature: ``g(0) = √b / 2``; above 0.

    Raises:
        ValueError: ``b`` is not positive.

    Source: Barron, "Squareplus: a softplus-like algebraic rectifier", 2021.

    Example:
        >>> squareplus([-1.5, 0.0, 1.5]).tolist()
        [0.5, 1.0, 2.0]
    """

    name = "squareplus"

    def __init__(self, b: float = 4) -> None:
        if not b > 0:
            raise ValueError(f"squareplus: expected b > 0, got {b}.")
        self.b = b

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        size = xp.abs(x)
        larger = xp.hypot(size, math.sqrt(self.b))
        larger += size
        larger /= 2
        out[...] = xp.where(x < 0, self.b / 4 / larger, larger)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = math.sqrt(self.b) / 2 / y
        factor *= factor
        factor += 1
        xp.divide(gradient, factor, out=out)


class SparsePlus(Activation):
    """``g(z) = 0`` for ``z ≤ -1``, ``(z + 1)² / 4`` for ``|z| < 1``, ``z`` for ``z ≥ 1``; ``g'(z) = sparse_sigmoid(z)``.

    Example:
        >>> sparse_plus([-2.0, 0.0, 3.0]).tolist(), sparse_plus.derivative([-2.0, 0.0, 3.0]).tolist()
        ([0.0, 0.25, 3.0], [0.0, 0.5, 1.0])
    """

    name = "sparse_plus"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        bend = xp.clip(x, -1, 1)
        bend += 1
        bend *= bend
        bend /= 4
        xp.maximum(x, 1, out=out)
        out -= 1
        out += bend

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = xp.minimum(y, 1)
        xp.sqrt(factor, out=factor)
        xp.multiply(gradient, factor, out=out)


softplus = register(Softplus)
log_sigmoid = register(LogSigmoid)
squareplus = register(Squareplus)
sparse_plus = register(SparsePlus)
