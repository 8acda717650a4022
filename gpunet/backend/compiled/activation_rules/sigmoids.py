"""Functions with two finite limits."""

from __future__ import annotations

from numba.extending import register_jitable

from ..elements import clip
from ..functions import exponential, exponential_less_1


@register_jitable
def sigmoid(z, a, b, c):
    """1 / (1 + e^-z)."""
    return type(z)(1) / (type(z)(1) + exponential(-z))


@register_jitable
def sigmoid_slope(y, a, b, c):
    """y (1 - y)."""
    return (type(y)(1) - y) * y


@register_jitable
def tanh(z, a, b, c):
    """(e^2z - 1) / (e^2z + 1)."""
    clipped = clip(z, type(z)(-20), type(z)(20))  # beyond, it is 1, and must not become infinity / infinity
    power = exponential_less_1(clipped + clipped)
    return power / (power + type(z)(2))


@register_jitable
def tanh_slope(y, a, b, c):
    """1 - y²."""
    return type(y)(1) - y * y


@register_jitable
def softsign(z, a, b, c):
    """z / (1 + |z|)."""
    return z / (type(z)(1) + abs(z))


@register_jitable
def softsign_slope(y, a, b, c):
    """(1 - |y|)²."""
    rest = type(y)(1) - abs(y)
    return rest * rest


@register_jitable
def hard_sigmoid(z, a, b, c):
    """z / 6 + 1/2 within 0 and 1; divided, because a product and a sum that are rounded once aren't 0 at -3."""
    return clip(z / type(z)(6) + type(z)(0.5), type(z)(0), type(z)(1))


@register_jitable
def hard_sigmoid_slope(y, a, b, c):
    """1/6 between the limits, else 0."""
    return type(y)(1 / 6) if y > 0 and y < 1 else type(y)(0)


@register_jitable
def sparse_sigmoid(z, a, b, c):
    """(z + 1) / 2 within 0 and 1."""
    return clip(z * type(z)(0.5) + type(z)(0.5), type(z)(0), type(z)(1))


@register_jitable
def sparse_sigmoid_slope(y, a, b, c):
    """1/2 between the limits, else 0."""
    return type(y)(0.5) if y > 0 and y < 1 else type(y)(0)


@register_jitable
def hard_tanh(z, a, b, c):
    """z within -1 and 1."""
    return clip(z, type(z)(-1), type(z)(1))


@register_jitable
def hard_tanh_slope(y, a, b, c):
    """1 between the limits, else 0."""
    return type(y)(1) if abs(y) < 1 else type(y)(0)
