"""The normal distribution, which the exact gelu needs: NumPy has no error function."""

from __future__ import annotations

import math
from typing import Any

from ..backend import Array
from ..backend.normal import polynomial


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
        >>> import numpy as np
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
    leading, *others = polynomial(z.dtype.itemsize)
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
