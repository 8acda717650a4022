"""Launches the kernels of the regularizers."""

from __future__ import annotations

from typing import Any

from ..formulas import Array
from . import totals as sums
from .kernels import BLOCK, Kernels, is_aligned
from .softmax import is_storable


def penalty(
    kernels: Kernels, regularizer: Any, value: Array, gradient: Array | None, rows: int, totals: Array
) -> bool:
    """Add ``rows · regularizer(value)`` to ``totals[0]``, and its gradient to ``gradient`` where it is wanted."""
    arrays = (value,) if gradient is None else (value, gradient)
    if not (kernels.has("Regularizer", regularizer) and is_storable(*arrays)):
        return False
    if value.size:
        sums.launch(
            kernels,
            "penalty",
            (value.dtype, type(regularizer).__name__, is_aligned(*arrays)),
            sums.blocks_for(value.size, BLOCK * 16 // value.dtype.itemsize),
            value,
            gradient,
            value.size,
            regularizer.l1,
            regularizer.l2,
            rows,
            samples=0,  # the loss has counted them
            totals=totals,
        )
    return True
