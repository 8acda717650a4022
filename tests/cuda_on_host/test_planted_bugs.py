"""Each bug that is planted here must be found, in every order of the threads, and its twin without the bug must pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cuda_on_host import KernelError

Launch = Callable[..., Any]


def sources(text: str, bug: str, right: str) -> tuple[str, str]:
    """Return a source with the bug and the right one."""
    return text.replace("@", bug), text.replace("@", right)


REDUCTION = """
__global__ void sum(const float* x, float* out) {
    __shared__ float part[64];
    part[threadIdx.x] = x[threadIdx.x];
    %s
    for (int half = 32; half > 0; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        %s
    }
    if (threadIdx.x == 0) *out = part[0];
}
"""
BROADCAST = """
__global__ void spread(const float* x, float* out) {
    __shared__ float first;
    if (threadIdx.x == 0) first = x[0];
    @
    out[threadIdx.x] = first;
}
"""
PRODUCT = """
__global__ void product(const float* a, const float* b, float* c) {
    __shared__ float left[8][8], right[8][8];
    const int row = threadIdx.x / 8, column = threadIdx.x %% 8;
    float sum = 0;
    for (int tile = 0; tile < 2; ++tile) {
        left[row][column] = a[row * 16 + tile * 8 + column];
        right[row][column] = b[(tile * 8 + row) * 8 + column];
        %s
        for (int k = 0; k < 8; ++k) sum += left[row][k] * right[k][column];
        %s
    }
    c[row * 8 + column] = sum;
}
"""
WARP_SUM = """
__global__ void warp_sum(const float* x, float* out) {
    __shared__ float part[32];
    part[threadIdx.x] = x[threadIdx.x];
    __syncwarp();
    for (int half = 16; half > 0; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        @
    }
    if (threadIdx.x == 0) *out = part[0];
}
"""
SYNC, WARP_SYNC = "__syncthreads();", "__syncwarp();"
UNORDERED = "race|uninitialised shared memory"


@pytest.mark.parametrize(
    ("bug", "right", "line"),
    [
        (REDUCTION % ("", SYNC), REDUCTION % (SYNC, SYNC), 7),
        (REDUCTION % (SYNC, ""), REDUCTION % (SYNC, SYNC), 7),
        (*sources(BROADCAST, "", SYNC), 6),
        (PRODUCT % ("", SYNC), PRODUCT % (SYNC, SYNC), 10),
        (PRODUCT % (SYNC, ""), PRODUCT % (SYNC, SYNC), 0),
        (*sources(WARP_SUM, "", WARP_SYNC), 0),
    ],
    ids=["before the loop", "in the loop", "broadcast", "first of a tile", "second of a tile", "warp"],
)
def test_a_missing_barrier(launch: Launch, order: str, bug: str, right: str, line: int) -> None:
    name = bug.split("void ")[1].split("(")[0]
    arrays = [np.ones(128, "float32"), np.ones(128, "float32"), np.zeros(64, "float32")]
    arguments = arrays if name == "product" else arrays[1:]
    block = 32 if name == "warp_sum" else 64
    with pytest.raises(KernelError, match=UNORDERED) as caught:
        launch(bug, name, 1, block, *arguments)
    assert f"at kernel.cu:{line or ''}" in str(caught.value)
    launch(right, name, 1, block, *arguments)
    assert arguments[-1][0] == {"sum": 64, "warp_sum": 32, "spread": 1, "product": 16}[name]


COPY = (
    "__global__ void copy(const float* x, float* out, int n) { const int i = @; if (i < n) out[i] = x[i]; }"
)


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("threadIdx.x + 1", "read of 4 bytes, 4 bytes outside argument 0 at kernel.cu:1"),
        ("int(threadIdx.x) - 1", "read of 4 bytes, 4 bytes outside argument 0"),
    ],
)
def test_an_access_outside_of_an_argument(launch: Launch, order: str, index: str, message: str) -> None:
    x, out = np.ones(33, "float32"), np.zeros(34, "float32")
    bug, right = sources(COPY, index, "threadIdx.x")
    with pytest.raises(KernelError, match=message):
        launch(bug, "copy", 1, 33, x, out, np.int32(34))
    launch(right, "copy", 1, 33, x, out, np.int32(33))
    with pytest.raises(KernelError, match="write of 4 bytes, 4 bytes outside argument 1"):
        launch(right, "copy", 1, 33, x, out[:32], np.int32(33))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "__global__ void k(int* x) { if (threadIdx.x < 20) __syncthreads(); x[threadIdx.x] = 0; }",
            "divergent barrier at line 1: 44 of 64 threads have returned",
        ),
        (
            "__global__ void k(int* x) {\nif (threadIdx.x < 20)\n__syncthreads();\nelse\n__syncthreads();\n}",
            "divergent barrier: some threads wait at line",
        ),
        (
            "__global__ void k(int* x) { if (threadIdx.x < 32) __syncwarp(1); else __syncthreads(); }",
            "is not in the mask 0x1",
        ),
        (
            "__global__ void k(int* x) { if (threadIdx.x < 16) __syncwarp(); else __syncthreads(); }",
            "deadlock: 48 threads wait at a barrier .line 1., 16 at a warp operation",
        ),
        (
            "__global__ void k(int* x) { x[threadIdx.x] = __shfl_sync(0xffff, 1, 20); }",
            "shuffle of lane . reads lane 20, which does not take part|is not in the mask",
        ),
        ("__global__ void k(int* x) { *(float4*)((char*)x + 8) = {}; }", "misaligned access"),
        ("__global__ void k(int* x) { x[0] = (1 << 30) * (2 + threadIdx.x); }", "signed overflow|race"),
        ("__global__ void k(int* x) { x[threadIdx.x] = 1 << (threadIdx.x + 31); }", "shift by too many bits"),
        ("__global__ void k(int* x) { x[0] = threadIdx.x; }", "race on argument 0, byte 0"),
        ("__global__ void k(int* x) { int own[4] = {}; x[threadIdx.x] = own[threadIdx.x]; }", "array index"),
        ("__global__ void k(int* x) { __shared__ int s[64]; if (x[0]) s[threadIdx.x] = 1; x[threadIdx.x] = s[threadIdx.x]; }", "uninitialised"),
        (
            "__global__ void k(int* x) { __shared__ int s[8], t[64]; t[threadIdx.x] = s[threadIdx.x & 7] = 1; "
            "__syncthreads(); x[threadIdx.x] = s[threadIdx.x]; }",
            "array index|race",
        ),
        (
            "__global__ void k(const int* x) { const_cast<int*>(x)[threadIdx.x] = 1; }",
            "write to argument 0, which is constant",
        ),
        ("__global__ void k(int* x) { if (blockIdx.x == 1) x[threadIdx.x] = x[threadIdx.x + 64 * gridDim.x]; }", "outside"),
    ],
)  # fmt: skip
def test_other_bugs(launch: Launch, order: str, source: str, message: str) -> None:
    with pytest.raises(KernelError, match=message):
        launch(source, "k", 2 if "blockIdx" in source else 1, 64, np.zeros(64, "int32"))


def test_signed_overflow(launch: Launch, order: str) -> None:
    source = "__global__ void k(int* x, int n) { x[0] = n * 65536; }"
    with pytest.raises(KernelError, match=r"signed overflow at kernel.cu:1"):
        launch(source, "k", 1, 1, np.zeros(1, "int32"), np.int32(65536))
    launch(source, "k", 1, 1, np.zeros(1, "int32"), np.int32(3))


HISTOGRAM = "__global__ void count(const int* x, int* out) { @ }"


def test_a_count_without_atomics(launch: Launch, order: str) -> None:
    bug, right = sources(HISTOGRAM, "out[x[threadIdx.x]] += 1;", "atomicAdd(&out[x[threadIdx.x]], 1);")
    x, out = np.array([0, 1, 1, 2] * 16, "int32"), np.zeros(3, "int32")
    with pytest.raises(KernelError, match="race on argument 1"):
        launch(bug, "count", 1, 64, x, out)
    out[:] = 0
    launch(right, "count", 4, 64, x, out)
    assert out.tolist() == [64, 128, 64]


def test_a_race_between_blocks(launch: Launch, order: str) -> None:
    bug, right = sources(
        "__global__ void k(float* x) { x[@] += 1; }", "threadIdx.x", "blockIdx.x * blockDim.x + threadIdx.x"
    )
    with pytest.raises(KernelError, match=r"race on argument 0.*of block [01]"):
        launch(bug, "k", 2, 32, np.zeros(64, "float32"))
    launch(right, "k", 2, 32, np.zeros(64, "float32"))


def test_reading_what_another_block_writes(launch: Launch, order: str) -> None:
    source = "__global__ void k(float* x) { if (blockIdx.x == 0) x[threadIdx.x] = 1; else x[32 + threadIdx.x] = x[threadIdx.x]; }"
    with pytest.raises(KernelError, match="race"):
        launch(source, "k", 2, 32, np.zeros(64, "float32"))


def test_too_little_dynamic_shared_memory(launch: Launch, order: str) -> None:
    source = """
    __global__ void k(float* x) {
        extern __shared__ float part[];
        part[threadIdx.x] = x[threadIdx.x];
        __syncthreads();
        x[threadIdx.x] = part[blockDim.x - 1 - threadIdx.x];
    }"""
    x = np.arange(32, dtype="float32")
    with pytest.raises(KernelError, match="write of 4 bytes"):
        launch(source, "k", 1, 32, x, shared_memory=31 * 4)
    launch(source, "k", 1, 32, x, shared_memory=32 * 4)
    assert x.tolist() == list(range(31, -1, -1))


def test_a_grid_that_is_too_small_leaves_values(launch: Launch, order: str) -> None:
    source = "__global__ void k(float* x) { x[blockIdx.x * blockDim.x + threadIdx.x] = 1; }"
    x = np.zeros(64, "float32")
    launch(source, "k", 1, 32, x)
    assert x.sum() == 32


def test_the_first_barrier_of_the_next_block_is_not_that_of_the_last(launch: Launch, order: str) -> None:
    """Shared memory is new in each block: what the one before left there is no value."""
    source = """
    __global__ void k(float* x) {
        __shared__ float s[32];
        if (blockIdx.x == gridDim.y - 1) s[threadIdx.x] = 1;
        __syncthreads();
        x[blockIdx.x * 32 + threadIdx.x] = s[threadIdx.x];
    }"""
    with pytest.raises(KernelError, match="uninitialised shared memory"):
        launch(source, "k", (2, 1), 32, np.zeros(64, "float32"))
