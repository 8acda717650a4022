"""Shrinking functions: small inputs become 0."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .base import Activation, register


class HardShrink(Activation):
    """``g(z) = z`` for ``|z| > threshold``, else ``0``; ``g'(z) = 1`` or ``0``.

    Args:
        threshold: At least 0.

    Raises:
        ValueError: A negative threshold.

    Example:
        >>> hard_shrink([-2.0, 0.5]).tolist(), hard_shrink.derivative([-2.0, 0.5]).tolist()
        ([-2.0, 0.0], [1.0, 0.0])
    """

    name = "hard_shrink"

    def __init__(self, threshold: float = 0.5) -> None:
        if not threshold >= 0:
            raise ValueError(f"{self.name}: expected a threshold >= 0, got {threshold}.")
        self.threshold = threshold

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.multiply(x, xp.abs(x) > self.threshold, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        xp.multiply(gradient, y != 0, out=out)


class SoftShrink(HardShrink):
    """``g(z) = z ∓ threshold`` for ``±z > threshold``, else ``0``; ``g'(z) = 1`` or ``0``.

    Args:
        threshold: At least 0.

    Example:
        >>> soft_shrink([-2.0, 0.25, 1.0]).tolist()
        [-1.5, 0.0, 0.5]
    """

    name = "soft_shrink"

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.subtract(x, xp.clip(x, -self.threshold, self.threshold), out=out)


class TanhShrink(Activation):
    """``g(z) = z - tanh(z)``, ``g'(z) = tanh(z)²``.

    Example:
        >>> tanh_shrink([0.0, 1.0]).round(6).tolist()
        [0.0, 0.238406]
    """

    name = "tanh_shrink"
    needs_input = True

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.subtract(x, xp.tanh(x), out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = xp.tanh(x)
        factor *= factor
        xp.multiply(gradient, factor, out=out)


hard_shrink = register(HardShrink)
soft_shrink = register(SoftShrink)
tanh_shrink = register(TanhShrink)
