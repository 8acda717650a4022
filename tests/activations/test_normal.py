"""The normal distribution without an error function."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gpunet.activations.normal import normal_distribution
from gpunet.backend import Backend

# Φ(-z) to 17 digits, computed with 30 digits
TAIL = {
    0.5: 0.30853753872598690,
    1.0: 0.15865525393145705,
    3.0: 0.0013498980316300945,
    6.0: 9.8658764503769814e-10,
    10.0: 7.6198530241605261e-24,
    20.0: 2.7536241186062337e-89,
    37.0: 5.7255712225245768e-300,
}


def test_tails_in_double_precision(backend: Backend) -> None:
    z = np.array(list(TAIL))
    left, density = normal_distribution(backend.xp, backend.xp.asarray(-z))
    right, _ = normal_distribution(backend.xp, backend.xp.asarray(z))
    np.testing.assert_allclose(backend.download(left), list(TAIL.values()), rtol=2e-15)
    np.testing.assert_allclose(backend.download(right), 1 - np.array(list(TAIL.values())), rtol=1e-15)
    expected = [math.exp(-v * v / 2) / math.sqrt(2 * math.pi) for v in z]
    np.testing.assert_allclose(backend.download(density), expected, rtol=2e-15)


def test_tails_in_single_precision(backend: Backend) -> None:
    z = np.array([v for v in TAIL if v <= 10], np.float32)
    left, _ = normal_distribution(backend.xp, backend.xp.asarray(-z))
    np.testing.assert_allclose(backend.download(left), [TAIL[float(v)] for v in z], rtol=1e-6)


def test_error_function_of_the_standard_library() -> None:
    """erf(u) = 2 Φ(u √2) - 1 and erfc(u) = 2 Φ(-u √2); rounding u √2 costs u² · 2⁻⁵² of erfc."""
    u = np.concatenate([np.linspace(-5, 5, 4001), np.linspace(5, 26, 1001)])
    below, _ = normal_distribution(np, -u * math.sqrt(2))
    erfc = np.array([math.erfc(v) for v in u])
    assert (abs(2 * below / erfc - 1) <= 1e-15 + (2 * u * u + 2) * 2.0**-52).all()
    above, _ = normal_distribution(np, u * math.sqrt(2))
    np.testing.assert_allclose(2 * above - 1, [math.erf(v) for v in u], rtol=0, atol=1e-15)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_limits(dtype: str) -> None:
    cdf, density = normal_distribution(np, np.array([-np.inf, -100, -0.0, 0.0, 100, np.inf], dtype))
    assert cdf[[0, 1, 4, 5]].tolist() == [0.0, 0.0, 1.0, 1.0]
    assert cdf[2:4] == pytest.approx([0.5, 0.5], rel=float(np.finfo(dtype).eps))
    assert density[[0, 1, 4, 5]].tolist() == [0.0] * 4
    assert cdf.dtype == density.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_rises(dtype: str) -> None:
    """Without a jump at 0 or between representable neighbours of a coarse grid."""
    cdf, _ = normal_distribution(np, np.linspace(-9, 9, 20001).astype(dtype))
    assert (np.diff(cdf) >= -2 * np.finfo(dtype).eps * cdf[1:]).all()
