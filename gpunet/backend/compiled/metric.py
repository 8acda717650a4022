"""Accuracies: the mean of hits, one a sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba.extending import register_jitable

from ..formulas import Array, own
from .arguments import doubles, given, integers, matrix, number, vector
from .issue import Issue
from .kernel import Doubles, Kernel

# What all kernels are given.
Y_TRUE, Y_PRED, WEIGHT, TOTAL, COUNT, THRESHOLD = range(6)


@register_jitable
def _add(arguments, row, value):
    weight = vector(arguments, WEIGHT)[row] if given(arguments, WEIGHT) else 1
    doubles(arguments, TOTAL)[0] += value * weight
    doubles(arguments, COUNT)[0] += weight


@register_jitable
def _largest(row):
    """Return where the largest element of a row is, the first of several; the first NaN is larger than all."""
    best = 0
    for column in range(1, len(row)):
        if row[column] > row[best] or (row[column] != row[column] and row[best] == row[best]):
            best = column
    return best


@Kernel
def binary_accuracy(arguments):
    """How many outputs of a row lie on the right side of the threshold."""
    y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    threshold = y_pred.dtype.type(number(arguments, THRESHOLD))
    for row in range(y_pred.shape[0]):
        hits = 0.0
        for column in range(y_pred.shape[1]):
            hits += y_true[row, column] == (1 if y_pred[row, column] > threshold else 0)
        _add(arguments, row, hits / y_pred.shape[1])


@Kernel
def categorical_accuracy(arguments):
    """Whether the largest target and the largest prediction of a row are one."""
    y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    for row in range(y_pred.shape[0]):
        _add(arguments, row, _largest(y_true[row]) == _largest(y_pred[row]))


@Kernel
def sparse_categorical_accuracy(arguments):
    """Whether the largest prediction of a row is that of its class."""
    labels, y_pred = integers(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    for row in range(y_pred.shape[0]):
        _add(arguments, row, labels[row] == _largest(y_pred[row]))


KERNELS = {
    "BinaryAccuracy": binary_accuracy,
    "CategoricalAccuracy": categorical_accuracy,
    "SparseCategoricalAccuracy": sparse_categorical_accuracy,
}


def update(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Let a metric take in one batch, see ``Backend.update_metric``."""
    kernel = KERNELS.get(type(metric).__name__) if own(metric) else None
    if kernel is None or y_pred.ndim != 2 or y_pred.size == 0:
        return False
    sparse = kernel is sparse_categorical_accuracy
    if y_true.size != (len(y_pred) if sparse else y_pred.size) or sparse != (y_true.dtype == np.int64):
        return False
    state = Doubles(metric.total), Doubles(metric.count)
    return issue(kernel, y_true, y_pred, weight, *state, float(metric.options.get("threshold", 0.5)))
