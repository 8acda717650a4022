"""Metrics that are means, one value a sample: accuracies and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from ..formulas import Array
from . import loss_rules as rules
from .arguments import doubles, integers, matrix, number, weight_of
from .issue import Issue
from .kernel import Doubles, Kernel

# What all kernels are given.
Y_TRUE, Y_PRED, WEIGHT, TOTAL, COUNT, THRESHOLD = range(6)


@register_jitable
def _add(arguments, row, value):
    weight = weight_of(arguments, WEIGHT, row)
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


def _mean_of(rule: Callable[..., Any]) -> Kernel:
    @Kernel
    def mean(arguments):
        y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
        outputs = np.float64(y_pred.shape[1])
        for row in range(y_pred.shape[0]):
            value = 0.0
            for column in range(y_pred.shape[1]):
                target, prediction = np.float64(y_true[row, column]), np.float64(y_pred[row, column])
                value += rule(target, prediction, outputs, 0.0)[0]
            _add(arguments, row, value)

    return mean


KERNELS = {
    "BinaryAccuracy": binary_accuracy,
    "CategoricalAccuracy": categorical_accuracy,
    "SparseCategoricalAccuracy": sparse_categorical_accuracy,
    "MeanSquaredError": _mean_of(rules.squared),
    "RootMeanSquaredError": _mean_of(rules.squared),
    "MeanSquaredLogarithmicError": _mean_of(rules.squared_logarithmic),
    "MeanAbsoluteError": _mean_of(rules.absolute),
    "MeanAbsolutePercentageError": _mean_of(rules.absolute_percentage),
    "LogCoshError": _mean_of(rules.log_cosh),
    "Poisson": _mean_of(rules.poisson),
    "KLDivergence": _mean_of(rules.divergence),
}


def mean(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of a mean."""
    name = type(metric).__name__
    if name.startswith("Sparse"):
        fits = y_true.size == len(y_pred) and y_true.dtype == np.int64
    else:
        fits = y_true.size == y_pred.size and y_true.dtype == y_pred.dtype
    threshold = metric.options.get("threshold", 0.5) if name == "BinaryAccuracy" else 0.0
    state = Doubles(metric.total), Doubles(metric.count)
    return fits and issue(KERNELS[name], y_true, y_pred, weight, *state, float(threshold))
