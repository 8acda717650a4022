"""What is a race and what isn't: which accesses a barrier, __syncwarp, an atomic or the order of blocks puts in order."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cuda_on_host import Function, KernelError, Pointer

Compiled = Callable[[dict[str, str]], dict[str, Function]]

# name: (whether it is a race, body); two blocks of 64 threads, x and s of 256 numbers, each block writes to its own y
BODIES = {
    "one thread reads and writes as it likes": (False, "s[i] = 1; s[i] += 1; y[i] = s[i]; y[i] += 1;"),
    "a barrier": (False, "s[i] = 1; __syncthreads(); y[i] = s[63 - i];"),
    "no barrier": (True, "s[i] = 1; y[i] = s[i ^ 1];"),
    "a barrier of a warp": (False, "s[i] = 1; __syncwarp(); y[i] = s[i ^ 31];"),
    "a barrier of a warp for two warps": (True, "s[i] = 1; __syncwarp(); y[i] = s[i ^ 32];"),
    "a shuffle is no barrier": (True, "s[i] = 1; __shfl_sync(~0u, 1, 0); y[i] = s[i ^ 1];"),
    "many read, then one writes": (
        False, "if (i == 0) s[0] = 1; __syncthreads(); y[i] = s[0]; __syncthreads(); if (i == 5) s[0] = 2;"
    ),
    "many read while one writes": (True, "if (i == 0) s[0] = 1; __syncthreads(); y[i] = s[0]; if (i == 5) s[0] = 2;"),
    "lanes read, then one of them writes": (
        False, "if (i >= 32) return; if (i == 0) s[0] = 1; __syncwarp(); y[i] = s[0]; __syncwarp(); if (i == 5) s[0] = 2;"
    ),
    "lanes read while one of them writes": (
        True, "if (i >= 32) return; if (i == 0) s[0] = 1; __syncwarp(); y[i] = s[0]; if (i == 5) s[0] = 2;"
    ),
    "warps read, then a lane of one of them writes": (
        True, "if (i == 0) s[0] = 1; __syncthreads(); y[i] = s[0]; __syncwarp(); if (i == 5) s[0] = 2;"
    ),
    "all write the same": (True, "s[0] = 1; __syncthreads(); y[i] = s[0];"),
    "halves of a word": (False, "reinterpret_cast<short*>(s)[i] = 1; y[i] = 1;"),
    "bytes of a word, read as a word": (True, "reinterpret_cast<char*>(s)[i] = 1; if (i < 16) y[i] = s[i];"),
    "atomics": (False, "atomicAdd(&x[0], 1); atomicMax(&x[1], i); atomicCAS(&x[2], 0, i);"),
    "atomics of shared memory": (
        False, "if (i == 0) s[0] = 0; __syncthreads(); atomicAdd(&s[0], 1); __syncthreads(); y[i] = s[0];"
    ),
    "atomics, then a read without a barrier": (
        True, "if (i == 0) s[0] = 0; __syncthreads(); atomicAdd(&s[0], 1); if (i == 1) y[0] = s[0];"
    ),
    "an atomic beside a plain write": (True, "if (i == 1) x[0] = 1; else atomicAdd(&x[0], 1);"),
    "a plain write and an atomic of one thread": (True, "x += blockIdx.x; if (i == 0) x[0] = 1; atomicAdd(&x[0], 1);"),
    "each block resets what all count in": (True, "if (i == 0) x[0] = 0; __syncthreads(); atomicAdd(&x[0], 1);"),
    "the first block resets what all count in": (
        True,
        "if (blockIdx.x == 0) { if (i == 0) x[0] = 0; __syncthreads(); } atomicAdd(&x[0], 1);",
    ),
    "blocks read the same": (False, "y[i] = x[i];"),
    "blocks write the same place": (True, "__syncthreads(); if (i == 0) x[0] = 1;"),
    "one block reads what another writes": (True, "if (blockIdx.x == 1) x[i] = 1; else y[i] = x[i];"),
    "one block writes what both read before": (True, "y[i] = x[i]; __syncthreads(); if (blockIdx.x == 1) x[i] = 1;"),
    "a block reads what it wrote": (
        False, "x[128 * blockIdx.x + i] = i; __syncthreads(); y[i] = x[128 * blockIdx.x + 63 - i];"
    ),
    "shared memory is new in each block": (True, "if (blockIdx.x == 0) s[i] = 1; __syncthreads(); y[i] = s[i];"),
    "shared memory is used again by the next block": (False, "s[i] = 1; __syncthreads(); s[63 - i] = 2;"),
}  # fmt: skip


@pytest.fixture(scope="module")
def kernels(compiled: Compiled) -> dict[str, Function]:
    head = "__global__ void kernel(int* x, int* y) {\n__shared__ int s[256];\nconst int i = threadIdx.x; y += 64 * blockIdx.x;"
    return compiled({name: f"{head}\n{body}\n}}" for name, (_, body) in BODIES.items()})


@pytest.mark.parametrize("name", BODIES)
def test_what_is_a_race(kernels: dict[str, Function], order: str, name: str) -> None:
    x, y = np.zeros(256, "int32"), np.zeros(128, "int32")
    arguments = [Pointer(x.ctypes.data, x.nbytes), Pointer(y.ctypes.data, y.nbytes)]
    if BODIES[name][0]:
        with pytest.raises(KernelError, match=r"race on|uninitialised"):
            kernels[name].launch(2, 64, arguments)
    else:
        kernels[name].launch(2, 64, arguments)
