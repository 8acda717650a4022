"""The held-out quarter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpunet.datasets.split import hold_out_quarter


def test_one_class_follows_the_multiples_of_the_golden_ratio() -> None:
    # i · 0.618034 mod 1 for i = 0 to 7: 0, .618, .236, .854, .472, .090, .708, .326. The two largest are held
    # out.
    train, test = hold_out_quarter(np.zeros(8))
    assert train.tolist() == [0, 5, 2, 7, 4, 1]
    assert test.tolist() == [6, 3]


@given(st.lists(st.integers(0, 4), min_size=16, max_size=300))
def test_every_row_is_used_once_and_a_quarter_of_each_class_is_held_out(labels: list[int]) -> None:
    y = np.array(labels)
    counts = np.bincount(y)
    train, test = hold_out_quarter(y)
    assert sorted([*train, *test]) == list(range(len(y)))
    assert np.bincount(y[test], minlength=len(counts)).tolist() == [count // 4 for count in counts]


def test_a_file_sorted_by_class_comes_out_mixed() -> None:
    y = np.repeat([0, 1, 2], 100)
    train, _ = hold_out_quarter(y)
    last_fifth = np.bincount(y[train[-45:]], minlength=3)
    assert np.abs(last_fifth - 15).max() <= 1


@pytest.mark.parametrize("period", [2, 3, 4, 5, 7, 8, 12])
def test_a_file_that_repeats_itself_is_held_out_evenly(period: int) -> None:
    phase = np.arange(period * 200) % period
    _, test = hold_out_quarter(np.zeros(len(phase)))
    # Every fourth row would hold out all of one phase and none of another where the period is 4; a random
    # quarter has a standard deviation of √(200 · ¼ · ¾) = 6.
    assert np.abs(np.bincount(phase[test], minlength=period) - 50).max() <= 6


@pytest.mark.parametrize("labels", [[], [0], [0, 0, 0], [0, 1, 2, 0, 1, 2]])
def test_too_few_rows_are_refused(labels: list[int]) -> None:
    with pytest.raises(ValueError, match=f"at least four rows of a class.*got {len(labels)} rows"):
        hold_out_quarter(np.array(labels, dtype=np.int64))
