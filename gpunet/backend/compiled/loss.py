"""Losses: value and gradient in one pass over the batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba.extending import register_jitable

from ..formulas import Array, LossFormula, own
from . import loss_rules as rules
from .activation_rules.sigmoids import sigmoid
from .arguments import doubles, integer, integers, matrix, number, vector, weight_of
from .functions import exponential, logarithm_of_1_plus
from .issue import Issue
from .kernel import Doubles, Kernel
from .softmax import softmax

# What all kernels are given.
Y_TRUE, Y_PRED, WEIGHT, PREDICTIONS, GRADIENT, TOTALS, FACTOR, OPTION, BY_WEIGHTS = range(9)


@register_jitable
def _factor(arguments):
    """Return what the reduction multiplies each value by, and each gradient: in double precision."""
    if integer(arguments, BY_WEIGHTS) == 0:
        return number(arguments, FACTOR)
    total = vector(arguments, WEIGHT).sum()
    return number(arguments, FACTOR) / total if total != 0 else 0.0


@register_jitable
def _add(arguments, value):
    rows, totals = matrix(arguments, Y_PRED).shape[0], doubles(arguments, TOTALS)
    totals[0] += value * rows
    totals[1] += rows


def _elementwise(rule: Callable[..., Any]) -> Kernel:
    @Kernel
    def loss(arguments):
        y_true, y_pred = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
        gradient = matrix(arguments, GRADIENT)
        real = y_pred.dtype.type
        outputs, option = real(y_pred.shape[1]), real(number(arguments, OPTION))
        factor, total = _factor(arguments), 0.0
        for row in range(y_pred.shape[0]):
            share = factor * weight_of(arguments, WEIGHT, row)
            value = real(0)
            for output in range(y_pred.shape[1]):
                part, slope = rule(y_true[row, output], y_pred[row, output], outputs, option)
                value += part
                gradient[row, output] = slope * real(share)
            total += value * share
        _add(arguments, total)

    return loss


@Kernel
def sigmoid_crossentropy(arguments):
    """Binary cross-entropy of logits: max(z, 0) - y z + log(1 + e^-|z|), the mean over outputs."""
    y_true, logits = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    predictions, gradient = matrix(arguments, PREDICTIONS), matrix(arguments, GRADIENT)
    real = logits.dtype.type
    one, smoothing = real(1), real(number(arguments, OPTION))
    factor, total = _factor(arguments) / logits.shape[1], 0.0
    for row in range(logits.shape[0]):
        share = factor * weight_of(arguments, WEIGHT, row)
        value = real(0)
        for output in range(logits.shape[1]):
            z = logits[row, output]
            target = y_true[row, output] * (one - smoothing) + smoothing / real(2)
            p = sigmoid(z, one, one, one)
            predictions[row, output] = p
            gradient[row, output] = (p - target) * real(share)
            # in this order a right answer leaves an exact 0 for the small tail
            value += (max(z, real(0)) - target * z) + logarithm_of_1_plus(exponential(-abs(z)))
        total += value * share
    _add(arguments, total)


@Kernel
def sparse_softmax_crossentropy(arguments):
    """log Σ e^z - z_c for the class c of each row."""
    labels, logits = integers(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    predictions, gradient = matrix(arguments, PREDICTIONS), matrix(arguments, GRADIENT)
    real = logits.dtype.type
    factor, total = _factor(arguments), 0.0
    for row in range(logits.shape[0]):
        share, label = factor * weight_of(arguments, WEIGHT, row), labels[row]
        largest, normalizer = softmax(logits[row], predictions[row])
        for column in range(logits.shape[1]):
            gradient[row, column] = predictions[row, column] * real(share)
        gradient[row, label] = (predictions[row, label] - real(1)) * real(share)
        total += (np.log(normalizer) - (logits[row, label] - largest)) * share
    _add(arguments, total)


@Kernel
def softmax_crossentropy(arguments):
    """Σ y · log Σ e^z - Σ y z for smoothed targets y."""
    y_true, logits = matrix(arguments, Y_TRUE), matrix(arguments, Y_PRED)
    predictions, gradient = matrix(arguments, PREDICTIONS), matrix(arguments, GRADIENT)
    real = logits.dtype.type
    smoothing = real(number(arguments, OPTION))
    keep, spread = real(1) - smoothing, smoothing / real(logits.shape[1])
    factor, total = _factor(arguments), 0.0
    for row in range(logits.shape[0]):
        share = factor * weight_of(arguments, WEIGHT, row)
        largest, normalizer = softmax(logits[row], predictions[row])
        weight, score = real(0), real(0)
        for column in range(logits.shape[1]):
            target = y_true[row, column] * keep + spread
            weight += target
            score += target * (logits[row, column] - largest)
        for column in range(logits.shape[1]):
            target = y_true[row, column] * keep + spread
            gradient[row, column] = (predictions[row, column] * weight - target) * real(share)
        total += (weight * np.log(normalizer) - score) * share
    _add(arguments, total)


ELEMENTWISE = {
    "MeanSquaredError": _elementwise(rules.squared),
    "HalfMeanSquaredError": _elementwise(rules.half_squared),
    "MeanSquaredLogarithmicError": _elementwise(rules.squared_logarithmic),
    "MeanAbsoluteError": _elementwise(rules.absolute),
    "MeanAbsolutePercentageError": _elementwise(rules.absolute_percentage),
    "Huber": _elementwise(rules.huber),
    "LogCosh": _elementwise(rules.log_cosh),
    "Poisson": _elementwise(rules.poisson),
    "KLDivergence": _elementwise(rules.divergence),
}
FUSED = {
    "BinaryCrossentropy": sigmoid_crossentropy,
    "CategoricalCrossentropy": softmax_crossentropy,
    "SparseCategoricalCrossentropy": sparse_softmax_crossentropy,
}
OPTIONS = {
    "Huber": "delta",
    "BinaryCrossentropy": "label_smoothing",
    "CategoricalCrossentropy": "label_smoothing",
}


def loss(
    issue: Issue,
    loss: LossFormula,
    y_true: Array,
    y_pred: Array,
    weight: Array | None,
    predictions: Array | None,
    gradient: Array,
    totals: Array,
    loss_scale: Array | None = None,
) -> bool:
    """Add ``rows · L`` and ``rows`` to ``totals``, and write ``∂L/∂y_pred``, see ``Backend.loss``."""
    name = type(loss).__name__
    kernel = (ELEMENTWISE if predictions is None else FUSED).get(name) if own(loss) else None
    if kernel is None or loss_scale is not None or not _fits(loss, y_true, y_pred):
        return False  # no kernel here knows of a loss scale
    by_weights = loss.reduction == "mean_with_sample_weight" and weight is not None
    factor = 1.0 if loss.reduction == "sum" or by_weights else 1 / len(y_pred)
    option = float(getattr(loss, OPTIONS[name])) if name in OPTIONS else 0.0
    arrays = y_true, y_pred, weight, predictions, gradient
    return issue(kernel, *arrays, Doubles(totals), factor, option, int(by_weights))


def _fits(loss: Any, y_true: Array, y_pred: Array) -> bool:
    """Tell whether kernels can take a batch: one row a sample, a target for each, no class left out."""
    labels = loss.integer_targets
    return (
        y_pred.ndim == 2
        and y_pred.size > 0
        and y_true.size == (len(y_pred) if labels else y_pred.size)
        and (y_true.dtype == np.int64) == labels
        and getattr(loss, "ignore_class", None) is None
    )
