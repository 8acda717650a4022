"""Gated units: the input times a function that rises from 0 to 1."""

from __future__ import annotations

import math

from numba.extending import register_jitable

from ..elements import clip
from ..functions import exponential
from ..normal import normal_tail
from .sigmoids import sigmoid

GELU_SCALE, GELU_CUBIC = 2 * math.sqrt(2 / math.pi), 0.044715
DENSITY = 1 / math.sqrt(2 * math.pi)


@register_jitable
def silu(z, a, b, c):
    """z / (1 + e^-z)."""
    return z / (type(z)(1) + exponential(-z))


@register_jitable
def silu_slope(z, a, b, c):
    """Its derivative from the input."""
    gate = sigmoid(z, a, b, c)
    return ((type(z)(1) - gate) * z + type(z)(1)) * gate


# What is too long for the compiler to inline unasked would be called for each element.


@register_jitable(forceinline=True)
def _normal_gate(z):
    """Return Φ(z) and its derivative."""
    tail, power = normal_tail(abs(z))
    return type(z)(1) - tail if z > 0 else tail, power * type(z)(DENSITY)


@register_jitable(forceinline=True)
def _approximate_gate(z):
    """Return σ(u) for an odd polynomial u of the third degree, and its derivative."""
    real = type(z)
    size = clip(z, real(-40), real(40))  # beyond, the gate is 0 or 1 and the square must not overflow
    square = size * size
    gate = real(1) / (real(1) + exponential(-real(GELU_SCALE) * z * (real(1) + real(GELU_CUBIC) * square)))
    return gate, (real(1) - gate) * gate * (real(GELU_SCALE) * (real(1) + real(3 * GELU_CUBIC) * square))


@register_jitable(forceinline=True)
def gelu(z, a, b, c):
    """z Φ(z)."""
    return z * _normal_gate(z)[0]


@register_jitable(forceinline=True)
def gelu_slope(z, a, b, c):
    """Φ(z) + z φ(z)."""
    gate, density = _normal_gate(z)
    return density * z + gate


@register_jitable(forceinline=True)
def approximate_gelu(z, a, b, c):
    """z times the approximate gate."""
    return z * _approximate_gate(z)[0]


@register_jitable(forceinline=True)
def approximate_gelu_slope(z, a, b, c):
    """The gate + z times its derivative."""
    gate, density = _approximate_gate(z)
    return density * z + gate


@register_jitable
def hard_silu(z, a, b, c):
    """z times the hard sigmoid."""
    return z * clip(z / type(z)(6) + type(z)(0.5), type(z)(0), type(z)(1))


@register_jitable
def hard_silu_slope(z, a, b, c):
    """The hard sigmoid, and z / 6 between its limits."""
    sixth = z / type(z)(6)
    inside = type(z)(1) if abs(z) < 3 else type(z)(0)
    return clip(sixth + type(z)(0.5), type(z)(0), type(z)(1)) + sixth * inside


@register_jitable
def _mish_gate(z):
    """Return t = e^z, n = t (t + 2) and 1 / (n + 2): the gate is n / (n + 2)."""
    t = exponential(type(z)(20) if z > 20 else z)  # beyond, the gate is 1 in float64, too
    n = t * (t + type(z)(2))
    return t, n, type(z)(1) / (n + type(z)(2))


@register_jitable
def mish(z, a, b, c):
    """z tanh(softplus(z))."""
    _, n, inverse = _mish_gate(z)
    return z * (n * inverse)


@register_jitable
def mish_slope(z, a, b, c):
    """The gate + z · 4 t (t + 1) / (n + 2)²."""
    t, n, inverse = _mish_gate(z)
    return type(z)(4) * t * inverse * ((t + type(z)(1)) * inverse) * z + n * inverse
