"""Warp operations and counting barriers give what the CUDA C++ Programming Guide says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cuda_on_host import Function, Pointer

Launch = Callable[..., Any]
Compiled = Callable[[dict[str, str]], dict[str, Function]]
LANES = np.arange(32)


TYPES = {"int": "int32", "long long": "int64", "float": "float32", "double": "float64"}
SHUFFLES = {
    "__shfl_sync(~0u, value, 5)": 0 * LANES + 5,
    "__shfl_sync(~0u, value, i + 1)": (LANES + 1) % 32,
    "__shfl_sync(~0u, value, 3, 8)": LANES // 8 * 8 + 3,
    "__shfl_up_sync(~0u, value, 3)": np.where(LANES < 3, LANES, LANES - 3),
    "__shfl_up_sync(~0u, value, 1, 4)": np.where(LANES % 4 < 1, LANES, LANES - 1),
    "__shfl_down_sync(~0u, value, 3)": np.where(LANES > 28, LANES, LANES + 3),
    "__shfl_down_sync(~0u, value, 1, 4)": np.where(LANES % 4 > 2, LANES, LANES + 1),
    "__shfl_xor_sync(~0u, value, 1)": LANES ^ 1,
    "__shfl_xor_sync(~0u, value, 31)": 31 - LANES,
    "__shfl_xor_sync(~0u, value, 8, 8)": np.where(LANES % 16 < 8, LANES, LANES - 8),  # not from later groups
    "i < 16 ? __shfl_sync(0xffff, value, 3) : __shfl_sync(0xffff0000, value, 20)": np.where(
        LANES < 16, 3, 20
    ),
}
VOTES = {
    "__ballot_sync(~0u, i % 3 == 0)": sum(1 << lane for lane in range(0, 32, 3)),
    "__any_sync(~0u, i == 7)": 1,
    "__any_sync(~0u, i == 32)": 0,
    "__all_sync(~0u, i < 32)": 1,
    "__all_sync(~0u, i != 7)": 0,
    "__syncthreads_count(i % 2)": 16,
    "__syncthreads_or(i == 7)": 1,
    "__syncthreads_or(i == 32)": 0,
    "__syncthreads_and(i < 32)": 1,
    "__syncthreads_and(i != 7)": 0,
}


@pytest.fixture(scope="module")
def shuffles(compiled: Compiled) -> dict[str, Function]:
    head = "__global__ void kernel(@* out) { const int i = threadIdx.x; const @ value = 100 + i; out[i] = "
    return compiled(
        {type_ + call: f"{head.replace('@', type_)}{call}; }}" for type_ in TYPES for call in SHUFFLES}
    )


@pytest.fixture(scope="module")
def votes(compiled: Compiled) -> dict[str, Function]:
    head = "__global__ void kernel(unsigned int* out) { const int i = threadIdx.x; "
    return compiled({call: f"{head} out[i] = {call}; out[i] += {call}; }}" for call in VOTES})


def results(kernel: Function, dtype: str) -> np.ndarray:
    out = np.zeros(32, dtype)
    kernel.launch(1, 32, [Pointer(out.ctypes.data, out.nbytes)])
    return out


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("call", SHUFFLES)
def test_shuffles(shuffles: dict[str, Function], order: str, type_: str, call: str) -> None:
    assert results(shuffles[type_ + call], TYPES[type_]).tolist() == (100 + SHUFFLES[call]).tolist()


@pytest.mark.parametrize("call", VOTES)
def test_votes(votes: dict[str, Function], order: str, call: str) -> None:
    """Twice, so that the second count doesn't start from the first."""
    assert results(votes[call], "uint32").tolist() == [2 * VOTES[call] % 2**32] * 32


def test_a_warp_that_is_not_full(launch: Launch, order: str) -> None:
    source = (
        "__global__ void sum(int* out) { out[threadIdx.x] = __popc(__ballot_sync(~0u, threadIdx.x > 0)); }"
    )
    out = np.zeros(40, "int32")
    launch(source, "sum", 1, 40, out)
    assert out.tolist() == [31] * 32 + [8] * 8


def test_indices_of_grids_and_blocks(launch: Launch, order: str) -> None:
    source = """
    __global__ void place(int* out) {
        const int thread = (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
        const int block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
        const int number = block * blockDim.x * blockDim.y * blockDim.z + thread;
        out[number] = number + 1;
    }"""
    out = np.zeros(2 * 3 * 4 * 5 * 6 * 7, "int32")
    launch(source, "place", (2, 3, 4), (5, 6, 7), out)
    np.testing.assert_array_equal(out, np.arange(out.size) + 1)
