"""Offsets beyond 2³¹ elements, over memory that is mostly untouched: some blocks of a large grid run on the host."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import pytest
from cuda_on_host import Module, Pointer, compiler

from gpunet.backend import philox
from gpunet.backend.cuda import catalogue

NO_RESERVE = 0x4000  # MAP_NORESERVE
FAR = 1 << 31


def sparse(size: int, dtype: str) -> tuple[np.ndarray, Pointer]:
    """Return zeros that take memory where they are touched."""
    size *= np.dtype(dtype).itemsize
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE)
    array = np.frombuffer(memory, dtype)
    return array, Pointer(array.ctypes.data, size, sparse=True)


def dense(array: np.ndarray) -> Pointer:
    return Pointer(array.ctypes.data, array.nbytes)


@pytest.fixture(autouse=True)
def _compiler() -> None:
    if compiler() is None:
        pytest.skip("needs g++, which compiles kernels for the host")


def launch(file: str, kernel: str, blocks: int, *arguments: Any, **options: Any) -> None:
    Module(catalogue.source(file), [kernel]).function(kernel).launch(blocks, 256, arguments, **options)


@pytest.mark.parametrize("vectorized", ["true", "false"])
def test_a_row_far_behind_the_first_is_gathered(vectorized: str) -> None:
    width, last = 4, FAR // 4 + 5
    source, pointer = sparse((last + 1) * width, "uint8")
    source[-width:] = [1, 2, 3, 4]
    out, order, counters = np.zeros((2, width), np.float32), np.array([0, last]), np.zeros(3, np.int64)
    sizes = np.int64(2), np.int64(2), np.int64(width), np.int32(1)
    kernel = f"gather_bytes<float, {vectorized}>"
    launch("gather.cu", kernel, 1, pointer, dense(order), dense(counters), *sizes, dense(out))
    assert out.tolist() == [[0, 0, 0, 0], [1, 2, 3, 4]]


@pytest.mark.parametrize("vectorized", ["true", "false"])
def test_elements_far_behind_the_first_are_dropped(vectorized: str) -> None:
    rest, owned = 1000, 8  # elements of a thread
    size, blocks = FAR + rest, -(-(FAR + rest) // (256 * owned))
    x, pointer = sparse(size, "float16")
    x[-rest:] = 1
    first = size - rest - (size - rest) % 4
    words = philox.philox4x32(
        np.arange(first // 4, -(-size // 4), dtype=np.uint64), *np.uint64([0, 3, 41]), key=7
    )
    kept = (np.stack(words, axis=1).reshape(-1) >= philox.threshold(0.5))[: size - first]
    launch(
        "dropout.cu", f"dropout<__half, {vectorized}>", blocks, pointer, pointer, np.int64(size),
        np.uint32(philox.threshold(0.5)), np.float64(2.0), np.uint64(7), np.uint32(3), dense(np.array([41, 0, 0])),
        block_range=(blocks - 2, blocks),
    )  # fmt: skip
    np.testing.assert_array_equal(x[-rest:], 2 * kept[-rest:])
