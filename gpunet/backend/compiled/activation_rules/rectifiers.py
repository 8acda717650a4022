"""Rectifiers and the perceptron's step."""

from __future__ import annotations

import math

from numba.extending import register_jitable


@register_jitable
def relu(z, slope, limit, threshold):
    """z above the threshold, else slope · (z - threshold); at most the limit."""
    below = slope * (z - threshold) if slope != 0 else type(z)(0)
    y = below if z <= threshold else z
    return limit if y > limit else y  # without a limit it is NaN, and nothing is above that


@register_jitable
def relu_slope(y, slope, limit, threshold):
    """1 above 0, the slope below, 0 at the limit."""
    inside = type(y)(1) if y > 0 else slope if y <= 0 else type(y)(0)
    return type(y)(0) if y >= limit else inside


@register_jitable
def leaky_relu(z, slope, b, c):
    """z above 0, else slope · z."""
    return relu(z, slope, type(z)(math.nan), type(z)(0))


@register_jitable
def leaky_relu_slope(y, slope, b, c):
    """1 above 0, else the slope."""
    return relu_slope(y, slope, type(y)(math.nan), type(y)(0))


@register_jitable
def threshold(z, limit, default, c):
    """z above the limit, else the default."""
    return z if z > limit else default


@register_jitable
def threshold_slope(z, limit, default, c):
    """1 above the limit, else 0."""
    return type(z)(1) if z > limit else type(z)(0)


@register_jitable
def step(z, limit, b, c):
    """1 from the limit on, else -1."""
    return type(z)(1) if z >= limit else type(z)(-1)


@register_jitable
def step_slope(y, limit, b, c):
    """0; nobody asks for it, for the class refuses to be trained through."""
    return type(y)(0)
