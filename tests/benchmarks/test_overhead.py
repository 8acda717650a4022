"""Differences by hand, the tables, the picture."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import overhead
from benchmarks.variants import BARE, FIT, VARIANTS
from benchmarks.workloads import Workload

SMALL = Workload("small", (3, 4, 1), 5, 6, 2, "adam", 0.1)


def command(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    overhead.add_to(parser.add_subparsers())
    return parser.parse_args(["overhead", *arguments])


def test_differences_are_taken_within_a_round() -> None:
    # 1, -5 and 3 µs; the difference of the medians would be 1 - 2 = -1
    found = overhead.above([2e-6, 1e-6, 4e-6], [1e-6, 6e-6, 1e-6])
    assert (found["median"], found["low"], found["high"]) == (1, -5, 3)


def test_every_other_round_runs_backwards() -> None:
    assert overhead._in_turn(["a", "b", "c"], 0) == ["a", "b", "c"]
    assert overhead._in_turn(["a", "b", "c"], 1) == ["c", "b", "a"]


def test_each_variant_is_above_its_base(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns of 12 steps that take 12 µs bare, 24 with fit, 36 to 72 with the others; a call of fit takes 100 µs in all."""
    now, costs = 0.0, {FIT: 2.0, **{v.title: 3.0 + i for i, v in enumerate(VARIANTS[1:])}}

    def turn(microseconds: float) -> Any:
        def run() -> float:
            nonlocal now
            now += 100e-6
            return 12e-6 * microseconds

        return run

    monkeypatch.setattr(overhead.time, "perf_counter", lambda: now)
    monkeypatch.setattr(overhead, "bare", lambda *_: turn(1.0))
    monkeypatch.setattr(
        overhead, "fitting", lambda workload, data, backend, variant: turn(costs[variant.title])
    )
    measured = overhead.measure(SMALL, "numpy", 3)
    assert measured["bare_us"] == pytest.approx(1)
    medians = {title: found["median"] for title, found in measured["above"].items()}
    assert medians == pytest.approx({FIT: 1, **{v.title: 1 + i for i, v in enumerate(VARIANTS[1:])}})
    assert all(len(values) == 3 for values in measured["us_per_step"].values())
    assert measured["us_per_call"]["median"] == pytest.approx(100 - 3 * 12)  # less an epoch before the two


@pytest.mark.parametrize(("each", "rounds"), [(0.1, 8), (5.0, 5), (1.5, 5), (0.6, 6)])
def test_rounds_end_when_they_take_too_long(
    each: float, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight are wanted, of six turns each: five at least, and no more after 20 seconds."""
    now = 0.0

    def turn() -> float:
        nonlocal now
        now += each
        return 1e-3

    monkeypatch.setattr(overhead.time, "perf_counter", lambda: now)
    monkeypatch.setattr(overhead, "bare", lambda *_: turn)
    monkeypatch.setattr(overhead, "fitting", lambda *_: turn)
    assert overhead.measure(SMALL, "numpy", 8)["rounds"] == rounds


def test_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(overhead, "WORKLOADS", (SMALL,))
    monkeypatch.setattr(overhead, "available", lambda: (["numpy"], {"cupy": "no usable GPU"}))
    assert overhead.run(command("--rounds", "2", "--json", str(tmp_path / "a.json"))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["3-4-1,", "batch", "5:", "µs/step", "numpy"]
    assert lines[2].startswith(BARE)
    assert [line.partition("  ")[0] for line in lines[3:8]] == [
        f"{v.title}, above {v.above}" for v in VARIANTS
    ]
    assert lines[8].startswith("a call of fit, once, in µs")
    assert lines[9] == "not here: cupy: no usable GPU"
    (measured,) = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["measured"]
    assert np.shape(list(measured["us_per_step"].values())) == (1 + len(VARIANTS), 2)


def test_the_picture() -> None:
    pytest.importorskip("matplotlib")
    found = {"median": 2.0, "low": 1.5, "high": 4.0}
    above = {variant.title: found for variant in VARIANTS}
    measured = {"sizes": [3, 1], "batch_size": 5, "backend": "numpy", "bare_us": 3.25, "above": above}
    result = {"machine": {"cpu": "Model", "cores": 2}, "measured": [measured, measured]}
    panels = overhead.draw(result).axes
    assert [panel.get_title(loc="left") for panel in panels] == ["3-1, batch 5, numpy: bare step 3.2 µs"] * 2
    assert [bar.get_width() for bar in panels[0].patches] == [2.0] * len(VARIANTS)
