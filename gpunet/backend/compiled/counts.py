"""Metrics that keep confusion matrices, at a few thresholds or along a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.extending import register_jitable

from ..formulas import Array
from .activation_rules.sigmoids import sigmoid
from .arguments import doubles, given, integer, matrix, weight_of
from .elements import clip
from .issue import Issue
from .kernel import Argument, Doubles, Kernel

CELLS = "true_positives", "false_positives", "true_negatives", "false_negatives"

# What both kernels are given; the columns that count are those from FIRST to STOP.
Y_TRUE, Y_PRED, WEIGHT, LIMITS, FIRST, STOP = range(6)
STATES = 6, 7, 8, 9  # one a cell
FROM_LOGITS, HISTOGRAM = 10, 11


@register_jitable
def _add(arguments, position, threshold, value):
    if given(arguments, position):
        doubles(arguments, position)[threshold] += value


@Kernel
def confusion(arguments):
    """Add the weights in each cell of the matrix, threshold by threshold."""
    y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    limits = doubles(arguments, LIMITS)
    for threshold in range(len(limits)):
        limit = y_pred.dtype.type(limits[threshold])
        true_above = false_above = true_below = false_below = 0.0
        for row in range(y_pred.shape[0]):
            weight = weight_of(arguments, WEIGHT, row)
            for column in range(integer(arguments, FIRST), integer(arguments, STOP)):
                above, true = y_pred[row, column] > limit, y_true[row, column] != 0
                true_above += weight if above and true else 0.0
                false_above += weight if above and not true else 0.0
                true_below += weight if true and not above else 0.0
                false_below += weight if not (true or above) else 0.0
        _add(arguments, STATES[0], threshold, true_above)
        _add(arguments, STATES[1], threshold, false_above)
        _add(arguments, STATES[2], threshold, false_below)
        _add(arguments, STATES[3], threshold, true_below)


@register_jitable
def _bin(value, limits):
    """Return how many of the rising limits are below a value; NaN exceeds them all."""
    low, high = 0, len(limits)
    while low < high:
        middle = (low + high) // 2
        if type(value)(limits[middle]) >= value:
            high = middle
        else:
            low = middle + 1
    return low


@Kernel
def curve(arguments):
    """The same at many rising thresholds, by a histogram of the predictions for each kind of target."""
    y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    limits, histogram = doubles(arguments, LIMITS), doubles(arguments, HISTOGRAM)
    zero, one = y_pred.dtype.type(0), y_pred.dtype.type(1)
    histogram[:] = 0
    bins = len(limits) + 1
    for row in range(y_pred.shape[0]):
        weight = weight_of(arguments, WEIGHT, row)
        for column in range(integer(arguments, FIRST), integer(arguments, STOP)):
            value = y_pred[row, column]
            if integer(arguments, FROM_LOGITS) != 0:
                value = sigmoid(value, one, one, one)
            kind = bins if y_true[row, column] != 0 else 0
            histogram[kind + _bin(clip(value, zero, one), limits)] += weight
    negatives, positives = histogram[:bins].sum(), histogram[bins:].sum()
    true_below = false_below = 0.0
    for threshold in range(len(limits)):
        false_below += histogram[threshold]
        true_below += histogram[bins + threshold]
        _add(arguments, STATES[0], threshold, positives - true_below)
        _add(arguments, STATES[1], threshold, negatives - false_below)
        _add(arguments, STATES[2], threshold, false_below)
        _add(arguments, STATES[3], threshold, true_below)


def at_thresholds(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the confusion matrix at a few thresholds."""
    if metric.top_k is not None:
        return False
    found = {cell: Doubles(getattr(metric, state)) for state, cell in metric.counted.items()}
    states = [found.get(cell) for cell in CELLS]
    return _count(issue, confusion, metric, (y_true, y_pred, weight), metric.class_id, states)


def operating_point(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the confusion matrix at many thresholds."""
    states = _along_curve(metric, False)
    return _count(issue, curve, metric, (y_true, y_pred, weight), metric.class_id, states)


def area(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the confusion matrix at many thresholds, of all columns together."""
    if metric.multi_label or metric.label_weights is not None:
        return False
    states = _along_curve(metric, metric._from_logits)
    return _count(issue, curve, metric, (y_true, y_pred, weight), None, states)


def _along_curve(metric: Any, from_logits: bool) -> list[Argument]:
    """Return what the kernel of a curve is given behind the columns."""
    histogram = np.zeros(2 * (len(metric.thresholds) + 1))
    return [*(Doubles(getattr(metric, cell)) for cell in CELLS), int(from_logits), Doubles(histogram)]


def _count(
    issue: Issue,
    kernel: Kernel,
    metric: Any,
    batch: tuple[Array, Array, Array | None],
    class_id: int | None,
    states: Sequence[Argument],
) -> bool:
    """Issue a kernel for all columns, or for that of a class."""
    y_true, y_pred, _ = batch
    columns = y_pred.shape[1]
    if y_true.size != y_pred.size or y_true.dtype != y_pred.dtype or not 0 <= (class_id or 0) < columns:
        return False
    first, stop = (0, columns) if class_id is None else (class_id, class_id + 1)
    return issue(kernel, *batch, Doubles(metric._limits), first, stop, *states)
