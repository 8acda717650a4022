"""The dropout kernel's own source, compiled for the host and run thread by thread, against the NumPy backend."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from gpunet.backend import NumpyBackend, philox
from gpunet.backend.sources import kernel_folder

HOST = r"""
struct Index { unsigned int x; };
static Index gridDim, blockDim, blockIdx, threadIdx;
#define __global__
#define __device__
#define REAL float
#include "dropout.cu"
extern "C" void launch(unsigned int grid, unsigned int block, const float* x, float* out, long long size,
                       unsigned int threshold, float scale, unsigned long long seed, unsigned int layer,
                       const long long* step) {
    gridDim.x = grid; blockDim.x = block;
    for (blockIdx.x = 0; blockIdx.x < grid; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < block; ++threadIdx.x)
            dropout(x, out, size, threshold, scale, seed, layer, step);
}
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> ctypes.CDLL:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("needs g++ to compile the kernel for the host")
    folder = tmp_path_factory.mktemp("kernel")
    source, library = folder / "host.cpp", folder / "dropout.so"
    source.write_text(HOST)
    options = ["-std=c++17", "-Wall", "-Werror", "-shared", "-fPIC", f"-I{kernel_folder()}"]
    subprocess.run([compiler, *options, str(source), "-o", str(library)], check=True)
    return ctypes.CDLL(str(Path(library)))


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 127, 1025])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9, 1 - 2.0**-40])
def test_the_output_is_the_numpy_backends_to_the_bit(kernel: ctypes.CDLL, size: int, rate: float) -> None:
    x = np.random.default_rng(1).standard_normal(size).astype(np.float32)
    x[5:8], x[20:22] = np.nan, np.inf
    seed, layer, counters = 0x1234_5678_9ABC_DEF0, 3, np.array([41, 0, 0])
    expected, out = np.empty_like(x), np.full(size + 1, 7, np.float32)
    with np.errstate(invalid="ignore"):
        NumpyBackend().dropout(x, expected, rate, seed, layer, counters)
    kernel.launch(
        3, 32, pointer(x), pointer(out), ctypes.c_longlong(size), ctypes.c_uint(philox.threshold(rate)),
        ctypes.c_float(1 / (1 - rate)), ctypes.c_ulonglong(seed), ctypes.c_uint(layer), pointer(counters),
    )  # fmt: skip
    finite = np.isfinite(expected)
    np.testing.assert_array_equal(out[:size], expected)
    np.testing.assert_array_equal(np.signbit(out[:size][finite]), np.signbit(expected[finite]))
    assert out[size] == 7
