"""The promise of README's first screen: the digits are learned, whatever the seed, and a seed repeats."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any


def test_the_median_of_five_other_seeds(run: Callable[..., Any]) -> None:
    accuracies = []
    for seed in range(1, 6):
        answer = run("train", "digits", "--seed", seed, "--verbose", 0)
        found = re.search(r"^test: .* accuracy (\d\.\d+)$", answer.out, re.MULTILINE)
        assert found is not None
        accuracies.append(float(found[1]))
    assert statistics.median(accuracies) >= 0.97


def test_two_runs_with_one_seed_are_bit_equal(run: Callable[..., Any], folder: Path) -> None:
    files = []
    for name in ("first.safetensors", "second.safetensors"):
        run("train", "digits", "--seed", 7, "--epochs", 3, "--verbose", 0, "--save", name)
        files.append((folder / name).read_bytes())
    assert files[0] == files[1]
