"""Gated units ``g(z) = z · gate(z)``: the input times a function that rises from 0 to 1. All derivatives need the input."""

from __future__ import annotations

import math
from typing import Any

from ..backend import Array
from .base import Activation, register
from .normal import normal_distribution


class SiLU(Activation):
    """Sigmoid linear unit (swish), ``g(z) = z · σ(z)``, ``g'(z) = σ(z) (1 + z (1 - σ(z)))``.

    Source: Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units", 2017.

    Example:
        >>> silu([-1e4, 0.0, 1e4]).tolist(), silu.derivative(0.0).tolist()
        ([-0.0, 0.0, 10000.0], 0.5)
    """

    name = "silu"
    needs_input = True

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.divide(x, _one_plus_exponential(xp, -x), out=out)

    def backward_into(self, xp: Any, x: Any, y: Array, gradient: Array, out: Array) -> None:
        gate = 1 / _one_plus_exponential(xp, -x)
        factor = 1 - gate
        factor *= x
        factor += 1
        factor *= gate
        xp.multiply(gradient, factor, out=out)


class GELU(Activation):
    """Gaussian error linear unit, ``g(z) = z · Φ(z)``, ``g'(z) = Φ(z) + z · φ(z)`` with the normal distribution Φ.

    Args:
        approximate: Use ``Φ(z) ≈ (1 + tanh(√(2/π) (z + 0.044715 z³))) / 2``.

    Source: Hendrycks and Gimpel, "Gaussian error linear units", 2016.

    Example:
        >>> gelu([-1.0, 1.0]).round(6).tolist()
        [-0.158655, 0.841345]
        >>> gelu([-1.0, 1.0], approximate=True).round(6).tolist()
        [-0.158808, 0.841192]
    """

    name = "gelu"
    needs_input = True

    def __init__(self, approximate: bool = False) -> None:
        self.approximate = approximate

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        gate = self._approximate_gate(xp, x)[0] if self.approximate else normal_distribution(xp, x)[0]
        xp.multiply(x, gate, out=out)

    def backward_into(self, xp: Any, x: Any, y: Array, gradient: Array, out: Array) -> None:
        gate, density = self._approximate_gate(xp, x) if self.approximate else normal_distribution(xp, x)
        density *= x
        density += gate
        xp.multiply(gradient, density, out=out)

    @staticmethod
    def _approximate_gate(xp: Any, x: Any) -> tuple[Array, Array]:
        """Return the gate, as ``σ(2u) = (1 + tanh u) / 2``, and its derivative ``2u' · gate · (1 - gate)``."""
        square = xp.minimum(xp.abs(x), 40)  # beyond, the gate is 0 or 1 and the square must not overflow
        square *= square
        scale = 2 * math.sqrt(2 / math.pi)
        gate = 1 / _one_plus_exponential(xp, -scale * x * (1 + 0.044715 * square))
        density = gate * (1 - gate)
        density *= scale * (1 + 3 * 0.044715 * square)
        return gate, density


class HardSiLU(Activation):
    """Hard swish, ``g(z) = z · min(1, max(0, z / 6 + 1/2))``.

    Source: Howard et al., "Searching for MobileNetV3", ICCV 2019.

    Example:
        >>> hard_silu([-4.0, 1.5, 4.0]).tolist(), hard_silu.derivative([-4.0, 1.5, 4.0]).tolist()
        ([-0.0, 1.125, 4.0], [0.0, 1.0, 1.0])
    """

    name = "hard_silu"
    needs_input = True

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.multiply(x, xp.clip(x / 6 + 0.5, 0, 1), out=out)

    def backward_into(self, xp: Any, x: Any, y: Array, gradient: Array, out: Array) -> None:
        factor = xp.clip(x / 6 + 0.5, 0, 1)
        factor += x / 6 * (xp.abs(x) < 3)
        xp.multiply(gradient, factor, out=out)


class Mish(Activation):
    """``g(z) = z · tanh(softplus(z))``.

    With ``t = e^z`` and ``n = t (t + 2)``: ``tanh(softplus(z)) = n / (n + 2)``, its derivative
    ``4 t (t + 1) / (n + 2)²``.

    Source: Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.

    Example:
        >>> mish([-1.0, 1e4]).round(6).tolist()
        [-0.303401, 10000.0]
    """

    name = "mish"
    needs_input = True

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        exponential = self._exponential(xp, x)
        product = exponential * (exponential + 2)
        xp.multiply(x, product / (product + 2), out=out)

    def backward_into(self, xp: Any, x: Any, y: Array, gradient: Array, out: Array) -> None:
        exponential = self._exponential(xp, x)
        product = exponential * (exponential + 2)
        factor = 4 * exponential * (exponential + 1) / (product + 2) ** 2
        factor *= x
        factor += product / (product + 2)
        xp.multiply(gradient, factor, out=out)

    @staticmethod
    def _exponential(xp: Any, x: Any) -> Array:
        return xp.exp(xp.minimum(x, 20))  # beyond, the gate is 1 in float64, too


def _one_plus_exponential(xp: Any, exponent: Array) -> Array:
    xp.exp(exponent, out=exponent)
    exponent += 1
    return exponent


silu = register(SiLU, "swish")
gelu = register(GELU)
hard_silu = register(HardSiLU, "hard_swish")
mish = register(Mish)
