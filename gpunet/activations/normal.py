"""The normal distribution, which the exact gelu needs: NumPy has no error function."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from ..backend import Array

# Chebyshev coefficients of (z + 6) e^(z²/2) Φ(-z), z ≥ 0, in t = (z - 6) / (z + 6), computed with 60 digits.
COEFFICIENTS = (
    1.1885551357280921,
    -1.1247744377914128,
    0.4580872364352149,
    -0.1619966431447843,
    0.04977914984243332,
    -0.013202158112372913,
    0.002972693903046764,
    -0.0005493932256644861,
    7.719199847770609e-05,
    -6.398266924780995e-06,
    -2.468175387784549e-07,
    1.7166464014024252e-07,
    -2.1510557939248568e-08,
    -8.735773055032142e-10,
    6.328339834519674e-10,
    -5.1607372176075376e-11,
    -1.140753034602151e-11,
    2.5012605298429487e-12,
    1.2039777360484017e-13,
    -8.362065538801796e-14,
    1.6112591936856724e-15,
    2.584016660658771e-15,
    -1.719152980370788e-16,
    -8.1142199085853e-17,
)
SINGLE = 12  # coefficients that float32 can tell from zero


@lru_cache(maxsize=2)
def _polynomial(terms: int) -> list[float]:
    powers: list[float] = np.polynomial.chebyshev.cheb2poly(COEFFICIENTS[:terms]).tolist()
    return powers[::-1]


def normal_distribution(xp: Any, x: Any) -> tuple[Array, Array]:
    """Return ``Φ(x) = (1 + erf(x / √2)) / 2`` and its density ``φ(x) = e^(-x²/2) / √(2π)``.

    ``Φ(-z) = e^(-z²/2) · p(t) / (z + 6)`` for ``z ≥ 0`` with a polynomial ``p``, and ``Φ(z) = 1 - Φ(-z)``: a few
    units in the last place for every ``x`` with ``Φ(x) > 1e-307`` (float32: ``> 1e-38``).

    Args:
        xp: NumPy or CuPy.
        x: Numbers of at least one axis.

    Source: Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x) exp(x²) erfc(x)", Mathematics of
    Computation 36, 1981, for the form; the exponential in two factors from Cody, "Rational Chebyshev approximations for the error
    function", Mathematics of Computation 23, 1969.

    Example:
        >>> cdf, density = normal_distribution(np, np.array([0.0, 1.0]))
        >>> cdf.round(12).tolist(), density.round(12).tolist()
        ([0.5, 0.841344746069], [0.398942280401, 0.241970724519])
    """
    z = xp.minimum(xp.abs(x), 40)  # beyond, Φ(-z) is 0 in float64, too
    head = xp.rint(z * 16)
    head /= 16  # its square is exact
    density = xp.exp(head * head / -2)
    density *= xp.exp((head - z) * (head + z) / 2)
    t = (z - 6) / (z + 6)
    leading, *others = _polynomial(SINGLE if z.dtype.itemsize <= 4 else len(COEFFICIENTS))
    cdf = xp.full_like(t, leading)
    for coefficient in others:
        cdf *= t
        cdf += coefficient
    cdf /= z + 6
    cdf *= density
    positive = x > 0
    cdf *= 1 - xp.multiply(positive, 2, dtype=cdf.dtype)
    cdf += positive
    density *= 1 / math.sqrt(2 * math.pi)
    return cdf, density
