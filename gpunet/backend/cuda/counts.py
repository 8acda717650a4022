"""Launches the kernels of metrics that keep confusion matrices, at a few thresholds or along a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ..formulas import Array
from .kernels import BLOCK, Kernels, ceil_divide
from .means import blocks_for, values_shape

CELLS = ("true_positives", "false_positives", "false_negatives", "true_negatives")
STATES = len(CELLS)  # the sums that one kernel makes
PARTS = 64  # of a column, at most
HALF = Kernels.WORKSPACE // 2  # for sums of parts; the other half is for what a row needs to know


class Counted(NamedTuple):
    """Which elements of a batch a metric counts.

    Attributes:
        size: How many,
        step: how far apart,
        offset: and where the first one is.
        classes: The size of the last axis.
        span: The elements of a sample, which share a weight.
    """

    size: int
    step: int
    offset: int
    classes: int
    span: int


def confusion(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the confusion matrix at a few thresholds."""
    counted = _counted(metric.class_id, y_true, y_pred)
    if counted is None:
        return False
    states = {cell: getattr(metric, state) for state, cell in metric.counted.items()}
    thresholds = len(metric.thresholds)
    parts = max(1, min(blocks_for(counted.size), HALF // (STATES * thresholds)))
    size, step, offset, classes, span = counted
    arguments = metric._limits, thresholds, size, step, offset, classes, metric.top_k or 0, span
    sum_up(
        kernels, "confusion", (y_pred.dtype,), thresholds * parts, (y_true, y_pred, weight, *arguments),
        thresholds, parts, [states.get(cell) for cell in CELLS],
    )  # fmt: skip
    return True


def operating_point(
    kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None
) -> bool:
    """Take in a batch of the confusion matrix at many thresholds."""
    counted = _counted(metric.class_id, y_true, y_pred)
    if counted is None:
        return False
    return _histograms(kernels, metric, y_true, y_pred, weight, counted)


def area(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the confusion matrix at many thresholds, for each column where a metric tells them apart."""
    counted = _counted(None, y_true, y_pred)
    if counted is None:
        return False
    columns, classes = 1, counted.classes
    if metric.multi_label:
        columns = metric.true_positives.shape[1]
        if values_shape(y_true, y_pred) != (len(y_pred), columns):
            return False
        counted = counted._replace(size=len(y_pred), step=columns)
    weights = metric.label_weights
    if weights is not None and (y_pred.ndim < 2 or weights.shape != (classes,)):
        return False
    class_weights = None if metric.multi_label else weights
    return _histograms(
        kernels, metric, y_true, y_pred, weight, counted, columns, class_weights, metric._from_logits
    )


def _counted(class_id: int | None, y_true: Array, y_pred: Array) -> Counted | None:
    """Return which elements count: all of them, or those of a class; ``None`` where arrays don't fit."""
    shape = values_shape(y_true, y_pred)
    if shape is None:
        return None
    size, classes, span = y_pred.size, shape[-1], y_pred.size // len(y_pred)
    if class_id is None:
        return Counted(size, 1, 0, classes, span)
    if len(shape) == 1 or not 0 <= class_id < classes:
        return None
    return Counted(size // classes, classes, class_id, classes, span)


def _histograms(
    kernels: Kernels,
    metric: Any,
    y_true: Array,
    y_pred: Array,
    weight: Array | None,
    counted: Counted,
    columns: int = 1,
    class_weights: Array | None = None,
    from_logits: bool = False,
) -> bool:
    """Make a histogram of each column, as many columns at once as there is room for, and add it to the state."""
    thresholds = len(metric.thresholds)
    sums = 2 * (thresholds + 1)
    room = kernels.WORKSPACE // sums
    if room == 0:
        return False
    states = [getattr(metric, cell) for cell in (*CELLS[:2], CELLS[3], CELLS[2])]
    for first in range(0, columns, room):
        some = min(room, columns - first)
        parts = max(1, min(ceil_divide(counted.size, BLOCK), PARTS, room // some))
        offset = counted.offset + first
        kernels.launch(
            "histogram", (y_pred.dtype,), some * parts,
            y_true, y_pred, weight, class_weights, metric._limits, thresholds, counted.size, counted.step, offset,
            counted.classes, counted.span, from_logits, parts, kernels.workspace,
        )  # fmt: skip
        kernels.launch(
            "add_histograms", (), some, kernels.workspace, parts, thresholds, columns, first, *states
        )
    return True


def sum_up(
    kernels: Kernels,
    name: str,
    template: tuple[Any, ...],
    blocks: int,
    arguments: tuple[Any, ...],
    size: int,
    parts: int,
    states: Sequence[Array | None],
    *further: Array,
    together: bool = False,
) -> None:
    """Launch a kernel that makes four sums for each of ``size`` elements, in parts that a second kernel adds up."""
    several = parts > 1 or (together and size > 1)
    partial = kernels.workspace[HALF:] if several else None
    kernels.launch(name, template, blocks, *arguments, parts, partial, *states, *further)
    if several:
        parts, size = (parts * size, 1) if together else (parts, size)
        kernels.launch("add_sums", (), STATES * size, partial, parts, size, *states)
