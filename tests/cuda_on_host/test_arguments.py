"""Arguments and launches that no device would take."""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cuda_on_host import CompileError, KernelError, Module, Pointer

Launch = Callable[..., Any]
AXPY = "__global__ void axpy(const float* x, float* y, float a, long long n) { for (long long i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) y[i] += a * x[i]; }"


def arrays(*sizes: int) -> list[np.ndarray]:
    return [np.ones(size, "float32") for size in sizes]


def test_the_parameters_are_read_from_the_kernel() -> None:
    kinds = [tuple(parameter) for parameter in Module(AXPY, ["axpy"]).function("axpy").parameters]
    assert kinds == [
        ("pointer", True, "float32"),
        ("pointer", False, "float32"),
        ("value", False, "float32"),
        ("value", False, "int64"),
    ]
    source = "template <typename T> __global__ void k(T* x, const T* y, unsigned int n, bool b, unsigned char* c) {}"
    for name, expected in (("__half", "float16"), ("__nv_bfloat16", "bfloat16"), ("double", "float64")):
        found = [p.type for p in Module(source, [f"k<{name}>"]).function(f"k<{name}>").parameters]
        assert found == [expected, expected, "uint32", "bool", "uint8"]


@pytest.mark.parametrize(
    "arguments",
    [
        lambda x, y: (x, y, np.float32(1)),
        lambda x, y: (x, y, np.float64(1), np.int64(4)),
        lambda x, y: (x, y, 1.0, np.int64(4)),
        lambda x, y: (x, y, np.float32(1), np.int32(4)),
        lambda x, y: (x, np.float32(1), y, np.int64(4)),
        lambda x, y: (x, y, np.float32(1), np.int64(4), np.int64(4)),
    ],
)
def test_wrong_arguments(launch: Launch, arguments: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"axpy.*expected"):
        launch(AXPY, "axpy", 1, 4, *arguments(*arrays(4, 4)))


@pytest.mark.parametrize(
    ("grid", "block"),
    [(0, 32), (1, 0), (1, 1025), (1, (32, 33)), (1, (1, 1, 65)), ((1, 65536), 1), (2**31, 1)],
)
def test_impossible_launches(launch: Launch, grid: Any, block: Any) -> None:
    with pytest.raises(KernelError, match="no device runs a grid"):
        launch(AXPY, "axpy", grid, block, *arrays(4, 4), np.float32(1), np.int64(4))


def test_too_much_shared_memory(launch: Launch) -> None:
    with pytest.raises(KernelError, match="no device has 300000 bytes"):
        launch(AXPY, "axpy", 1, 4, *arrays(4, 4), np.float32(1), np.int64(4), shared_memory=300_000)


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("size", [1, 31, 33, 127, 1025])
def test_a_kernel_computes(launch: Launch, order: str, size: int, checked: bool) -> None:
    x, y = np.arange(size, dtype="float32"), np.ones(size, "float32")
    launch(AXPY, "axpy", 3, 64, x, y, np.float32(2), np.int64(size), checked=checked)
    np.testing.assert_array_equal(y, 1 + 2 * x)


def test_in_place_and_overlapping_arguments(launch: Launch, order: str) -> None:
    x = np.arange(64, dtype="float32")
    launch(AXPY, "axpy", 1, 64, x, x, np.float32(1), np.int64(64))
    np.testing.assert_array_equal(x, 2 * np.arange(64))
    whole = np.arange(96, dtype="float32")
    launch(AXPY, "axpy", 1, 32, whole[:32], whole[64:], np.float32(1), np.int64(32))
    np.testing.assert_array_equal(whole[64:], np.arange(64, 96) + np.arange(32))
    with pytest.raises(KernelError, match="race on argument 0 and argument 1"):
        launch(AXPY, "axpy", 1, 64, whole[:64], whole[1:65], np.float32(1), np.int64(64))


def test_a_null_pointer(launch: Launch) -> None:
    source = "__global__ void k(const float* x, float* y) { y[0] = x == nullptr ? 1 : x[0]; }"
    y = np.zeros(1, "float32")
    launch(source, "k", 1, 1, Pointer(0, 0), y)
    assert y == 1
    with pytest.raises(KernelError, match="read of 4 bytes"):
        launch(source.replace("x == nullptr ? 1 :", ""), "k", 1, 1, Pointer(0, 0), y)


def test_a_few_blocks_of_a_large_grid_over_memory_that_is_mostly_untouched(
    launch: Launch, order: str
) -> None:
    """64-bit offsets are tested where they matter, without the memory that they span."""
    source = """
    __global__ void fill(float* x, long long n) {
        const @ i = static_cast<@>(blockIdx.x) * blockDim.x + threadIdx.x;
        if (i < n) x[i] = 7;
    }"""
    size = (1 << 31) + 1000
    memory = mmap.mmap(-1, 4 * size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x4000)  # MAP_NORESERVE
    x = np.frombuffer(memory, "float32")
    blocks = -(-size // 256)
    pointer = Pointer(x.ctypes.data, 4 * size, sparse=True)
    wide, narrow = source.replace("@", "long long"), source.replace("@", "int")
    launch(wide, "fill", blocks, 256, pointer, np.int64(size), block_range=(blocks - 2, blocks))
    assert (x[-1], x[-1000], x[0]) == (7, 0, 0)
    with pytest.raises(KernelError, match=r"signed overflow|write of 4 bytes"):
        launch(narrow, "fill", blocks, 256, pointer, np.int64(size), block_range=(blocks - 2, blocks))


def test_what_the_compiler_refuses() -> None:
    with pytest.raises(CompileError, match=r"kernel.cu:1.*y"):
        Module("__global__ void k(int* x) { *x = y; }", ["k"])
    with pytest.raises(CompileError, match="no floating-point atomics"):
        Module("__global__ void k(float* x) { atomicAdd(x, 1.0f); }", ["k"])
    with pytest.raises(KeyError, match="none of the module's kernels: k"):
        Module("__global__ void k(int* x) {}", ["k"]).function("j")
