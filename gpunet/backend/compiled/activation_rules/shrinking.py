"""Shrinking functions: small inputs become 0."""

from __future__ import annotations

from numba.extending import register_jitable

from ..elements import clip
from .sigmoids import tanh


@register_jitable
def hard_shrink(z, limit, b, c):
    """z beyond ± the limit, else 0; multiplied, so that NaN stays NaN."""
    return z * (type(z)(1) if abs(z) > limit else type(z)(0))


@register_jitable
def shrink_slope(y, limit, b, c):
    """1 where something is left, else 0."""
    return type(y)(1) if y != 0 else type(y)(0)


@register_jitable
def soft_shrink(z, limit, b, c):
    """z nearer to 0 by the limit."""
    return z - clip(z, -limit, limit)


@register_jitable
def tanh_shrink(z, a, b, c):
    """z - tanh(z)."""
    return z - tanh(z, a, b, c)


@register_jitable
def tanh_shrink_slope(z, a, b, c):
    """tanh²(z)."""
    y = tanh(z, a, b, c)
    return y * y
