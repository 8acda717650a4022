"""Penalties on weights, and their gradients in the same pass."""

from __future__ import annotations

from typing import Any

from ..formulas import Array, own
from .arguments import doubles, given, integer, number, vector
from .issue import Issue
from .kernel import Doubles, Kernel


@Kernel
def l1_l2(arguments):
    """rows · (l1 Σ |w| + l2 Σ w²) to the total (3), the gradient to (1)."""
    value, rows, totals = vector(arguments, 0), integer(arguments, 2), doubles(arguments, 3)
    real = value.dtype.type
    l1, l2 = number(arguments, 4), number(arguments, 5)
    sizes = squares = 0.0
    for i in range(len(value)):
        sizes += abs(value[i])
        squares += value[i] * value[i]
    totals[0] += rows * (l1 * sizes + l2 * squares)
    if given(arguments, 1):
        gradient, slope, twice = vector(arguments, 1), real(l1), real(2 * l2)
        for i in range(len(value)):
            sign = real(1) if value[i] > 0 else real(-1) if value[i] < 0 else value[i]
            gradient[i] += slope * sign + twice * value[i]


def penalty(
    issue: Issue, regularizer: Any, value: Array, gradient: Array | None, rows: int, totals: Array
) -> bool:
    """Add ``rows · regularizer(value)`` to ``totals[0]``, and its gradient to ``gradient`` where it is wanted."""
    if not own(regularizer) or type(regularizer).__name__ not in ("L1", "L2", "L1L2"):
        return False
    return issue(l1_l2, value, gradient, rows, Doubles(totals), float(regularizer.l1), float(regularizer.l2))
