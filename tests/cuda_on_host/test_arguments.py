"""Arguments and launches that no device would take, and what becomes of arguments that overlap."""

from __future__ import annotations

import mmap
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cuda_on_host import KernelError, Module, Pointer
from cuda_on_host.views import NO_RESERVE

Launch = Callable[..., Any]
AXPY = """
__global__ void axpy(const float* x, float* y, float a, long long n) {
    for (long long i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) y[i] += a * x[i];
}
"""
COPY = """
__global__ void copy(const int* x, int* y, int offset) {
    const int value = x[int(threadIdx.x) + offset];
    __syncthreads();
    y[threadIdx.x] = value;
}
"""


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
    source = "template <typename T> __global__ void k(T* x, unsigned int n, bool b, unsigned char* c, signed char d, float4* v) {}"
    names = {
        "__half": "float16",
        "__nv_bfloat16": "bfloat16",
        "double": "float64",
        "unsigned short": "uint16",
    }
    module = Module(source, [f"k<{name}>" for name in names])
    for name, expected in names.items():
        found = [parameter.type for parameter in module.function(f"k<{name}>").parameters]
        assert found == [expected, "uint32", "bool", "uint8", "int8", "other"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda x, y: (x, y, np.float32(1)), r"4 arguments \(float32\*, float32\*, float32, int64\), got 3"),
        (lambda x, y: (x, y, np.float32(1), np.int64(4), np.int64(4)), "4 arguments .*, got 5"),
        (lambda x, y: (x, y, np.float64(1), np.int64(4)), "argument 2: expected a scalar of float32"),
        (lambda x, y: (x, y, 1.0, np.int64(4)), "argument 2: expected a scalar of float32, got 1.0"),
        (lambda x, y: (x, y, np.float32(1), np.int32(4)), "argument 3: expected a scalar of int64"),
        (lambda x, y: (x, np.float32(1), y, np.int64(4)), "argument 1: expected a pointer to float32"),
        (lambda x, y: (x, y, y, np.int64(4)), "argument 2: expected a scalar of float32, got Pointer"),
    ],
)
def test_wrong_arguments(launch: Launch, arguments: Callable[..., Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"axpy.*{message}"):
        launch(AXPY, "axpy", 1, 4, *arguments(*arrays(4, 4)))


@pytest.mark.parametrize(
    ("grid", "block", "message"),
    [
        (0, 32, "no device runs a grid of"),
        (1, 0, "no device runs a grid of"),
        (1, 1025, "no device runs a grid of"),
        (1, (32, 33), "no device runs a grid of"),
        (1, (1, 1, 65), "no device runs a grid of"),
        ((1, 65536), 1, "no device runs a grid of"),
        (2**31, 1, "no device runs a grid of"),
        (1, 129, r"declared with __launch_bounds__\(128\), launched with 129 threads"),
        (1, (64, 3), r"declared with __launch_bounds__\(128\), launched with 192 threads"),
    ],
)
@pytest.mark.parametrize("checked", [True, False])
def test_impossible_launches(launch: Launch, grid: Any, block: Any, message: str, checked: bool) -> None:
    bounded = AXPY.replace("void axpy", "void __launch_bounds__(128) axpy")
    with pytest.raises(KernelError, match=message):
        launch(bounded, "axpy", grid, block, *arrays(4, 4), np.float32(1), np.int64(4), checked=checked)
    launch(bounded, "axpy", 1, 128, *arrays(4, 4), np.float32(1), np.int64(4), checked=checked)


def test_launch_bounds_are_known() -> None:
    source = """
    template <typename T> __global__ void __launch_bounds__(96, 2)
    first(T* x) {}
    __launch_bounds__(64) __global__ void second(int* x) {}
    __global__ void third(int* x) {}
    """
    module = Module(source, ["first<float>", "second", "third"])
    bounds = [module.function(name).max_threads_per_block for name in module.expressions]
    assert bounds == [96, 64, 1024]


def test_too_much_shared_memory_and_too_many_blocks(launch: Launch) -> None:
    arguments = *arrays(4, 4), np.float32(1), np.int64(4)
    with pytest.raises(KernelError, match="no device has 300000 bytes"):
        launch(AXPY, "axpy", 1, 4, *arguments, shared_memory=300_000)
    for blocks in ((0, 5), (3, 3), (-1, 2)):
        with pytest.raises(KernelError, match="expected a range within 4 blocks"):
            launch(AXPY, "axpy", (2, 2), 4, *arguments, block_range=blocks)


@pytest.mark.parametrize("checked", [True, False])
@pytest.mark.parametrize("size", [1, 31, 33, 127, 1025])
def test_a_kernel_computes(launch: Launch, order: str, size: int, checked: bool) -> None:
    x, y = np.arange(size, dtype="float32"), np.ones(size, "float32")
    launch(AXPY, "axpy", 3, 64, x, y, np.float32(2), np.int64(size), checked=checked)
    np.testing.assert_array_equal(y, 1 + 2 * x)


def test_launches_from_several_threads_take_turns(launch: Launch) -> None:
    results = [np.zeros(5000, "float32") for _ in range(4)]

    def work(number: int) -> None:
        x = np.full(5000, number, "float32")
        for _ in range(5):
            launch(AXPY, "axpy", 8, 64, x, results[number], np.float32(1), np.int64(5000))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [set(result) for result in results] == [{0}, {5}, {10}, {15}]


def test_one_array_given_twice(launch: Launch, order: str) -> None:
    x = np.arange(64, dtype="float32")
    launch(AXPY, "axpy", 1, 64, x, x, np.float32(1), np.int64(64))
    np.testing.assert_array_equal(x, 2 * np.arange(64))
    with pytest.raises(KernelError, match="race on argument 0 and 1"):
        launch(COPY, "copy", 2, 32, x.view("int32"), x.view("int32"), np.int32(0))


def test_views_of_one_array(launch: Launch, order: str) -> None:
    """Overlapping ones see each other's writes; an index that leads from one into another is out of bounds."""
    whole = np.arange(96, dtype="int32")
    launch(COPY, "copy", 1, 32, whole[:32], whole[16:48], np.int32(0))
    assert whole.tolist() == [*range(16), *range(32), *range(48, 96)]
    with pytest.raises(KernelError, match="read of 4 bytes, 4 bytes outside argument 0"):
        launch(COPY, "copy", 1, 32, whole[:32], whole[16:48], np.int32(1))
    with pytest.raises(KernelError, match="read of 4 bytes, 4 bytes outside argument 0"):
        launch(COPY, "copy", 1, 32, whole[32:64], whole[16:48], np.int32(-1))
    with pytest.raises(KernelError, match="write of 4 bytes, 4 bytes outside argument 1"):
        launch(COPY, "copy", 1, 32, whole[:32], whole[16:47], np.int32(0))
    with pytest.raises(KernelError, match="4 bytes outside argument 0"):
        launch(COPY, "copy", 1, 32, whole[:32], whole[32:64], np.int32(1))  # side by side
    with pytest.raises(KernelError, match=r"race on argument [01]"):
        launch(COPY.replace("__syncthreads();", ""), "copy", 1, 32, whole[:32], whole[16:48], np.int32(0))
    with pytest.raises(KernelError, match="write to argument 0, which is constant"):
        launch(COPY.replace("y[", "((int*)x)["), "copy", 1, 32, whole[:32], whole[16:48], np.int32(0))


def test_what_a_failed_kernel_wrote_is_forgotten(launch: Launch) -> None:
    x = np.zeros(32, "int32")
    with pytest.raises(KernelError, match="outside"):
        launch("__global__ void k(int* x) { x[threadIdx.x] = 1; }", "k", 1, 64, x)
    assert not x.any()


def test_null_pointers_and_empty_arrays(launch: Launch) -> None:
    source = "__global__ void k(const float* x, float* y) { y[0] = x == nullptr ? 1 : x[0]; }"
    y = np.zeros(2, "float32")
    launch(source, "k", 1, 1, Pointer(0, 0), y)
    assert y[0] == 1
    with pytest.raises(KernelError, match="read of 4 bytes, at a null pointer"):
        launch(source.replace("x == nullptr ? 1 :", ""), "k", 1, 1, Pointer(0, 0), y)
    with pytest.raises(KernelError, match="read of 4 bytes, 4 bytes outside argument 0"):
        launch(source, "k", 1, 1, y[1:1], y)


@pytest.mark.parametrize("offset", [1, 4, 12])
def test_a_view_is_aligned_as_the_original_is(launch: Launch, offset: int) -> None:
    source = "__global__ void k(unsigned char* x, int* out) { *out = reinterpret_cast<unsigned long long>(x) % 4096; }"
    x, out = np.zeros(100, "uint8")[offset:], np.zeros(1, "int32")
    launch(source, "k", 1, 1, x, out)
    assert out[0] == x.ctypes.data % 4096


def test_a_few_blocks_of_a_large_grid_over_memory_that_is_mostly_untouched(
    launch: Launch, order: str
) -> None:
    """64-bit offsets are tested where they matter, without the memory that they span."""
    source = """
    __global__ void fill(const float* from, float* x, long long n) {
        const @ i = static_cast<@>(blockIdx.x) * blockDim.x + threadIdx.x;
        if (i < n) x[i] = from[i] + 7;
    }"""
    size = (1 << 31) + 1000
    memory = mmap.mmap(-1, 4 * size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE)
    x = np.frombuffer(memory, "float32")
    blocks = -(-size // 256)
    pointer = Pointer(x.ctypes.data, 4 * size, sparse=True)
    wide, narrow = source.replace("@", "long long"), source.replace("@", "int")
    last = {"block_range": (blocks - 2, blocks)}
    launch(wide, "fill", blocks, 256, pointer, pointer, np.int64(size), **last)
    assert (x[-1], x[-300], x[-1000], x[0]) == (7, 7, 0, 0)
    for wrong, message in (
        (narrow, "read of 4 bytes, .* bytes outside argument 0 and 1"),
        (wide.replace("i < n", "i <= n"), "read of 4 bytes, 4 bytes outside argument 0 and 1"),
        (wide.replace("x[i]", "x[n - 1]"), f"race on argument 0 and 1, byte {4 * size - 4}"),
    ):
        with pytest.raises(KernelError, match=message):
            launch(wrong, "fill", blocks, 256, pointer, pointer, np.int64(size), **last)
