"""Softmax of one row."""

from __future__ import annotations

from numba.extending import register_jitable

from .functions import exponential


@register_jitable
def softmax(logits, out):
    """Write the probabilities; return the largest logit and the sum of the exponentials of the others' distance to it."""
    largest = logits[0]
    for column in range(1, len(logits)):
        largest = max(largest, logits[column])
    for column in range(len(logits)):
        out[column] = exponential(logits[column] - largest)
    total = out[0]
    for column in range(1, len(logits)):
        total += out[column]
    for column in range(len(logits)):
        out[column] /= total
    return largest, total
