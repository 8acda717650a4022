"""Launches the kernels that fetch a batch, drop elements out, and advance the counters of a program."""

from __future__ import annotations

from .. import philox
from ..formulas import Array
from .catalogue import STORAGE
from .kernels import BLOCK, Kernels, ceil_divide, is_aligned, is_contiguous

KEY = (1 << 64) - 1
INDICES = {"int64": "gather_indices", "uint8": "gather_byte_indices"}


def gather(kernels: Kernels, source: Array, order: Array, counters: Array, stride: int, out: Array) -> bool:
    """Compute ``out = source[order[p · stride : p · stride + len(out)]]`` with ``p = counters[POSITION]``."""
    given, wanted = source.dtype.name, out.dtype.name
    if not is_contiguous(source, order, out) or source.shape[1:] != out.shape[1:]:
        return False
    if given == "uint8" and wanted in STORAGE:
        name = "gather_bytes"
    elif wanted in STORAGE and (given in (wanted, "float32") or (given, wanted) == ("float64", "float32")):
        name = "gather"
    elif wanted == "int64" and given in INDICES:
        name = INDICES[given]
    else:
        return False
    if out.size == 0:
        return True
    rows, width = len(out), out.size // len(out)
    vectorized = wanted in STORAGE and width * out.itemsize % 16 == 0 and is_aligned(source, out)
    pack = 16 // out.itemsize if vectorized else 1
    template = {"gather": (source.dtype, out.dtype, vectorized), "gather_bytes": (out.dtype, vectorized)}
    lanes = min(BLOCK, 1 << (width // pack - 1).bit_length())
    blocks = ceil_divide(rows * lanes, BLOCK)
    arguments = source, order, counters, stride, rows, width, lanes, out
    kernels.launch(name, template.get(name, ()), blocks, *arguments)
    return True


def dropout(
    kernels: Kernels, x: Array, out: Array, rate: float, seed: int, layer: int, counters: Array
) -> bool:
    """Compute ``out = x · mask / (1 - rate)``; ``out`` may be ``x``."""
    if not is_contiguous(x, out) or x.dtype != out.dtype or x.dtype.name not in STORAGE:
        return False
    if x.size:
        vectorized = is_aligned(x, out)
        owned = max(4, 16 // x.itemsize)  # elements of a thread
        kernels.launch(
            "dropout", (x.dtype, vectorized), ceil_divide(x.size, owned * BLOCK),
            x, out, x.size, philox.threshold(rate), 1.0 / (1.0 - rate), seed & KEY, layer, counters,
        )  # fmt: skip
    return True


def count(kernels: Kernels, counters: Array) -> bool:
    """Add 1 to each of the three counters."""
    kernels.launch("count", (), 1, counters)
    return True
