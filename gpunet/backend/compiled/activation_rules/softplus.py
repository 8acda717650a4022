"""Smooth rectifiers."""

from __future__ import annotations

import math

from numba.extending import register_jitable

from ..elements import clip
from ..functions import exponential, exponential_less_1, logarithm_of_1_plus


@register_jitable
def softplus(z, a, b, c):
    """max(0, z) + log(1 + e^-|z|)."""
    return (type(z)(0) if z < 0 else z) + logarithm_of_1_plus(exponential(-abs(z)))


@register_jitable
def softplus_slope(y, a, b, c):
    """1 - e^-y."""
    return -exponential_less_1(-y)


@register_jitable
def log_sigmoid(z, a, b, c):
    """-softplus(-z)."""
    return -softplus(-z, a, b, c)


@register_jitable
def log_sigmoid_slope(y, a, b, c):
    """1 - e^y."""
    return softplus_slope(-y, a, b, c)


@register_jitable
def squareplus(z, bend, b, c):
    """(z + √(z² + bend)) / 2, or the equal bend / 4 / g(-z) below 0; the root so that no square overflows."""
    size, root = abs(z), math.sqrt(bend)
    shorter, longer = (root, size) if size > root else (size, root)
    ratio = shorter / longer
    larger = (longer * math.sqrt(ratio * ratio + type(z)(1)) + size) * type(z)(0.5)
    return bend * type(z)(0.25) / larger if z < 0 else larger


@register_jitable
def squareplus_slope(y, bend, b, c):
    """y² / (y² + bend / 4)."""
    ratio = math.sqrt(bend) * type(y)(0.5) / y
    return type(y)(1) / (ratio * ratio + type(y)(1))


@register_jitable
def sparse_plus(z, a, b, c):
    """0 up to -1, z from 1 on, (z + 1)² / 4 between."""
    bend = clip(z, type(z)(-1), type(z)(1)) + type(z)(1)
    above = (type(z)(1) if z < 1 else z) - type(z)(1)
    return bend * bend * type(z)(0.25) + above


@register_jitable
def sparse_plus_slope(y, a, b, c):
    """√y, at most 1."""
    return math.sqrt(type(y)(1) if y > 1 else y)
