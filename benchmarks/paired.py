"""Statistics of rounds: medians, quartiles, and ratios taken pair by pair."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

CONFIDENCE = 0.9


class Interval(NamedTuple):
    """A median, and the two values of the sample that it lies between with ``confidence`` (of the true median)."""

    median: float
    low: float
    high: float
    confidence: float


def quartiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the first and the third quartile, interpolated; of a single value, that value twice.

    Example:
        >>> quartiles([1, 2, 3, 4, 5])
        (2.0, 4.0)
    """
    if len(values) == 1:
        return float(values[0]), float(values[0])
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return first, third


def ratio(mine: Sequence[float], theirs: Sequence[float]) -> Interval:
    """Return the median of ``mine / theirs``, round by round, with its interval.

    A disturbance that lasts longer than a round slows both members of a pair, and leaves their ratio alone.

    Example:
        >>> ratio([1, 2, 3], [2, 2, 2]).median
        1.0
    """
    return interval([a / b for a, b in zip(mine, theirs, strict=True)])


def interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval:
    """Return the median with the narrowest interval of order statistics that holds it with enough confidence.

    The true median lies between the k-th smallest and the k-th largest of n values unless fewer than k of them fall
    on one side of it: with probability ``1 - 2 Σ_{i<k} C(n, i) / 2ⁿ``, whatever the distribution. Where even smallest
    and largest have less, they are returned, with what they have.
    """
    ordered, count = sorted(values), len(values)
    outside, best = 0.0, (1, 1 - 2.0 ** (1 - count))
    for k in range(1, (count + 1) // 2 + 1):
        outside += 2 * math.comb(count, k - 1) / 2.0**count
        if 1 - outside < confidence:
            break
        best = (k, 1 - outside)
    k, reached = best
    return Interval(statistics.median(ordered), ordered[k - 1], ordered[-k], reached)
