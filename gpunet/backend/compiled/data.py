"""Fetching a batch, dropping elements out, and counting steps."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from .. import philox
from ..base import POSITION, STEP
from ..formulas import Array
from .arguments import given, integer, integers, number, octets, vector
from .issue import GRAIN, Issue, other
from .kernel import Kernel

MULTIPLIERS = tuple(np.uint64(multiplier) for multiplier in philox.MULTIPLIERS)
WEYL = tuple(np.uint64(step) for step in philox.WEYL)
DRAWN = 4  # numbers at once
LOW, HIGH = np.uint64(philox.WORD), np.uint64(32)


@register_jitable
def _gather(source, out, arguments):
    """Copy rows of so many elements as the last argument says."""
    order, columns = integers(arguments, 1), integer(arguments, 5)
    first = integers(arguments, 2)[POSITION] * integer(arguments, 3)
    for row in range(len(out) // columns):
        here, there = row * columns, order[first + row] * columns
        for column in range(columns):
            out[here + column] = source[there + column]


@Kernel
def gather_reals(arguments):
    """Rows of (0) in the order (1) to (4), see ``gather``."""
    _gather(vector(arguments, 0), vector(arguments, 4), arguments)


@Kernel
def gather_bytes(arguments):
    """The same from bytes."""
    _gather(octets(arguments, 0), vector(arguments, 4), arguments)


@Kernel
def gather_indices(arguments):
    """The same of class indices."""
    _gather(integers(arguments, 0), integers(arguments, 4), arguments)


@Kernel
def gather_byte_indices(arguments):
    """The same of class indices from bytes."""
    _gather(octets(arguments, 0), integers(arguments, 4), arguments)


@register_jitable
def _round(c0, c1, c2, c3, k0, k1):
    """Return the words after a round of Philox, see ``philox4x32``."""
    product0, product1 = MULTIPLIERS[0] * c0, MULTIPLIERS[1] * c2
    return (product1 >> HIGH) ^ c1 ^ k0, product1 & LOW, (product0 >> HIGH) ^ c3 ^ k1, product0 & LOW


@register_jitable
def _philox(block, layer, step, key):
    """Return the four words of the counter ``(block, layer, step)``."""
    c0, c1, c2, c3 = block & LOW, block >> HIGH, layer, step
    k0, k1 = key & LOW, key >> HIGH
    for _ in range(philox.ROUNDS):
        c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
        k0, k1 = (k0 + WEYL[0]) & LOW, (k1 + WEYL[1]) & LOW
    return c0, c1, c2, c3


@Kernel
def drop(arguments):
    """x (0) times the mask and the scale (3) to (1), see ``dropout``; x begins at the element (7) of the layer's."""
    out = vector(arguments, 1)
    if given(arguments, 0):
        out[:] = vector(arguments, 0)  # the compiler vectorises the loop because it sees a single array there
    least, scale = np.uint64(integer(arguments, 2)), out.dtype.type(number(arguments, 3))
    key, layer = np.uint64(integer(arguments, 4)), np.uint64(integer(arguments, 5))
    step = np.uint64(integers(arguments, 6)[STEP]) & LOW
    first, zero = integer(arguments, 7) // DRAWN, out.dtype.type(0)
    # _philox is written out here: with a call of it the loop is not vectorised.
    for block in range(len(out) // DRAWN):
        c0, c1, c2, c3 = np.uint64(first + block) & LOW, np.uint64(first + block) >> HIGH, layer, step
        k0, k1 = key & LOW, key >> HIGH
        for _ in range(philox.ROUNDS):
            c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
            k0, k1 = (k0 + WEYL[0]) & LOW, (k1 + WEYL[1]) & LOW
        start = DRAWN * block
        out[start] *= scale if c0 >= least else zero
        out[start + 1] *= scale if c1 >= least else zero
        out[start + 2] *= scale if c2 >= least else zero
        out[start + 3] *= scale if c3 >= least else zero
    whole = len(out) // DRAWN * DRAWN
    words = _philox(np.uint64(first + whole // DRAWN), layer, step, key)
    for lane in range(len(out) - whole):
        out[whole + lane] *= scale if words[lane] >= least else zero


@Kernel
def advance(arguments):
    """Add 1 to each counter."""
    counters = integers(arguments, 0)
    for i in range(len(counters)):
        counters[i] += 1


def gather(issue: Issue, source: Array, order: Array, counters: Array, stride: int, out: Array) -> bool:
    """Compute ``out = source[order[p · stride : p · stride + len(out)]]`` with ``p = counters[POSITION]``."""
    kernels = {np.uint8: gather_bytes, out.dtype.type: gather_reals}
    if out.dtype == np.int64:
        kernels = {np.uint8: gather_byte_indices, np.int64: gather_indices}
    kernel = kernels.get(source.dtype.type)
    if kernel is None or source.shape[1:] != out.shape[1:] or out.size == 0:
        return False
    columns = out.size // len(out)
    shares = issue.slices(len(out), columns, GRAIN)
    return issue.parts(
        kernel, [(source, order[share.start :], counters, stride, out[share], columns) for share in shares]
    )


def dropout(issue: Issue, x: Array, out: Array, rate: float, seed: int, layer: int, counters: Array) -> bool:
    """Compute ``out = x · mask / (1 - rate)``; ``out`` may be ``x``."""
    if x.dtype.kind != "f" or x.dtype != out.dtype or not (x.flags.c_contiguous and out.flags.c_contiguous):
        return False
    key = np.uint64(seed & (1 << 64) - 1).view(np.int64).item()
    numbers = philox.threshold(rate), 1.0 / (1.0 - rate), key, layer & philox.WORD
    source, out = other(x, out), out.reshape(-1)
    source = None if source is None else source.reshape(-1)
    shares = issue.slices(out.size, 1, GRAIN, DRAWN)
    parts = [
        (None if source is None else source[share], out[share], *numbers, counters, share.start)
        for share in shares
    ]
    return issue.parts(drop, parts)


def count(issue: Issue, counters: Array) -> bool:
    """Add 1 to each of the three counters."""
    return issue(advance, counters)
