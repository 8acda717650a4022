"""The functions of the compiled kernels, against NumPy's in higher precision and the standard library's."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

numba = pytest.importorskip("numba")
from gpunet.backend.compiled import functions, normal  # noqa: E402

SPECIAL = [np.nan, np.inf, -np.inf, 0.0]


def over_arrays(function: Callable[..., Any]) -> Callable[[Any], Any]:
    @numba.njit(fastmath={"contract"}, error_model="numpy")
    def loop(x, out):  # type: ignore[no-untyped-def]
        for i in range(len(x)):
            out[i] = function(x[i])

    def apply(x: Any) -> Any:
        out = np.empty_like(x)
        loop(x, out)
        return out

    return apply


def numbers(dtype: str) -> Any:
    most = 88.7 if dtype == "float32" else 709.7
    small = 10.0 ** np.linspace(-30, 0, 500)
    parts = np.linspace(-most, most, 20001), np.linspace(-1, 1, 20001), small, -small
    return np.concatenate(parts).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("function", "exact"), [(functions.exponential, np.exp), (functions.exponential_less_1, np.expm1)]
)
def test_accuracy(function: Callable[..., Any], exact: Callable[[Any], Any], dtype: str) -> None:
    x = numbers(dtype)
    expected = exact(x.astype("float64" if dtype == "float32" else np.longdouble))
    normal = np.abs(expected) >= np.finfo(dtype).tiny
    error = np.abs(over_arrays(function)(x) - expected)[normal]
    assert (error / np.spacing(np.abs(expected[normal]).astype(dtype))).max() <= 2.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_values(dtype: str) -> None:
    x = np.array([*SPECIAL, 1000.0, -1000.0], dtype)
    np.testing.assert_array_equal(
        over_arrays(functions.exponential)(x), np.array([np.nan, np.inf, 0, 1, np.inf, 0], dtype)
    )
    np.testing.assert_array_equal(
        over_arrays(functions.exponential_less_1)(x), np.array([np.nan, np.inf, -1, 0, np.inf, -1], dtype)
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_below_the_normal_numbers_results_fade(dtype: str) -> None:
    x = np.array([np.log(np.finfo(dtype).tiny) - 3], dtype)
    np.testing.assert_allclose(over_arrays(functions.exponential)(x), np.exp(x), rtol=0.01)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_logarithm_is_accurate_from_0_to_1(dtype: str) -> None:
    x = np.concatenate([np.linspace(0, 1, 20001), 10.0 ** np.linspace(-37, 0, 500)]).astype(dtype)
    expected = np.log1p(x.astype("float64" if dtype == "float32" else np.longdouble))
    error = np.abs(over_arrays(functions.logarithm_of_1_plus)(x) - expected)
    assert (error <= 2.5 * np.spacing(expected.astype(dtype))).all()
    assert np.isnan(over_arrays(functions.logarithm_of_1_plus)(np.array([np.nan], dtype))).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_exponent_in_two_parts_keeps_the_digits_of_both(dtype: str) -> None:
    generator = np.random.default_rng(1)
    x, less = (generator.uniform(-edge, edge, 20001).astype(dtype) for edge in (80, 0.08))

    @numba.njit(fastmath={"contract"})
    def loop(x, less, out):  # type: ignore[no-untyped-def]
        for i in range(len(x)):
            out[i] = functions.exponential_of_difference(x[i], less[i])

    found, precise = np.empty_like(x), "float64" if dtype == "float32" else np.longdouble
    loop(x, less, found)
    expected = np.exp(x.astype(precise) - less.astype(precise))
    assert (np.abs(found - expected) <= 2.5 * np.spacing(expected.astype(dtype))).all()


def tails(z: Any) -> tuple[Any, Any]:
    """The tail of the normal distribution, and e^(-z²/2)."""

    @numba.njit(fastmath={"contract"}, error_model="numpy")
    def loop(z, tail, power):  # type: ignore[no-untyped-def]
        for i in range(len(z)):
            tail[i], power[i] = normal.normal_tail(z[i])

    tail, power = np.empty_like(z), np.empty_like(z)
    loop(z, tail, power)
    return tail, power


def test_the_normal_distribution_in_single_precision() -> None:
    z = np.linspace(0, 12.9, 20001).astype("float32")
    tail, power = tails(z)
    expected = np.array([math.erfc(v / math.sqrt(2)) / 2 for v in z.tolist()])
    np.testing.assert_allclose(tail, expected, rtol=4 * 2.0**-23)
    np.testing.assert_allclose(power, np.exp(z.astype("float64") ** 2 / -2), rtol=2 * 2.0**-23)


def test_the_normal_distribution_in_double_precision() -> None:
    """The argument of the error function of the library is rounded, which costs z² / 2 units of its result."""
    z = np.linspace(0, 37.5, 20001)
    tail, power = tails(z)
    expected = np.array([math.erfc(v / math.sqrt(2)) / 2 for v in z.tolist()])
    assert (np.abs(tail / expected - 1) <= (6 + z * z) * 2.0**-52).all()
    np.testing.assert_allclose(
        power, np.exp(z.astype(np.longdouble) ** 2 / -2).astype("float64"), rtol=2 * 2.0**-52
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_tail_of_the_normal_distribution_ends(dtype: str) -> None:
    tail, power = tails(np.array([0, 40, 1e30, np.inf, np.nan], dtype))
    assert tail[0] == pytest.approx(0.5, rel=2 * float(np.finfo(dtype).eps))
    assert power[0] == 1
    assert tail[1:4].tolist() == [0.0] * 3
    assert np.isnan([tail[4], power[4]]).all()
