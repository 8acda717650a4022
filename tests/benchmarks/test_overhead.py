"""Differences by hand, the pseudo-terminal, the tables, and that each variant does what it says."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import overhead
from benchmarks.overhead import BARE, FIT, VARIANTS, Variant
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


def test_what_is_written_to_a_pseudo_terminal_is_read_there() -> None:
    before = sys.stderr
    with overhead.pseudo_terminal() as written:
        assert sys.stderr.isatty()
        sys.stderr.write("x" * 100_000)  # more than a terminal holds
    assert written.count(b"x") == 100_000
    assert sys.stderr is before


def test_stderr_is_given_back_after_an_error() -> None:
    before = sys.stderr
    with pytest.raises(KeyError), overhead.pseudo_terminal():
        raise KeyError
    assert sys.stderr is before


def test_the_bar_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytearray] = []
    real = overhead.pseudo_terminal

    class Watched:
        def __enter__(self) -> None:
            self.inner = real()
            pieces.append(self.inner.__enter__())

        def __exit__(self, *error: Any) -> None:
            self.inner.__exit__(*error)

    monkeypatch.setattr(overhead, "pseudo_terminal", Watched)
    drawn = next(variant for variant in VARIANTS if variant.drawn)
    overhead.fitting(SMALL, SMALL.data(), "numpy", drawn)()
    assert b"Epoch 3/3" in pieces[0]
    assert b"6/6" in pieces[0]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.title)
def test_a_variant_has_what_it_says_and_nothing_else(
    variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []
    real = overhead._compiled

    def watched(contender: Any, metrics: Any = ()) -> Any:
        model = real(contender, metrics)
        fit = model.fit

        def noted(*arguments: Any, **options: Any) -> None:
            calls.append({**options, "history": fit(*arguments, **options).history})

        monkeypatch.setattr(model, "fit", noted)
        return model

    monkeypatch.setattr(overhead, "_compiled", watched)
    overhead.fitting(SMALL, SMALL.data(), "numpy", variant)()
    (call,) = calls
    assert list(call["history"]) == ["loss", *variant.metrics]
    assert len(call["history"]["loss"]) == 1 + SMALL.epochs
    kinds = [type(callback) for callback in call["callbacks"]]
    assert kinds == [overhead.Stopwatch, *([] if variant.callback is None else [variant.callback])]
    assert call["verbose"] == int(variant.drawn)


def test_the_bare_step_trains_as_fit_does(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights after a turn of the program are those after as many epochs of fit without shuffling."""
    workload = Workload("small", (3, 4, 1), 5, 6, 2, "sgd", 0.1)  # an optimizer without a state
    made: list[Any] = []
    real = overhead._compiled
    monkeypatch.setattr(overhead, "_compiled", lambda contender: made.append(real(contender)) or made[-1])
    run = overhead.bare(workload, workload.data(), backend.name)
    made[0].set_weights(workload.weights())
    run()
    other = overhead.Gpunet(workload, *workload.data(), workload.weights(), backend.name)
    other.model.fit(other.x, other.y, batch_size=5, epochs=2, shuffle=False, verbose=0)
    for found, wanted in zip(made[0].get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert (made[0].get_weights()[0] != workload.weights()[0]).any()


def test_an_epoch_fits_into_a_table_of_coefficients() -> None:
    assert all(workload.steps <= overhead.TABLE_ROWS for workload in overhead.WORKLOADS)
    long = Workload("long", (3, 1), 1, overhead.TABLE_ROWS + 1, 1, "sgd", 0.1)
    with pytest.raises(AssertionError):
        overhead.bare(long, long.data(), "numpy")


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
