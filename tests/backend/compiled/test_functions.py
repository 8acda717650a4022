"""The exponential functions of the compiled kernels, against NumPy's in higher precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

numba = pytest.importorskip("numba")
from gpunet.backend.compiled import functions  # noqa: E402

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
