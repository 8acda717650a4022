"""Each bug that is planted here must be found, at its line, in every order of the threads; without it the kernel is right."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest

from cuda_on_host import Function, KernelError, Pointer

Launch = Callable[..., Any]
Compiled = Callable[[dict[str, str]], dict[str, Function]]

BLOCK_SUM = """
__global__ void kernel(const float* x, float* out) {
    __shared__ float part[64];
    part[threadIdx.x] = x[threadIdx.x];
    __syncthreads();  // before
    for (int half = 32; half > 0; half /= 2) {
        if (threadIdx.x < half) part[threadIdx.x] += part[threadIdx.x + half];
        __syncthreads();  // inside
    }
    if (threadIdx.x == 0) *out = part[0];
}
"""
WARP_SUM = """
__global__ void kernel(const float* x, float* out) {
    __shared__ float part[64];
    float* own = part + threadIdx.x / 32 * 32;
    const int lane = threadIdx.x % 32;
    own[lane] = x[threadIdx.x];
    __syncwarp();  // before
    for (int half = 16; half > 0; half /= 2) {
        if (lane < half) own[lane] += own[lane + half];
        __syncwarp();  // inside
    }
    if (lane == 0) out[threadIdx.x / 32] = own[0];
}
"""
SHUFFLE_SUM = """
__global__ void kernel(const float* x, float* out) {
    float sum = x[threadIdx.x];
    for (int lanes = 16; lanes > 0; lanes /= 2)
        sum += __shfl_xor_sync(0xffffffff, sum, lanes);
    if (threadIdx.x % 32 == 0) out[threadIdx.x / 32] = sum;
}
"""
BROADCAST = """
__global__ void kernel(const float* x, float* out) {
    __shared__ float first;
    if (threadIdx.x == 0) first = x[0];
    __syncthreads();
    out[threadIdx.x] = first;
}
"""
PRODUCT = """
__global__ void kernel(const float* a, const float* b, float* c) {
    __shared__ float left[8][8], right[8][8];
    const int row = threadIdx.y, column = threadIdx.x;
    float sum = 0;
    for (int tile = 0; tile < 2; ++tile) {
        left[row][column] = a[row * 16 + tile * 8 + column];
        right[row][column] = b[(tile * 8 + row) * 8 + column];
        __syncthreads();  // first
        for (int k = 0; k < 8; ++k) sum += left[row][k] * right[k][column];
        __syncthreads();  // second
    }
    c[row * 8 + column] = sum;
}
"""
HISTOGRAM = """
__global__ void kernel(const int* x, int* out) {
    atomicAdd(&out[x[blockIdx.x * blockDim.x + threadIdx.x]], 1);
}
"""
SHIFT = """
__global__ void kernel(const float* x, float* out, int n) {
    __shared__ float part[64];
    const int i = threadIdx.x;
    if (i < n) part[i] = x[i];
    __syncthreads();
    if (i < n) out[i] = part[i == 0 ? n - 1 : i - 1];
}
"""
SCALE = """
__global__ void kernel(const float* x, float* out) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    out[i] = 2 * x[i];
}
"""
VECTORS = """
__global__ void kernel(const float* x, float* out) {
    const float4 v = *reinterpret_cast<const float4*>(x + 4 * threadIdx.x);
    *reinterpret_cast<float4*>(out + 4 * threadIdx.x) = make_float4(v.w, v.z, v.y, v.x);
}
"""
STRUCTS = """
struct Row {
    float element[16];
};
__global__ void kernel(const float* x, float* out) {
    const Row row = reinterpret_cast<const Row*>(x)[threadIdx.x];
    reinterpret_cast<Row*>(out)[threadIdx.x] = row;
}
"""
INTEGERS = """
struct Pair {
    int element[2];
};
int member(const Pair& pair, int place) { return pair.element[place]; }
__global__ void kernel(const int* x, int* out, int one) {
    const Pair pair{{x[0], x[1]}};
    int local[4] = {member(pair, one), 2, 3, 4};
    out[threadIdx.x] = (local[3] << one) * 65536 / one;
}
"""


class Right(NamedTuple):
    """How a kernel is launched, and what it computes."""

    source: str
    grid: int
    block: Any
    arguments: Callable[[], list[Any]]
    result: Any


X = np.arange(1, 65, dtype="float32")
MATRIX = np.arange(128, dtype="float32").reshape(8, 16) % 7
INTS = np.arange(64, dtype="int32") % 5
RIGHT = {
    "block sum": Right(BLOCK_SUM, 1, 64, lambda: [X, np.zeros(1, "float32")], [2080]),
    "warp sum": Right(WARP_SUM, 1, 64, lambda: [X, np.zeros(2, "float32")], [528, 1552]),
    "shuffles": Right(SHUFFLE_SUM, 1, 64, lambda: [X, np.zeros(2, "float32")], [528, 1552]),
    "broadcast": Right(BROADCAST, 1, 64, lambda: [X, np.zeros(64, "float32")], [1] * 64),
    "product": Right(
        PRODUCT, 1, (8, 8), lambda: [MATRIX, MATRIX.T.copy(), np.zeros(64, "float32")], (MATRIX @ MATRIX.T).ravel()
    ),
    "histogram": Right(HISTOGRAM, 2, 32, lambda: [INTS, np.zeros(5, "int32")], np.bincount(INTS)),
    "shift": Right(SHIFT, 1, 64, lambda: [X, np.zeros(50, "float32"), np.int32(50)], np.roll(X[:50], 1)),
    "scale": Right(SCALE, 2, 32, lambda: [X, np.zeros(64, "float32")], 2 * X),
    "vectors": Right(VECTORS, 1, 16, lambda: [X, np.zeros(64, "float32")], X.reshape(16, 4)[:, ::-1].ravel()),
    "structs": Right(STRUCTS, 1, 4, lambda: [X, np.zeros(64, "float32")], X),
    "integers": Right(INTEGERS, 1, 8, lambda: [INTS, np.zeros(8, "int32"), np.int32(1)], [8 * 65536] * 8),
}  # fmt: skip

RACE = r"race on (static shared memory|argument \d), byte \d+: thread \d+ of block \d+ (wrote|read) it"
UNORDERED = rf"{RACE}|read of uninitialised static shared memory"


class Bug(NamedTuple):
    """A text of a right kernel, what takes its place, what is reported, and in which line: one that holds this text."""

    kernel: str
    text: str
    wrong: str
    message: str
    line: str


BUGS = {
    "no barrier before a reduction": Bug("block sum", "__syncthreads();  // before", "", UNORDERED, "+="),
    "no barrier in a reduction": Bug("block sum", "__syncthreads();  // inside", "", UNORDERED, "+="),
    "no __syncwarp before a reduction": Bug("warp sum", "__syncwarp();  // before", "", UNORDERED, "+="),
    "no __syncwarp in a reduction": Bug("warp sum", "__syncwarp();  // inside", "", RACE, "+="),
    "no barrier before a broadcast": Bug("broadcast", "__syncthreads();", "", UNORDERED, "first"),
    "no barrier before a tile is used": Bug("product", "__syncthreads();  // first", "", UNORDERED, "[row]["),
    "no barrier after a tile was used": Bug("product", "__syncthreads();  // second", "", RACE, "[row]["),
    "count without atomics": Bug(
        "histogram", "atomicAdd(&out[x[blockIdx.x * blockDim.x + threadIdx.x]], 1)",
        "++out[x[blockIdx.x * blockDim.x + threadIdx.x]]", RACE, "++out",
    ),
    "atomics beside a plain write": Bug(
        "histogram", "atomicAdd", "if (threadIdx.x == 0) out[0] = 0;\n    __syncthreads();\n    atomicAdd",
        r"race on argument 1, byte 0: thread \d+ of block [01] wrote it", "out[",
    ),
    "all threads write a sum": Bug("block sum", "if (threadIdx.x == 0) *out", "*out", RACE, "*out"),
    "blocks write to one place": Bug("scale", "blockIdx.x * blockDim.x +", "", RACE, "out[i]"),
    "read one past the end": Bug(
        "block sum", "= x[threadIdx.x]", "= x[threadIdx.x + 1]",
        "read of 4 bytes, 4 bytes outside argument 0", "= x[",
    ),
    "read one before the start": Bug(
        "block sum", "= x[threadIdx.x]", "= x[int(threadIdx.x) - 1]",
        "read of 4 bytes, 4 bytes outside argument 0", "= x[",
    ),
    "write one past the end": Bug(
        "scale", "out[i]", "out[i + 1]", "write of 4 bytes, 4 bytes outside argument 1", "out["
    ),
    "write one before the start": Bug(
        "scale", "out[i]", "out[i - 1]", "write of 4 bytes, 4 bytes outside argument 1", "out["
    ),
    "atomics one past the end": Bug(
        "histogram", "threadIdx.x]]", "threadIdx.x] + 1]", "write of 4 bytes, 4 bytes outside argument 1", "atomicAdd"
    ),
    "read of a struct beyond the end": Bug(
        "structs", "(x)[threadIdx.x]", "(x + 1)[threadIdx.x]", r"read of \d+ bytes, 4 bytes outside argument 0", "(x + 1)"
    ),
    "write of a struct before the start": Bug(
        "structs", "(out)[threadIdx.x]", "(out - 1)[threadIdx.x]",
        r"write of \d+ bytes, 4 bytes outside argument 1", "(out - 1)",
    ),
    "write to what is constant": Bug(
        "scale", "out[i]", "const_cast<float*>(x)[i]", "write to argument 0, which is constant", "const_cast"
    ),
    "index of shared memory": Bug(
        "block sum", "threadIdx.x + half]", "threadIdx.x + half + 1]", "array index out of bounds", "half + 1]"
    ),
    "pointer beyond shared memory": Bug(
        "warp sum", "= own[0]", "= own[32]", "outside static shared memory|uninitialised|race", "own[32]"
    ),
    "index of a local array": Bug("integers", "local[3]", "local[3 + one]", "array index out of bounds", "local[3"),
    "index of the last member of a struct": Bug(
        "integers", "member(pair, one)", "member(pair, 2 * one)", "array index out of bounds", "member("
    ),
    "index of another dimension": Bug(
        "product", "left[row][k] *", "left[row][k + 1] *", "array index out of bounds", "k + 1]"
    ),
    "shared memory that nobody wrote": Bug(
        "shift", "if (i < n) part", "if (i < n - 1) part", "read of uninitialised static shared memory", "out[i]"
    ),
    "threads return before a barrier": Bug(
        "shift", "if (i < n) part", "if (i >= n) return;\n    part",
        r"divergent barrier: this thread waits at kernel.cu:\d+, 14 of 64 threads have returned", "__syncthreads",
    ),
    "barriers of two branches": Bug(
        "shift", "__syncthreads();", "if (i < 32) {\n __syncthreads();\n } else {\n __syncthreads();\n }",
        r"divergent barrier: this thread waits at kernel.cu:\d+, others at kernel.cu:\d+", "__syncthreads",
    ),
    "warp operation and barrier": Bug(
        "shift", "__syncthreads();", "if (i < 16) __syncwarp(); else __syncthreads();",
        r"deadlock: 48 threads wait at a barrier \(kernel.cu:6\), 16 at a warp operation \(kernel.cu:6\), 0 have returned",
        "__syncthreads",
    ),
    "barrier for one warp": Bug(
        "shift", "__syncthreads();", "if (i < 32) __syncthreads();", "divergent barrier|race|uninitialised", "i < ",
    ),
    "shuffle without all lanes": Bug(
        "shuffles", "for (", "if (threadIdx.x % 32 < 20) for (",
        r"the shuffle at kernel.cu:\d+ reads lane \d+, which does not take part", "__shfl",
    ),
    "shuffle with a mask of others": Bug(
        "shuffles", "0xffffffff", "0xffff", r"lane \d+ is not in the mask 0xffff that it gives", "__shfl"
    ),
    "misaligned read of a vector": Bug("vectors", "(x + 4 *", "(x + 1 + 4 *", "misaligned access", "x + 1"),
    "misaligned write of a vector": Bug("vectors", "(out + 4 *", "(out + 2 + 4 *", "misaligned access", "out + 2"),
    "product of integers": Bug("integers", "* 65536", "* (65536 << 13)", "signed overflow", "65536"),
    "sum of integers": Bug("integers", "/ one", "+ (0x7fffffff - 8)", "signed overflow", "0x7f"),
    "shift of integers": Bug("integers", "<< one", "<< 32 * one", "shift by too many bits", "<< 32"),
    "division by zero": Bug("integers", "/ one", "/ (one - 1)", "division by zero", "one - 1"),
}  # fmt: skip


WRONG = {name: RIGHT[bug.kernel].source.replace(bug.text, bug.wrong) for name, bug in BUGS.items()}


@pytest.fixture(scope="module")
def kernels(compiled: Compiled) -> dict[str, Function]:
    return compiled(WRONG | {name: right.source for name, right in RIGHT.items()})


def run(kernel: Function, right: Right) -> list[Any]:
    """Launch a kernel, and return what it left in its last array."""
    arguments = right.arguments()
    pointers = [Pointer(a.ctypes.data, a.nbytes) if isinstance(a, np.ndarray) else a for a in arguments]
    kernel.launch(right.grid, right.block, pointers)
    return next(a for a in reversed(arguments) if isinstance(a, np.ndarray)).tolist()


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_kernel_raises_no_alarm(kernels: dict[str, Function], order: str, name: str) -> None:
    assert run(kernels[name], RIGHT[name]) == list(RIGHT[name].result)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_found(kernels: dict[str, Function], order: str, name: str) -> None:
    bug = BUGS[name]
    assert RIGHT[bug.kernel].source.count(bug.text) == 1
    with pytest.raises(KernelError, match=bug.message) as caught:
        run(kernels[name], RIGHT[bug.kernel])
    places = [int(line) for line in re.findall(r"kernel\.cu:(\d+)", str(caught.value))]
    lines = [number for number, line in enumerate(WRONG[name].splitlines(), start=1) if bug.line in line]
    assert places
    assert set(places) <= set(lines)


def test_an_argument_that_is_too_short(launch: Launch, order: str) -> None:
    with pytest.raises(KernelError, match=r"read of 4 bytes, 4 bytes outside argument 0 at kernel.cu:4"):
        launch(SCALE, "kernel", 2, 32, X[:63], np.zeros(64, "float32"))
    with pytest.raises(KernelError, match=r"write of 4 bytes, 4 bytes outside argument 1 at kernel.cu:4"):
        launch(SCALE, "kernel", 2, 32, X, np.zeros(63, "float32"))


def test_arguments_of_one_type_in_the_wrong_order(launch: Launch, order: str) -> None:
    with pytest.raises(KernelError, match=r"outside argument 0|which is constant"):
        launch(BROADCAST, "kernel", 1, 64, np.zeros(64, "float32")[:0], X)


def test_a_grid_that_is_too_small_shows_in_the_values(launch: Launch, order: str) -> None:
    out = np.zeros(64, "float32")
    launch(SCALE, "kernel", 1, 32, X, out)
    assert np.flatnonzero(out).tolist() == list(range(32))


def test_too_little_dynamic_shared_memory(launch: Launch, order: str) -> None:
    source = """
    __global__ void kernel(float* x) {
        extern __shared__ float part[];
        part[threadIdx.x] = x[threadIdx.x];
        __syncthreads();
        x[threadIdx.x] = part[blockDim.x - 1 - threadIdx.x];
    }"""
    x = X[:32].copy()
    with pytest.raises(
        KernelError, match=r"write of 4 bytes, 4 bytes outside dynamic shared memory at kernel.cu:4"
    ):
        launch(source, "kernel", 1, 32, x, shared_memory=31 * 4)
    launch(source, "kernel", 1, 32, x, shared_memory=32 * 4)
    assert x.tolist() == X[31::-1].tolist()


def test_a_place_in_a_header_and_where_it_was_called(launch: Launch) -> None:
    source = """#line 1 "deep.cuh"
template <typename T> inline __attribute__((always_inline)) T at(const T* x, int i) {
    return x[i];
}
#line 7 "kernel.cu"
__global__ void kernel(const float* x, float* out) {
    out[0] = at(x, 64);
}"""
    with pytest.raises(KernelError, match=r"outside argument 0 at deep.cuh:2 in kernel.cu:8$"):
        launch(source, "kernel", 1, 1, X, np.zeros(1, "float32"))


def test_barriers_of_two_headers_in_the_same_line(launch: Launch) -> None:
    source = """#line 1 "one.cuh"
inline void one() { __syncthreads(); }
#line 1 "two.cuh"
inline void two() { __syncthreads(); }
#line 1 "kernel.cu"
__global__ void kernel(int* x) { if (threadIdx.x < 32) one(); else two(); }
"""
    with pytest.raises(KernelError, match=r"waits at two.cuh:1, others at one.cuh:1"):
        launch(source, "kernel", 1, 64, np.zeros(1, "int32"))


def test_a_failure_leaves_nothing_behind(kernels: dict[str, Function]) -> None:
    """The threads that never came back are forgotten, and the arguments are as they were."""
    name = "threads return before a barrier"
    for _ in range(20):
        arguments = RIGHT["shift"].arguments()
        with pytest.raises(KernelError, match="divergent"):
            run(kernels[name], RIGHT["shift"]._replace(arguments=lambda given=arguments: given))
        assert not arguments[1].any()
        assert run(kernels["block sum"], RIGHT["block sum"]) == [2080]
