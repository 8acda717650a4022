"""Activations and their slopes for one element, which kernels compile into their loops."""

from __future__ import annotations

from numba.extending import register_jitable

from .functions import exponential, exponential_less_1

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

# Functions take z and the options of the class; slopes take y = g(z), or z where the class needs its input.


@register_jitable
def linear(z, a, b, c):
    """g(z) = z."""
    return z


@register_jitable
def linear_slope(y, a, b, c):
    """g'(z) = 1."""
    return type(y)(1)


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
    return slope * z if z <= 0 else z


@register_jitable
def leaky_relu_slope(y, slope, b, c):
    """1 above 0, else the slope."""
    return type(y)(1) if y > 0 else slope if y <= 0 else type(y)(0)


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
    limit = type(z)(20)  # beyond it the result is 1, and must not become infinity / infinity
    clipped = limit if z > limit else -limit if z < -limit else z
    power = exponential_less_1(clipped + clipped)
    return power / (power + type(z)(2))


@register_jitable
def tanh_slope(y, a, b, c):
    """1 - y²."""
    return type(y)(1) - y * y


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
def silu(z, a, b, c):
    """z / (1 + e^-z)."""
    return z / (type(z)(1) + exponential(-z))


@register_jitable
def silu_slope(z, a, b, c):
    """Its derivative from the input."""
    gate = sigmoid(z, a, b, c)
    return ((type(z)(1) - gate) * z + type(z)(1)) * gate
