"""The conversions of the half types round as the GPU does: to nearest, ties to even."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Launch = Callable[..., Any]
SOURCE = """
template <typename T> struct Convert;
template <> struct Convert<__half> {
    static float widen(__half x) { return __half2float(x); }
    static __half narrow(float x) { return __float2half_rn(x); }
};
template <> struct Convert<__nv_bfloat16> {
    static float widen(__nv_bfloat16 x) { return __bfloat162float(x); }
    static __nv_bfloat16 narrow(float x) { return __float2bfloat16_rn(x); }
};
template <typename T> __global__ void widen(const T* x, float* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = Convert<T>::widen(x[i]);
}
template <typename T> __global__ void narrow(const float* x, T* out, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) out[i] = Convert<T>::narrow(x[i]);
}
"""
ALL = np.arange(1 << 16, dtype=np.uint16)


def widened(name: str) -> np.ndarray:
    return (
        ALL.view("float16").astype("float32")
        if name == "__half"
        else (ALL.astype("uint32") << 16).view("float32")
    )


@pytest.mark.parametrize("name", ["__half", "__nv_bfloat16"])
def test_every_number_is_widened(launch: Launch, name: str) -> None:
    out = np.zeros(ALL.size, "float32")
    launch(SOURCE, f"widen<{name}>", 256, 256, ALL, out, np.int32(ALL.size), checked=False)
    np.testing.assert_array_equal(out, widened(name))


@pytest.mark.parametrize("name", ["__half", "__nv_bfloat16"])
def test_numbers_at_and_beside_every_border_are_rounded(launch: Launch, name: str) -> None:
    exact = widened(name)
    exact = np.unique(exact[np.isfinite(exact) & (exact >= 0)])
    middles = ((exact[:-1].astype("float64") + exact[1:]) / 2).astype("float32")
    x = np.concatenate([exact, middles, np.nextafter(middles, np.inf), np.nextafter(middles, -np.inf)])
    x = np.concatenate([x, -x, np.float32([np.inf, -np.inf, 65519, 65520, 1e30])]).astype("float32")
    out = np.zeros(x.size, "uint16")
    launch(SOURCE, f"narrow<{name}>", -(-x.size // 256), 256, x, out, np.int32(x.size), checked=False)
    with np.errstate(over="ignore"):
        expected = x.astype("float16").view("uint16") if name == "__half" else nearest_bfloat16(x, exact)
    np.testing.assert_array_equal(out, expected)


def nearest_bfloat16(x: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Return the bits of the nearest numbers, found by search; of two the even one."""
    grid = np.append(
        exact.astype("float64"), 2.0**128
    )  # what is nearer to this than to the largest is infinite
    size = np.abs(x.astype("float64")).clip(max=2.0**128)
    above = np.searchsorted(grid, size).clip(1)
    below = above - 1
    left, right = size - grid[below], grid[above] - size
    chosen = np.where(left < right, below, np.where(right < left, above, below + below % 2))
    return (chosen + 0x8000 * np.signbit(x)).astype("uint16")


def test_not_a_number_stays_so(launch: Launch) -> None:
    x, out = np.full(1, np.nan, "float32"), np.zeros(1, "uint16")
    launch(SOURCE, "narrow<__half>", 1, 1, x, out, np.int32(1))
    assert np.isnan(out.view("float16"))[0]
    launch(SOURCE, "narrow<__nv_bfloat16>", 1, 1, x, out, np.int32(1))
    assert np.isnan((out.astype("uint32") << 16).view("float32"))[0]
