"""Launches the kernels of the losses: value and gradient in one pass over the batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..formulas import Array, LossFormula, own
from . import totals as sums
from .kernels import BLOCK, Kernels, ceil_divide, is_aligned, is_contiguous
from .softmax import is_storable

WARP = 32  # threads
HELD = 4  # elements of a row that a thread holds in registers
NARROW, WIDE = WARP * HELD, 1024  # elements up to which a warp holds a row, and works on one
OPTIONS = {
    "Huber": "delta",
    "BinaryCrossentropy": "label_smoothing",
}  # what functors of losses.cuh are made with


class Batch(NamedTuple):
    """The arrays of ``Backend.loss``."""

    y_true: Array
    y_pred: Array
    weight: Array | None
    predictions: Array | None
    gradient: Array | None

    @property
    def outputs(self) -> int:
        """The elements of a row."""
        return int(self.y_pred.shape[-1])

    @property
    def rows(self) -> int:
        """The rows, several a sample where there are more than two axes."""
        return int(self.y_pred.size // self.outputs)

    @property
    def aligned(self) -> bool:
        """Whether kernels may use accesses of 16 bytes."""
        return is_aligned(self.y_true, self.y_pred, self.predictions, self.gradient)


class Call(NamedTuple):
    """A launch, but for the arguments that all losses share."""

    kernel: str
    template: tuple[Any, ...]
    blocks: int
    arguments: tuple[Any, ...]


def loss(
    kernels: Kernels,
    loss: LossFormula,
    y_true: Array,
    y_pred: Array,
    weight: Array | None,
    predictions: Array | None,
    gradient: Array | None,
    totals: Array,
    loss_scale: Array | None = None,
) -> bool:
    """Add ``rows · L`` and ``rows`` to ``totals``, and write ``∂L/∂y_pred``.

    Args:
        kernels: The kernels of the device.
        loss: The formula; with ``predictions`` its fused form is used.
        y_true: Targets, in the precision that is computed in, or class indices.
        y_pred: Predictions, or logits.
        weight: One weight a sample, or ``None``.
        predictions: Where the fused form writes the probabilities.
        gradient: Shaped like ``y_pred``, or ``None`` where it isn't wanted.
        totals: Two float64 sums.
        loss_scale: What multiplies the gradient besides, the first of its float64 numbers, or ``None``.
    """
    call = _call_of(kernels, loss, predictions is not None)
    batch = Batch(y_true, y_pred, weight, predictions, gradient)
    if call is None or not _fits(loss, batch):
        return False
    samples = len(y_pred)
    if y_pred.size == 0:
        return samples == 0  # there is nothing to add
    scale, divisor = _factor(kernels, loss, batch)
    kernel, template, blocks, arguments = call(kernels, loss, batch)
    arguments = *arguments, scale, divisor, loss_scale
    sums.launch(kernels, kernel, template, blocks, *arguments, samples=samples, totals=totals)
    return True


def _call_of(kernels: Kernels, loss: Any, fused: bool) -> Callable[[Kernels, Any, Batch], Call] | None:
    """Return what makes the call of a loss; ``None`` where it has no kernel."""
    name = type(loss).__name__ if own(loss) else ""
    from_logits = fused or getattr(loss, "from_logits", False)
    if name in ("CategoricalCrossentropy", "SparseCategoricalCrossentropy"):
        return _softmax_crossentropy if from_logits else _probability_crossentropy
    if name == "BinaryCrossentropy" and from_logits:
        return _sigmoid_crossentropy
    if name == "CosineSimilarity":
        return _cosine_similarity
    return _elementwise_loss if kernels.has("Loss", loss) else None


def _fits(loss: Any, batch: Batch) -> bool:
    """Tell whether kernels can take the arrays: contiguous, of matching shapes and types, classes along the last axis."""
    y_true, y_pred, weight = batch[:3]
    if y_pred.ndim < 2 or getattr(loss, "axis", -1) not in (-1, y_pred.ndim - 1):
        return False
    stored = [y_pred, *(array for array in batch[3:] if array is not None)]
    real = np.float64 if y_pred.dtype == np.float64 else np.float32
    shape, dtype = (y_pred.shape[:-1], np.int64) if loss.integer_targets else (y_pred.shape, real)
    return (
        is_storable(*stored)
        and is_contiguous(y_true, weight)
        and all(array.shape == y_pred.shape for array in stored)
        and (y_true.shape == shape and y_true.dtype == dtype)
        and (weight is None or (weight.shape == y_pred.shape[:1] and weight.dtype == real))
    )


def _factor(kernels: Kernels, loss: Any, batch: Batch) -> tuple[float, Array | None]:
    """Return what the reduction multiplies by, and what was measured on the device to divide by."""
    values, weight = batch.y_pred.shape[:-1], batch.weight
    if loss.reduction == "sum":
        return 1.0, None
    if loss.reduction == "mean_with_sample_weight" and weight is not None:
        return 1 / math.prod(values[1:]), sums.measure(kernels, 0, "sum_weights", (weight.dtype,), weight)
    if loss.reduction != "none" and getattr(loss, "ignore_class", None) is not None:
        return 1.0, sums.measure(kernels, 0, "count_kept_labels", (), batch.y_true, loss.ignore_class)
    return 1 / math.prod(values), None


def _elementwise_loss(kernels: Kernels, loss: Any, batch: Batch) -> Call:
    name, not_binary = type(loss).__name__, None
    if name in ("Hinge", "SquaredHinge"):
        not_binary = sums.measure(kernels, 1, "count_not_binary", (batch.y_true.dtype,), batch.y_true)
    option = getattr(loss, OPTIONS[name]) if name in OPTIONS else 0.0
    arrays = batch.y_true, batch.y_pred, batch.weight, batch.gradient
    return Call(
        "elementwise_loss",
        (batch.y_pred.dtype, name, batch.aligned),
        _blocks_of_packs(batch),
        (*arrays, *_sizes_of_elements(batch), option, not_binary),
    )


def _sigmoid_crossentropy(kernels: Kernels, loss: Any, batch: Batch) -> Call:
    return Call(
        "sigmoid_crossentropy",
        (batch.y_pred.dtype, batch.aligned),
        _blocks_of_packs(batch),
        (*batch, *_sizes_of_elements(batch), loss.label_smoothing),
    )


def _softmax_crossentropy(kernels: Kernels, loss: Any, batch: Batch) -> Call:
    dtype, lanes = batch.y_pred.dtype, _lanes(batch)
    arguments = *_targets(loss, batch), *batch[1:], *_sizes_of_rows(batch, lanes), *_options(loss)
    blocks = _blocks_of_rows(batch, lanes)
    if batch.outputs <= NARROW:
        return Call("softmax_crossentropy", (dtype,), blocks, arguments)
    return Call("online_softmax_crossentropy", (dtype, lanes > WARP), blocks, arguments)


def _probability_crossentropy(kernels: Kernels, loss: Any, batch: Batch) -> Call:
    lanes = _lanes(batch)
    arrays = *_targets(loss, batch), batch.y_pred, batch.weight, batch.gradient
    return Call(
        "probability_crossentropy",
        (batch.y_pred.dtype, lanes > WARP),
        _blocks_of_rows(batch, lanes),
        (*arrays, *_sizes_of_rows(batch, lanes), *_options(loss)),
    )


def _cosine_similarity(kernels: Kernels, loss: Any, batch: Batch) -> Call:
    lanes = _lanes(batch)
    return Call(
        "cosine_similarity",
        (batch.y_pred.dtype, lanes > WARP),
        _blocks_of_rows(batch, lanes),
        (batch.y_true, batch.y_pred, batch.weight, batch.gradient, *_sizes_of_rows(batch, lanes)),
    )


def _targets(loss: Any, batch: Batch) -> tuple[Array | None, Array | None]:
    """Return probabilities and labels, one of which there is."""
    return (None, batch.y_true) if loss.integer_targets else (batch.y_true, None)


def _options(loss: Any) -> tuple[float, int]:
    """Return label smoothing and the class to ignore; where there is none, no label is -1."""
    ignored = getattr(loss, "ignore_class", None)
    return loss.label_smoothing, -1 if ignored is None else ignored


def _sizes_of_elements(batch: Batch) -> tuple[int, int, int]:
    """Return the elements, those that share a weight, and those of a row."""
    size = batch.y_pred.size
    return size, size // len(batch.y_pred), batch.outputs


def _sizes_of_rows(batch: Batch, lanes: int) -> tuple[int, int, int, int]:
    """Return the rows, their elements, their threads, and the rows that share a weight."""
    return batch.rows, batch.outputs, lanes, batch.rows // len(batch.y_pred)


def _lanes(batch: Batch) -> int:
    """Return the threads that share a row: part of a warp, a warp, or a block."""
    if batch.outputs > WIDE:
        return BLOCK
    if batch.outputs > NARROW:
        return WARP
    return 1 << (ceil_divide(batch.outputs, HELD) - 1).bit_length()


def _blocks_of_packs(batch: Batch) -> int:
    return sums.blocks_for(batch.y_pred.size, BLOCK * 16 // batch.y_pred.dtype.itemsize)


def _blocks_of_rows(batch: Batch, lanes: int) -> int:
    return sums.blocks_for(batch.y_pred.size, BLOCK // lanes * batch.outputs)
