"""The floor of a workload on this processor: what a step costs if only its products and its memory traffic are paid.

    python -m benchmarks.floor FOLDER

prints that of a task, see ``task.py``, as JSON; a process of its own, so that BLAS has all cores whatever the caller has been told.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from gpunet.backend import get_backend
from gpunet.backend.blas import cores

from .task import Task
from .workloads import Workload

FLOAT = 4  # bytes
SECONDS, GROUP = 0.2, 0.002  # of a measurement, and of each of the groups of calls that it consists of
LAUNCH = 0.02  # seconds of a launch, beside which it costs nothing to call a team together
CACHE_LINE = 64


class Product(NamedTuple):
    """``(m, k) @ (k, n)``, with the operand that a dense layer reads transposed."""

    m: int
    k: int
    n: int
    transposed: str  # "", "a" or "b"

    @property
    def flop(self) -> int:
        """Multiplications and additions."""
        return 2 * self.m * self.k * self.n


def applies(workload: Workload) -> bool:
    """Tell whether the floor means something: not for a GPU, nor for single rows, whose products are memory traffic."""
    return not workload.gpu_only and workload.batch_size > 1


def products(workload: Workload) -> list[Product]:
    """Return the products of a step: forward, the gradient of each kernel, and of each layer's input but the first's."""
    found, rows = [], workload.batch_size
    for index, (inputs, outputs) in enumerate(pairwise(workload.sizes)):
        found.append(Product(rows, inputs, outputs, ""))
        found.append(Product(inputs, rows, outputs, "a"))
        if index:
            found.append(Product(rows, outputs, inputs, "b"))
    return found


def traffic(workload: Workload) -> int:
    """Return the bytes that a step reads and writes outside of its products, every pass over memory taken once.

    The batch is gathered (read, written). A hidden layer's bias and activation go over its output (read, written), its
    derivative over output and gradient (two read, one written). The outputs are read and their gradient written. The
    optimizer reads parameters and gradients and writes parameters; Adam reads and writes two moments as well.
    """
    rows, sizes = workload.batch_size, workload.sizes
    parameters = sum((inputs + 1) * outputs for inputs, outputs in pairwise(sizes))
    passes = {"sgd": 3, "adam": 7}[workload.optimizer]
    numbers = 2 * rows * sizes[0] + 5 * rows * sum(sizes[1:-1]) + 2 * rows * sizes[-1] + passes * parameters
    return FLOAT * numbers


def measure(workload: Workload) -> dict[str, Any]:
    """Return the floor in microseconds, with what it is made of; products as the quicker of both backends multiplies."""
    found = products(workload)
    seconds = by_numpy(found)
    seconds = min(seconds, by_team(found, max(1, round(LAUNCH / seconds))))
    moved = traffic(workload)
    rate = copy_rate(moved)
    flop = sum(product.flop for product in found)
    return {
        "flop": flop,
        "gflops": flop / seconds / 1e9,
        "bytes": moved,
        "copy_gb_per_s": rate / 1e9,
        "products_us": seconds * 1e6,
        "traffic_us": moved / rate * 1e6,
        "floor_us": (seconds + moved / rate) * 1e6,
    }


def by_numpy(found: Sequence[Product]) -> float:
    """Return the seconds that products take, each the time of NumPy's call less what the call costs for a single number."""
    call = _seconds(_multiply(Product(1, 1, 1, "")))
    return sum(_seconds(_multiply(product)) - call for product in found)


def by_team(found: Sequence[Product], repeats: int) -> float:
    """Return the seconds that products take in the compiled backend, one after the other in so many steps of one launch."""
    try:
        backend = get_backend("compiled")
    except RuntimeError:
        return math.inf
    launch = backend.record([_operation(backend, product) for product in found])
    return _seconds(lambda: launch(repeats)) / repeats


def copy_rate(working_set: int) -> float:
    """Return the bytes per second, read and written, of a copy on all cores that touches as many bytes as a step does.

    On one core where that is less than a core's share of work is worth a thread.
    """
    threads = cores() if working_set > 1 << 20 else 1
    share = max(working_set // 2 // threads, CACHE_LINE)
    pairs = [(np.ones(share, np.uint8), np.ones(share, np.uint8)) for _ in range(threads)]
    repeats = max(1, (4 << 20) // share)

    def copy(pair: tuple[Any, Any]) -> None:
        for _ in range(repeats):
            np.copyto(*pair)

    with ThreadPoolExecutor(threads) as pool:
        seconds = _seconds(lambda: list(pool.map(copy, pairs)))
    return 2 * share * threads * repeats / seconds


def _matrices(product: Product) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(0)
    m, k, n, transposed = product
    a = generator.standard_normal((k, m) if transposed == "a" else (m, k), dtype=np.float32)
    b = generator.standard_normal((n, k) if transposed == "b" else (k, n), dtype=np.float32)
    return a, b, np.empty((m, n), np.float32)


def _multiply(product: Product) -> Callable[[], Any]:
    a, b, out = _matrices(product)
    a, b = a.T if product.transposed == "a" else a, b.T if product.transposed == "b" else b
    return lambda: np.matmul(a, b, out=out)


def _operation(backend: Any, product: Product) -> Callable[[], None]:
    matrices = _matrices(product)
    return lambda: backend.matmul(*matrices, product.transposed == "a", product.transposed == "b")


def _seconds(call: Callable[[], Any]) -> float:
    """Return the time of a call in the quickest of many short groups: a floor is what nothing disturbs."""
    call()
    began = time.perf_counter()
    call()
    count = max(1, int(GROUP / max(time.perf_counter() - began, 1e-7)))
    times: list[float] = []
    while len(times) < 5 or sum(times) * count < SECONDS:
        began = time.perf_counter()
        for _ in range(count):
            call()
        times.append((time.perf_counter() - began) / count)
    return min(times)


if __name__ == "__main__":
    print(json.dumps(measure(Task(sys.argv[1]).workload)))
