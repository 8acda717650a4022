"""Exponential linear units: rectifiers with a smooth negative part."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .base import Activation, register, slopes


class ELU(Activation):
    """Exponential linear unit, ``g(z) = z`` for ``z > 0``, else ``alpha · (e^z - 1)``.

    ``g'(z) = 1`` for ``z > 0``, else ``g(z) + alpha``.

    Args:
        alpha: Minus the limit for ``z → -∞``, at least 0.

    Raises:
        ValueError: A negative ``alpha``.

    Source: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by exponential linear
    units", ICLR 2016.

    Example:
        >>> elu([-800.0, 2.0]).tolist(), elu.derivative([-800.0, 2.0]).tolist()
        ([-1.0, 2.0], [0.0, 1.0])
    """

    name = "elu"
    scale = 1.0

    def __init__(self, alpha: float = 1.0) -> None:
        if not alpha >= 0:
            raise ValueError(f"{self.name}: expected alpha >= 0, got {alpha}.")
        self.alpha = alpha

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        below = xp.minimum(x, 0)
        xp.expm1(below, out=below)
        below *= self.alpha * self.scale
        xp.maximum(x, 0, out=out)
        if self.scale != 1:
            out *= self.scale
        out += below

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = slopes(xp, y, self.scale, self.alpha * self.scale)
        factor += xp.minimum(y, 0)
        xp.multiply(gradient, factor, out=out)


class SELU(ELU):
    """Scaled exponential linear unit, ``g(z) = 1.0507 · elu(z, alpha=1.6733)``.

    Scale and alpha keep mean 0 and variance 1 from layer to layer (with ``lecun_normal`` weights).

    Source: Klambauer et al., "Self-normalizing neural networks", NeurIPS 2017.

    Example:
        >>> selu([-1.0, 1.0]).round(4).tolist()
        [-1.1113, 1.0507]
    """

    name = "selu"
    scale = 1.0507009873554805

    def __init__(self) -> None:
        super().__init__(alpha=1.6732632423543772)


class CELU(Activation):
    """Continuously differentiable exponential linear unit, ``g(z) = max(0, z) + alpha · (e^(min(0, z) / alpha) - 1)``.

    Args:
        alpha: Minus the limit for ``z → -∞``, above 0.

    Raises:
        ValueError: ``alpha`` is not positive.

    Source: Barron, "Continuously differentiable exponential linear units", 2017.

    Example:
        >>> celu([-800.0, 2.0], alpha=0.5).tolist()
        [-0.5, 2.0]
    """

    name = "celu"

    def __init__(self, alpha: float = 1.0) -> None:
        if not alpha > 0:
            raise ValueError(f"celu: expected alpha > 0, got {alpha}.")
        self.alpha = alpha

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        below = xp.minimum(x, 0)
        below /= self.alpha
        xp.expm1(below, out=below)
        below *= self.alpha
        xp.maximum(x, 0, out=out)
        out += below

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = xp.minimum(y, 0)
        factor /= self.alpha
        factor += 1
        xp.multiply(gradient, factor, out=out)


elu = register(ELU)
selu = register(SELU)
celu = register(CELU)
