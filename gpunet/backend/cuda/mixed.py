"""Launches of mixed precision: what ``kernels/mixed.cu`` computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..formulas import Array
from ..rounded_backend import round_to_bfloat16
from .kernels import BLOCK, Kernels, ceil_divide

STORAGE = {"float16": np.dtype(np.float16), "bfloat16": np.dtype(np.uint16)}
BLOCKS = 1024  # at most: their results lie in the workspace


def narrow(kernels: Kernels, values: Array, operands: Array) -> None:
    """Round flat parameters to the storage of ``operands``."""
    packs = ceil_divide(values.size * operands.itemsize, 16)
    if packs:
        kernels.launch("narrow", (operands.dtype,), ceil_divide(packs, BLOCK), values, operands, values.size)


def unscale(kernels: Kernels, gradients: Array, scale: Array) -> None:
    """Divide flat gradients by the loss scale, and note whether all of them are finite."""
    blocks = max(1, min(BLOCKS, ceil_divide(gradients.size, 4 * BLOCK)))
    kernels.launch("unscale", (), blocks, gradients, gradients.size, scale, kernels.workspace)
    kernels.launch("note_finite", (), 1, kernels.workspace, blocks, scale)


def adapt_loss_scale(kernels: Kernels, scale: Array, steps: int) -> None:
    """Halve or double the loss scale as the last step commands."""
    kernels.launch("adapt_loss_scale", (), 1, scale, steps)


def bfloat16(host: Any) -> np.ndarray[Any, Any]:
    """Return numbers rounded to bfloat16, as the integers that these are held as.

    Example:
        >>> [hex(bits) for bits in bfloat16([1.0, -0.5])]
        ['0x3f80', '0xbf00']
    """
    rounded = np.array(host, np.float32)
    round_to_bfloat16(rounded)
    return (rounded.view(np.uint32) >> 16).astype(np.uint16)


def widened(host: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return 16-bit floats as float32, anything else as it is.

    Example:
        >>> widened(np.array([0x3F80], np.uint16)).tolist()
        [1.0]
    """
    if host.dtype == np.uint16:
        return (host.astype(np.uint32) << 16).view(np.float32)
    return host.astype(np.float32) if host.dtype == np.float16 else host
