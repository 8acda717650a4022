"""The normal distribution for one element, which kernels compile into their loops."""

from __future__ import annotations

import math
from typing import Any

from numba.extending import overload

from .. import normal
from .functions import FORMATS, exponential_of_difference, polynomial

STEPS = 256  # of 1; a multiple of 1 / 256 up to the limit has a square that is exact in float32, too


def normal_tail(z: Any) -> Any:
    """Return ``Φ(-z)`` and ``e^(-z²/2)`` for ``z ≥ 0``, a few units in the last place off; see ``activations.normal``."""
    raise NotImplementedError


@overload(normal_tail, jit_options={"forceinline": True})
def _compile_normal_tail(z):
    form = FORMATS[z]
    real = form.real
    magic, limit = real(form.magic / STEPS), real(math.sqrt(-2 * form.range[0]))  # beyond it both are 0
    series = tuple(real(coefficient) for coefficient in normal.polynomial(real().itemsize))
    odd, even = series[::2], series[1::2]  # powers

    def tail(z):
        z = limit if z > limit else z
        head = (z + magic) - magic
        power = exponential_of_difference(head * head * real(-0.5), (z - head) * (z + head) * real(0.5))
        inverse = real(1) / (z + real(6))
        t = real(1) - inverse * real(12)
        value = polynomial(odd, t * t) * t + polynomial(even, t * t)
        return value * inverse * power, power

    return tail
