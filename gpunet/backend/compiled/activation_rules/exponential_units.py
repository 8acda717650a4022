"""Exponential linear units."""

from __future__ import annotations

from numba.extending import register_jitable

from ..functions import exponential_less_1

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@register_jitable
def elu(z, alpha, b, c):
    """z above 0, else alpha (e^z - 1)."""
    return z if z > 0 else alpha * exponential_less_1(z)


@register_jitable
def elu_slope(y, alpha, b, c):
    """1 above 0, else y + alpha."""
    return type(y)(1) if y > 0 else alpha + y


@register_jitable
def selu(z, a, b, c):
    """The scaled ELU."""
    return type(z)(SELU_SCALE) * elu(z, type(z)(SELU_ALPHA), b, c)


@register_jitable
def selu_slope(y, a, b, c):
    """Its derivative from the output."""
    return type(y)(SELU_SCALE) if y > 0 else type(y)(SELU_SCALE * SELU_ALPHA) + y


@register_jitable
def celu(z, alpha, b, c):
    """z above 0, else alpha (e^(z / alpha) - 1)."""
    return z if z > 0 else alpha * exponential_less_1(z / alpha)


@register_jitable
def celu_slope(y, alpha, b, c):
    """1 above 0, else y / alpha + 1."""
    return type(y)(1) if y > 0 else y / alpha + type(y)(1)
