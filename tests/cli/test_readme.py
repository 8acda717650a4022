"""README's examples run as they stand, one after the other."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_python_examples(flowers: Path) -> None:
    names: dict[str, Any] = {}
    for block in re.findall(r"^```python\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE):
        exec(block, names)
    assert names["accuracy"] >= 0.94
    assert names["probabilities"].shape == (445, 10)
    assert names["probabilities"].sum(axis=1) == pytest.approx(1, abs=1e-5)


def test_the_command_lines(run: Callable[..., Any], flowers: Path) -> None:
    rows = [line.rpartition(",")[0] for line in flowers.read_text().splitlines()]  # without the species
    Path("new.csv").write_text("\n".join(rows) + "\n")
    for line in re.findall(r"^    gpunet (.*)$", README, flags=re.MULTILINE):
        code, out, _ = run(*shlex.split(line))
        assert (code, bool(out)) == (0, True), line
    assert len(Path("predictions.csv").read_text().splitlines()) == len(rows)
