"""The polynomial in the tail of the normal distribution, which arrays and kernels compute with."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

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
def polynomial(itemsize: int) -> list[float]:
    """Return the coefficients of ``p`` in ``Φ(-z) = e^(-z²/2) · p(t) / (z + 6)``, ``t = (z - 6) / (z + 6)``, the highest first.

    Args:
        itemsize: The bytes of a number: what is too small for float32 to tell is left out for it.
    """
    terms = SINGLE if itemsize <= 4 else len(COEFFICIENTS)
    powers: list[float] = np.polynomial.chebyshev.cheb2poly(COEFFICIENTS[:terms]).tolist()
    return powers[::-1]
