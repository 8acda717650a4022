"""Will I pass this class?"""

from __future__ import annotations

import numpy as np
import pytest

from gpunet.datasets import students


def test_lectures_are_whole_numbers_and_hours_are_not() -> None:
    x, _ = students(samples=1000)
    assert sorted(set(x[:, 0].tolist())) == list(range(16))
    assert 0 <= x[:, 1].min() < 1
    assert 29 < x[:, 1].max() <= 30


def test_without_luck_a_line_decides() -> None:
    x, y = students(samples=1000, noise=0.0)
    assert (
        (2 * x[:, 0] + x[:, 1] >= 30) == y
    ).mean() >= 0.999  # a student on the line itself may round either way
    assert y[x[:, 0] == 15].all()


def test_luck_decides_some() -> None:
    x, y = students(samples=20_000, noise=0.1)
    surprised = ((2 * x[:, 0] + x[:, 1] >= 30) != y).mean()
    # The sum of two uniform parts has density 1 at the line, so the share is E|luck| / 2 each side: 0.1 ·
    # √(2/π).
    assert surprised == pytest.approx(0.1 * np.sqrt(2 / np.pi), abs=0.01)
