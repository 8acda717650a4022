"""Exponentials and logarithms that are compiled into loops over several elements at once, which a library's can't be.

Each is accurate to two or three units in the last place. NaN stays NaN.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic, overload, register_jitable


class Format(NamedTuple):
    """What the functions need to know about a floating-point format."""

    real: Any
    whole: Any  # an integer of the same size
    fraction: int  # bits
    bias: int  # of the exponent
    high: float  # high + low = ln 2; high has so few bits that its product with an exponent is exact
    low: float
    degree: int  # of the series whose rest is below half a unit in the last place
    range: tuple[float, float]  # where e^x is neither 0 nor infinite
    terms: int  # of the series of the logarithm, likewise

    @property
    def magic(self) -> float:
        """Added to a number, it leaves its whole part in the lowest bits."""
        return 1.5 * 2.0**self.fraction


FORMATS = {
    types.float32: Format(
        np.float32, np.int32, 23, 127, 0.693359375, -2.12194440054690583e-4, 7, (-104.0, 89.0), 7
    ),
    types.float64: Format(
        np.float64, np.int64, 52, 1023, 0.6931471803691238, 1.9082149292705877e-10, 13, (-746.0, 710.0), 16
    ),
}


@intrinsic
def _bits(typing_context: Any, x: Any) -> Any:
    """Return the bits of a float as an integer, or the other way round."""
    pairs = {types.float32: types.int32, types.float64: types.int64}
    result = (pairs | {whole: real for real, whole in pairs.items()})[x]

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.bitcast(values[0], context.get_value_type(result))

    return result(x), generate


@register_jitable(forceinline=True)
def polynomial(coefficients, x):
    """Return a polynomial of a dozen coefficients, the highest first: loops over many more aren't unrolled."""
    value = coefficients[0]
    for coefficient in coefficients[1:]:
        value = value * x + coefficient
    return value


def _reduced(x: Any, less: Any) -> Any:
    """Return ``e^r - 1`` and two powers of 2, so that ``e^(x - less) = e^r · p · q`` with ``|r| ≤ ln 2 / 2 + |less|``."""
    raise NotImplementedError


@overload(_reduced)
def _compile_reduced(x, less):
    form = FORMATS[x]
    real, whole, fraction, bias = form.real, form.whole, form.fraction, form.whole(form.bias)
    log2_e, high, low, magic = (real(c) for c in (1 / math.log(2), form.high, form.low, form.magic))
    least, most = (real(limit) for limit in form.range)
    series = tuple(real(1 / math.factorial(n)) for n in range(form.degree, 1, -1))

    def reduced(x, less):
        x = least if x < least else most if x > most else x
        shifted = x * log2_e + magic
        exponent = _bits(shifted) - _bits(magic)
        steps = shifted - magic
        r = x - steps * high - steps * low - less
        tail = polynomial(series, r)
        half = exponent >> 1  # 2^exponent itself may be out of range
        p = _bits(whole((half + bias) << fraction))
        q = _bits(whole((exponent - half + bias) << fraction))
        return tail * r * r + r, p, q

    return reduced


@register_jitable
def exponential(x):
    """Return ``e^x``."""
    return exponential_of_difference(x, type(x)(0))


@register_jitable
def exponential_of_difference(x, less):
    """Return ``e^(x - less)`` for ``|less| ≤ 0.08``, with the digits that the difference would lose."""
    rest, p, q = _reduced(x, less)
    return (rest * p + p) * q


@register_jitable
def exponential_less_1(x):
    """Return ``e^x - 1``, accurately near 0."""
    rest, p, q = _reduced(x, type(x)(0))
    return (rest * p + (p - type(x)(1) / q)) * q


def logarithm_of_1_plus(x: Any) -> Any:
    """Return ``log(1 + x)`` for ``0 ≤ x ≤ 1``, as ``2 artanh(s)`` with ``s = x / (2 + x) ≤ 1/3``."""
    raise NotImplementedError


@overload(logarithm_of_1_plus)
def _compile_logarithm(x):
    real = FORMATS[x].real
    series = tuple(real(2 / (2 * n + 1)) for n in range(FORMATS[x].terms - 1, 0, -1))

    def logarithm(x):
        s = x / (x + real(2))
        square = s * s
        return polynomial(series, square) * square * s + (s + s)

    return logarithm
