"""Penalties on weights, and their gradients in the same pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..formulas import Array, own
from .arguments import doubles, given, integer, number, vector
from .elements import sign
from .issue import GRAIN, Issue
from .kernel import Doubles, Kernel, reduction


@reduction
def l1_l2(arguments):
    """l1 Σ |w| + l2 Σ w² to the sum (2), the gradient to (1)."""
    value, total = vector(arguments, 0), doubles(arguments, 2)
    real = value.dtype.type
    l1, l2 = number(arguments, 3), number(arguments, 4)
    sizes = squares = 0.0
    for i in range(len(value)):
        sizes += abs(value[i])
        squares += value[i] * value[i]
    total[0] = l1 * sizes + l2 * squares
    if given(arguments, 1):
        gradient, slope, twice = vector(arguments, 1), real(l1), real(2 * l2)
        for i in range(len(value)):
            gradient[i] += slope * sign(value[i]) + twice * value[i]


@Kernel
def add_sums(arguments):
    """Add rows (1) times the sums (0) to the total (2)."""
    sums, totals = doubles(arguments, 0), doubles(arguments, 2)
    totals[0] += integer(arguments, 1) * np.sum(sums)


def penalty(
    issue: Issue, regularizer: Any, value: Array, gradient: Array | None, rows: int, totals: Array
) -> bool:
    """Add ``rows · regularizer(value)`` to ``totals[0]``, and its gradient to ``gradient`` where it is wanted."""
    if not own(regularizer) or type(regularizer).__name__ not in ("L1", "L2", "L1L2"):
        return False
    value = value.reshape(-1)
    gradient = None if gradient is None else gradient.reshape(-1)
    shares = issue.slices(value.size, 1, GRAIN)
    sums = np.zeros(len(shares))
    parts = [
        (
            value[share],
            None if gradient is None else gradient[share],
            Doubles(sums[index : index + 1]),
            float(regularizer.l1),
            float(regularizer.l2),
        )
        for index, share in enumerate(shares)
    ]
    return issue.parts(l1_l2, parts) and issue(add_sums, Doubles(sums), rows, Doubles(totals))
