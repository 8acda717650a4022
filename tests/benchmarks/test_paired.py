"""Ratios and intervals, by hand."""

from __future__ import annotations

import pytest

from benchmarks import paired


def test_a_ratio_is_the_median_of_the_rounds_own_ratios() -> None:
    mine, theirs = [1.0, 20.0, 3.0], [2.0, 10.0, 12.0]  # 0.5, 2, 0.25; the ratio of the medians would be 0.3
    assert paired.ratio(mine, theirs) == (0.5, 0.25, 2.0, 0.75)  # all three on one side: 2 / 2³


def test_rounds_that_have_no_partner_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        paired.ratio([1.0, 2.0], [1.0])


@pytest.mark.parametrize(
    ("count", "low", "high", "confidence"),
    [
        (1, 1, 1, 0.0),
        (5, 1, 5, 1 - 2 / 32),  # second and fourth: 1 - 2 · 6 / 32 = 0.625
        (8, 2, 7, 1 - 2 * (1 + 8) / 256),
        (9, 2, 8, 1 - 2 * (1 + 9) / 512),
        (11, 3, 9, 1 - 2 * (1 + 11 + 55) / 2048),
    ],
)
def test_an_interval_goes_from_the_kth_smallest_to_the_kth_largest(
    count: int, low: int, high: int, confidence: float
) -> None:
    values = [float(value) for value in range(count, 0, -1)]
    found = paired.interval(values)
    assert found == ((count + 1) / 2, low, high, pytest.approx(confidence))


def test_quartiles() -> None:
    assert paired.quartiles([4.0, 1.0, 3.0, 2.0]) == (
        1.75,
        3.25,
    )  # a quarter of the way: position 0.75 of 0…3
    assert paired.quartiles([7.0]) == (7.0, 7.0)
