"""Comparisons of single elements, in which NaN stays NaN."""

from __future__ import annotations

from numba.extending import register_jitable


@register_jitable
def clip(x, low, high):
    """Return the nearest number within the limits."""
    return low if x < low else high if x > high else x


@register_jitable
def larger(a, b):
    """Return the larger of two numbers."""
    return b if a < b or b != b else a


@register_jitable
def sign(x):
    """Return 1, -1 or the zero that x is."""
    return type(x)(1) if x > 0 else type(x)(-1) if x < 0 else x
