"""The kernels that fetch a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_arrays import on

from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import data

ROWS, STRIDE = 50, 13
PAIRS = [
    ("uint8", "float32"),
    ("uint8", "float64"),
    ("uint8", "float16"),
    ("uint8", "int64"),
    ("int64", "int64"),
    ("float32", "float32"),
    ("float32", "float16"),
    ("float32", "float64"),
    ("float64", "float32"),
    ("float64", "float64"),
    ("float16", "float16"),
]


def numbers(shape: tuple[int, ...], dtype: str) -> np.ndarray:
    return (np.random.default_rng(3).random(shape) * 255).astype(dtype)


def gathered(
    device: Backend, source: Any, out: Any, order: np.ndarray, position: int, stride: int
) -> np.ndarray:
    counters = on(device, np.array([7, position, 5]))
    order = on(device, order)
    assert data.gather(device.kernels, source, order, counters, stride, out)
    device.gather(source, order, counters, stride, out)
    return device.download(out)


@pytest.mark.parametrize(
    ("shape", "unaligned"),
    [
        *((shape, "nothing") for shape in [(), (1,), (3,), (12,), (28, 28), (3, 1000)]),
        ((16,), "source"),
        ((28, 28), "out"),
    ],
)
@pytest.mark.parametrize(("given", "wanted"), PAIRS)
def test_rows_are_those_of_the_order(
    device: Backend, given: str, wanted: str, shape: tuple[int, ...], unaligned: str
) -> None:
    source, order = numbers((ROWS, *shape), given), np.random.default_rng(4).permutation(ROWS)
    out = on(device, np.zeros((STRIDE, *shape), wanted), int(unaligned == "out"))
    found = gathered(device, on(device, source, int(unaligned == "source")), out, order, 2, STRIDE)
    np.testing.assert_array_equal(found, source[order[2 * STRIDE : 3 * STRIDE]].astype(wanted))


@pytest.mark.parametrize("rows", [0, 1, 31, 33, 127, 1025])
def test_batches_have_any_size(device: Backend, rows: int) -> None:
    source, order = numbers((1100, 12), "uint8"), np.random.default_rng(4).permutation(1100)
    host = np.empty((rows, 12), np.float32)
    NumpyBackend().gather(source, order, np.array([0, 1, 0]), 50, host)
    out = on(device, np.zeros_like(host))
    np.testing.assert_array_equal(gathered(device, on(device, source), out, order, 1, 50), host)


def test_a_row_may_come_twice_and_the_last_ones_be_few(device: Backend) -> None:
    source = numbers((4, 8), "float32")
    out = on(device, np.zeros((2, 8), "float32"))
    found = gathered(device, on(device, source), out, np.array([0, 1, 2, 3, 3]), 1, 3)
    np.testing.assert_array_equal(found, source[[3, 3]])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_not_a_bit_is_lost(device: Backend, dtype: str) -> None:
    source = np.array([[np.nan, -0.0, np.inf, np.finfo(dtype).smallest_subnormal]], dtype)
    out = on(device, np.zeros((1, 4), dtype))
    assert gathered(device, on(device, source), out, np.array([0]), 0, 1).tobytes() == source.tobytes()


def test_other_pairs_of_types_are_left_to_the_reference(device: Backend) -> None:
    order, counters = on(device, np.arange(4)), on(device, np.zeros(3, np.int64))
    for given, wanted in (("int64", "float32"), ("float64", "float16"), ("bool", "float32")):
        source, out = on(device, np.ones((4, 2), given)), on(device, np.zeros((4, 2), wanted))
        assert not data.gather(device.kernels, source, order, counters, 4, out)
        device.gather(source, order, counters, 4, out)
        assert device.download(out).tolist() == [[1, 1]] * 4


def test_the_counters_advance(device: Backend) -> None:
    counters = on(device, np.array([2**31, 5, -1]))
    device.count(counters)
    device.count(counters)
    assert device.download(counters).tolist() == [2**31 + 2, 7, 1]
