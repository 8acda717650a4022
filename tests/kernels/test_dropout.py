"""The dropout kernel, bit for bit against the NumPy backend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_arrays import computed, on, stored

from gpunet.backend import Backend, NumpyBackend, philox
from gpunet.backend.cuda import data

SIZES = [0, 1, 31, 33, 127, 1025]
SEED, LAYER = 0x1234_5678_9ABC_DEF0, 3


def expected(x: np.ndarray, rate: float, seed: int = SEED, step: int = 41) -> np.ndarray:
    out = np.empty_like(x)
    with np.errstate(invalid="ignore", over="ignore"):
        NumpyBackend().dropout(x, out, rate, seed, LAYER, np.array([step, 0, 0]))
    return out


def dropped(device: Backend, x: Any, out: Any, rate: float, seed: int = SEED, step: int = 41) -> np.ndarray:
    counters = on(device, np.array([step, 0, 0]))
    assert data.dropout(device.kernels, x, out, rate, seed, LAYER, counters)
    return device.download(out)


def assert_same_bits(found: np.ndarray, wanted: np.ndarray) -> None:
    assert found.dtype == wanted.dtype
    np.testing.assert_array_equal(found, wanted)
    finite = np.isfinite(wanted)  # the sign of a NaN is nobody's business
    np.testing.assert_array_equal(np.signbit(found[finite]), np.signbit(wanted[finite]))


def normal(size: int, dtype: str) -> np.ndarray:
    x = np.random.default_rng(1).standard_normal(size).astype(dtype)
    x[5:8], x[20:22] = np.nan, np.inf
    return x


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9, 1 - 2.0**-40])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_output_is_the_numpy_backends_to_the_bit(
    device: Backend, dtype: str, rate: float, size: int
) -> None:
    x = normal(size, dtype)
    out = on(device, np.full(size + 1, 7, dtype))
    assert_same_bits(dropped(device, on(device, x), out[:size], rate), expected(x, rate))
    assert device.download(out)[size] == 7


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", ["float16", "uint16"])
def test_half_types_are_rounded_where_they_are_stored(device: Backend, dtype: str, size: int) -> None:
    x = stored(normal(size, "float32"), dtype)
    found = dropped(device, on(device, x), on(device, np.zeros_like(x)), 0.3)
    assert_same_bits(computed(found), computed(stored(expected(computed(x), 0.3), dtype)))


@pytest.mark.parametrize("offset", [(0, 1), (1, 0), (3, 3)])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_addresses_need_not_be_aligned(device: Backend, dtype: str, offset: tuple[int, int]) -> None:
    x = normal(127, dtype)
    out = on(device, np.zeros_like(x), offset[1])
    found = dropped(device, on(device, x, offset[0]), out, 0.5)  # 1 / (1 - 0.5) is exact in any type
    assert_same_bits(found, expected(x, 0.5))


def test_the_output_may_replace_the_input(device: Backend) -> None:
    x = normal(1025, "float32").reshape(25, 41)
    there = on(device, x)
    assert_same_bits(dropped(device, there, there, 0.3), expected(x, 0.3))


@pytest.mark.parametrize("step", [0, 1, 2**31 + 5, 2**32 - 1])
def test_each_step_has_a_mask_of_its_own(device: Backend, step: int) -> None:
    x = np.ones(127, np.float32)
    found = dropped(device, on(device, x), on(device, x), 0.5, step=step)
    assert_same_bits(found, expected(x, 0.5, step=step))
    assert not np.array_equal(found, expected(x, 0.5, step=step + 2))


@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**64 - 1, 2**70 + 3])
def test_seeds_may_have_any_size(device: Backend, seed: int) -> None:
    x = np.ones(127, np.float32)
    assert_same_bits(dropped(device, on(device, x), on(device, x), 0.5, seed), expected(x, 0.5, seed))


def test_the_operation_of_the_backend_is_this_kernel(device: Backend) -> None:
    x = normal(33, "float32")
    out = on(device, x)
    device.dropout(on(device, x), out, 0.3, SEED, LAYER, on(device, np.array([41, 0, 0])))
    assert_same_bits(device.download(out), expected(x, 0.3))


def test_a_word_equal_to_the_threshold_is_kept(device: Backend) -> None:
    word = int(philox.philox4x32(*np.uint64([0, 0, LAYER, 41]), key=SEED)[2])
    x = np.ones(4, np.float32)
    found = dropped(device, on(device, x), on(device, x), word / 2.0**32)
    assert_same_bits(found, expected(x, word / 2.0**32))
    assert found[2] > 0
