"""Launches the kernels of the activations, and of the bias gradients that are summed in the same pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..formulas import Array, options
from . import softmax
from .kernels import BLOCK, Kernels, ceil_divide, is_aligned
from .softmax import is_storable

ROWS = 8  # how many a thread sums, unless there are more slabs than help
BLOCKS = 1024  # from which on more slabs don't help


def activate(kernels: Kernels, activation: Any, x: Array, out: Array) -> bool:
    """Compute ``out = activation(x)``; ``out`` may be ``x``."""
    if not kernels.has("Activation", activation):
        return softmax.softmax(kernels, activation, x, out)
    if not is_storable(x, out):
        return False
    if x.size:
        template = x.dtype, type(activation).__name__, is_aligned(x, out)
        kernels.launch("activate", template, _blocks(x), x, out, x.size, *options(activation))
    return True


def bias_activate(
    kernels: Kernels, activation: Any, bias: Array | None, preactivation: Array, out: Array
) -> bool:
    """Compute ``preactivation += bias`` and ``out = activation(preactivation)``.

    Args:
        kernels: The kernels of the device.
        activation: ``None`` is the identity.
        bias: ``(units,)``, or ``None`` for none.
        preactivation: ``(rows, units)``.
        out: ``(rows, units)``; may be ``preactivation``, and is where the activation is ``None``.
    """
    if bias is None:
        return activation is None or activate(kernels, activation, preactivation, out)
    if not is_storable(preactivation, bias, out):
        return False
    if activation is not None and not kernels.has("Activation", activation):
        return (
            softmax.has_kernel(activation, preactivation)
            and bias_activate(kernels, None, bias, preactivation, preactivation)
            and softmax.softmax(kernels, activation, preactivation, out)
        )
    if out.size:
        name, values = "Linear", (0.0, 0.0, 0.0)
        if activation is not None:
            name, values = type(activation).__name__, options(activation)
        template = out.dtype, name, is_aligned(preactivation, bias, out)
        keep = out.data.ptr != preactivation.data.ptr
        kernels.launch(
            "bias_activate",
            template,
            _blocks(out),
            preactivation,
            bias,
            out,
            out.size,
            bias.size,
            keep,
            *values,
        )
    return True


def activate_backward(
    kernels: Kernels,
    activation: Any,
    x: Array | None,
    y: Array,
    gradient: Array,
    out: Array,
    bias_gradient: Array | None = None,
) -> bool:
    """Compute ``out = gradient · ∂y/∂x``, and the sums of its columns; ``out`` may be ``gradient``.

    Args:
        kernels: The kernels of the device.
        activation: Elementwise, or a function of the last axis.
        x: The input, where ``activation.needs_input``.
        y: The output.
        gradient: Shaped like the output; a matrix if there is a ``bias_gradient``.
        out: The same.
        bias_gradient: ``(units,)``, in the precision that is computed in, or ``None`` where it isn't wanted.
    """
    value = x if activation.needs_input else y
    if not (activation.differentiable and is_storable(value, gradient, out)):
        return False
    if bias_gradient is not None and not _can_sum(out, bias_gradient):
        return False
    if not kernels.has("Activation", activation):
        return softmax.softmax_backward(kernels, activation, y, gradient, out) and (
            bias_gradient is None or _sum_columns(kernels, out, bias_gradient)
        )
    name, values = type(activation).__name__, options(activation)
    arrays = (*((value, None) if activation.needs_input else (None, value)), gradient, out)
    if bias_gradient is not None:
        _sum(kernels, "activate_backward_bias", (out.dtype, name), arrays, out, bias_gradient, values)
    elif out.size:
        template = out.dtype, name, is_aligned(*arrays)
        kernels.launch("activate_backward", template, _blocks(out), *arrays, out.size, *values)
    return True


def bias_gradient(kernels: Kernels, gradient: Array, bias_gradient: Array) -> bool:
    """Compute ``bias_gradient = Σ_rows gradient``.

    Args:
        kernels: The kernels of the device.
        gradient: ``(rows, units)``.
        bias_gradient: ``(units,)``, in the precision that is computed in.
    """
    return _sum_columns(kernels, gradient, bias_gradient)


def _blocks(array: Array) -> int:
    """Return the blocks of an elementwise kernel, whose threads own a pack of 16 bytes each."""
    return ceil_divide(array.size, BLOCK * (16 // array.dtype.itemsize))


def _can_sum(matrix: Array, total: Array) -> bool:
    """Tell whether kernels can add up the rows of a matrix in this array: totals are stored as they are computed."""
    real = np.float64 if matrix.dtype == np.float64 else np.float32
    return is_storable(matrix) and is_storable(total) and total.dtype == real and matrix.ndim == 2


def _sum_columns(kernels: Kernels, matrix: Array, total: Array) -> bool:
    if not _can_sum(matrix, total):
        return False
    _sum(kernels, "bias_gradient", (matrix.dtype,), (matrix,), matrix, total, ())
    return True


def _sum(
    kernels: Kernels,
    name: str,
    template: tuple[Any, ...],
    arrays: tuple[Array | None, ...],
    matrix: Array,
    total: Array,
    values: tuple[float, ...],
) -> None:
    """Launch a kernel that sums columns and, where it leaves partial sums of slabs, the one that adds those up."""
    rows, columns = matrix.shape
    if columns == 0:
        return
    pack = 16 // matrix.dtype.itemsize
    lanes, tiles = _tiles(columns, pack)
    slabs = _slabs(rows, columns, lanes, tiles)
    vectorized = columns % pack == 0 and is_aligned(*arrays)
    kernels.launch(
        name, (*template, vectorized), tiles * slabs,
        *arrays, rows, columns, lanes, slabs, kernels.workspace, total, *values,
    )  # fmt: skip
    if slabs > 1:
        lanes, tiles = _tiles(columns, 2)
        kernels.launch("add_slabs", (matrix.dtype,), tiles, kernels.workspace, slabs, columns, lanes, total)


def _tiles(columns: int, pack: int) -> tuple[int, int]:
    """Return how many packs of columns a block takes side by side, and how many blocks that makes.

    256 bytes are whole sectors of memory where rows start at one; else the two cut ones should weigh less.
    """
    packs = ceil_divide(columns, pack)
    lanes = min(packs, 16 if columns % pack == 0 else 32)
    return lanes, ceil_divide(packs, lanes)


def _slabs(rows: int, columns: int, lanes: int, tiles: int) -> int:
    """Return into how many slabs the rows are cut: by the shape alone, so that every device sums in one order."""
    most = min(BLOCKS // tiles, Kernels.WORKSPACE // columns)
    return max(1, min(ceil_divide(rows, ROWS * (BLOCK // lanes)), most))
