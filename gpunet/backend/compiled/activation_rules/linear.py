"""The identity and the exponential function."""

from __future__ import annotations

from numba.extending import register_jitable

from ..functions import exponential as power


@register_jitable
def linear(z, a, b, c):
    """g(z) = z."""
    return z


@register_jitable
def linear_slope(y, a, b, c):
    """g'(z) = 1."""
    return type(y)(1)


@register_jitable
def exponential(z, a, b, c):
    """e^z."""
    return power(z)


@register_jitable
def exponential_slope(y, a, b, c):
    """y."""
    return y
