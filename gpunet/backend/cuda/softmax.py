"""Launches the kernels of softmax, log_softmax and sparsemax: several rows a warp, or a block a row."""

from __future__ import annotations

from typing import Any

from ..formulas import Array, own
from . import catalogue
from .kernels import BLOCK, Kernels, ceil_divide, is_contiguous

WIDE = 1024  # classes from above which a row takes a block instead of a warp


def softmax(kernels: Kernels, activation: Any, x: Array, out: Array) -> bool:
    """Compute ``out = activation(x)`` along the last axis; ``out`` may be ``x``."""
    if not (has_kernel(activation, x) and is_storable(x, out)):
        return False
    _launch(kernels, activation.name, x, out)
    return True


def softmax_backward(kernels: Kernels, activation: Any, y: Array, gradient: Array, out: Array) -> bool:
    """Compute ``out = gradient · ∂y/∂x`` along the last axis; ``out`` may be ``gradient``."""
    if not (has_kernel(activation, y) and is_storable(y, gradient, out)):
        return False
    _launch(kernels, f"{activation.name}_backward", y, gradient, out)
    return True


def has_kernel(activation: Any, x: Array) -> bool:
    """Tell whether it is one of gpunet's functions of a row, along the last axis: its kernel has its name."""
    return (
        own(activation)
        and not activation.elementwise
        and activation.name in catalogue.kernels()
        and activation.axis in (-1, x.ndim - 1)
    )


def is_storable(*arrays: Array) -> bool:
    """Tell whether kernels can take these arrays together: contiguous, and of one dtype that kernels store."""
    dtype = arrays[0].dtype
    return (
        is_contiguous(*arrays) and dtype.name in catalogue.STORAGE and all(a.dtype == dtype for a in arrays)
    )


def _launch(kernels: Kernels, name: str, *arrays: Array) -> None:
    size, classes = arrays[0].size, arrays[0].shape[-1]
    if size == 0:
        return
    rows, wide = size // classes, classes > WIDE
    lanes = BLOCK if wide else min(32, 1 << (classes - 1).bit_length())
    kernels.launch(
        name, (arrays[0].dtype, wide), ceil_divide(rows * lanes, BLOCK), *arrays, rows, classes, lanes
    )
