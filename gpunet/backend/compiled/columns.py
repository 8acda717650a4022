"""Metrics that keep sums for each column of the predictions: R² and F scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..formulas import TINY, Array
from .arguments import doubles, matrix, number, weight_of
from .elements import larger
from .issue import Issue
from .kernel import Doubles, Kernel

# What both kernels are given, and then the states.
Y_TRUE, Y_PRED, WEIGHT, OPTION = range(4)


@Kernel
def r2_score(arguments):
    """Σ w y², Σ w y, Σ w (y - f)² and Σ w of each column, and the number of targets."""
    y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    squares, sums, errors = doubles(arguments, 4), doubles(arguments, 5), doubles(arguments, 6)
    counts, samples = doubles(arguments, 7), doubles(arguments, 8)
    for row in range(y_pred.shape[0]):
        weight = weight_of(arguments, WEIGHT, row)
        for column in range(y_pred.shape[1]):
            target = np.float64(y_true[row, column])
            error = target - np.float64(y_pred[row, column])
            squares[column] += target * target * weight
            sums[column] += target * weight
            errors[column] += error * error * weight
            counts[column] += weight
    samples[0] += y_pred.size


@Kernel
def f_score(arguments):
    """Weights of what was rightly, wrongly and not chosen, and of the targets, of each column or of all of them."""
    y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    right, wrong, missed = doubles(arguments, 4), doubles(arguments, 5), doubles(arguments, 6)
    targets = doubles(arguments, 7)
    real = y_pred.dtype.type
    threshold = real(number(arguments, OPTION))  # NaN where the largest of a row is chosen
    for row in range(y_pred.shape[0]):
        weight = weight_of(arguments, WEIGHT, row)
        largest = y_pred[row, 0]
        for column in range(1, y_pred.shape[1]):
            largest = larger(largest, y_pred[row, column])
        for column in range(y_pred.shape[1]):
            value, target = y_pred[row, column], np.float64(y_true[row, column])
            chosen = value > threshold
            if threshold != threshold:
                chosen = value >= largest and abs(value) > real(TINY)
            place = column if len(right) > 1 else 0
            right[place] += target * weight if chosen else 0.0
            wrong[place] += (1 - target) * weight if chosen else 0.0
            missed[place] += 0.0 if chosen else target * weight
            targets[place] += target * weight


def r2(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of R²."""
    states = "squared_sum", "sum", "total_mse", "count", "num_samples"
    return _sum(issue, r2_score, metric, (y_true, y_pred, weight), 0.0, states)


def f_beta(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of an F score."""
    states = "true_positives", "false_positives", "false_negatives", "intermediate_weights"
    threshold = math.nan if metric.threshold is None else float(metric.threshold)
    return _sum(issue, f_score, metric, (y_true, y_pred, weight), threshold, states)


def _sum(
    issue: Issue,
    kernel: Kernel,
    metric: Any,
    batch: tuple[Array, Array, Array | None],
    option: float,
    states: Sequence[str],
) -> bool:
    """Issue a kernel, once the first batch has made the state."""
    y_true, y_pred, _ = batch
    if y_true.shape != y_pred.shape or y_true.dtype != y_pred.dtype or not hasattr(metric, states[0]):
        return False
    found = [getattr(metric, state) for state in states]
    return found[0].shape in ((), y_pred.shape[1:]) and issue(kernel, *batch, option, *map(Doubles, found))
