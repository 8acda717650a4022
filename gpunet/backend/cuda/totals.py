"""Launches kernels that end in a sum: one block adds it to the totals itself, several leave that to a second kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..formulas import Array
from .kernels import Kernels, ceil_divide

BLOCKS = 1024  # at most: then each goes on to the next of its elements or rows
SMALL = 4096  # elements up to which one block is done sooner than several and a second kernel
PARTS = 32  # partial sums of a measurement


def blocks_for(size: int, elements: int) -> int:
    """Return the blocks for so many elements, of which a block passes over ``elements`` at once.

    The grid follows from the shape alone, and with it the order of every sum.
    """
    return 1 if size <= SMALL else min(ceil_divide(size, elements), BLOCKS)


def launch(
    kernels: Kernels,
    name: str,
    template: Sequence[Any],
    blocks: int,
    *arguments: Any,
    samples: int,
    totals: Array,
) -> None:
    """Launch a kernel that adds ``(…, samples)`` to ``totals``.

    Args:
        kernels: The kernels of the device.
        name: A kernel whose last parameters are ``samples``, ``partial`` and ``totals``.
        template: What its template parameters are.
        blocks: The number of blocks.
        *arguments: What comes before.
        samples: What the sum is for.
        totals: Two float64 sums.
    """
    partial = kernels.workspace[2 * PARTS : 2 * PARTS + blocks] if blocks > 1 else None
    kernels.launch(name, template, blocks, *arguments, samples, partial, totals)
    if partial is not None:
        kernels.launch("add_totals", (), 1, partial, blocks, samples, totals)


def measure(
    kernels: Kernels, place: int, name: str, template: Sequence[Any], array: Array, *arguments: Any
) -> Array:
    """Launch a kernel that sums something over ``array``, and return the partial sums.

    Args:
        kernels: The kernels of the device.
        place: 0 or 1: there is room for two measurements.
        name: A kernel with the parameters array, size, further ones, partial sums.
        template: What its template parameters are.
        array: What is measured.
        *arguments: The further parameters.
    """
    parts = kernels.workspace[place * PARTS : (place + 1) * PARTS]
    kernels.launch(name, template, PARTS, array, array.size, *arguments, parts)
    return parts
