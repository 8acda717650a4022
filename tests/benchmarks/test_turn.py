"""Turns of fit, with a clock that is told what to show."""

from __future__ import annotations

from argparse import Namespace
from itertools import pairwise
from typing import Any

import pytest

from benchmarks import turn as turns
from benchmarks.turn import Turn
from benchmarks.workloads import Workload

SMALL = Workload("small", (4, 3), 2, 8, 1, "adam", 0.001)


def test_a_turn_counts_the_steps_after_the_first_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call takes a second, the first epoch another one, then each step 12 ms."""
    now, calls = 0.0, []
    monkeypatch.setattr(turns.time, "perf_counter", lambda: now)

    def fit(*_: Any, epochs: int, steps_per_epoch: int | None, callbacks: list[Any], **__: Any) -> None:
        nonlocal now
        calls.append((epochs, steps_per_epoch))
        (watch,) = callbacks
        now += 1
        for epoch in range(epochs):
            watch.on_epoch_begin(epoch)
            now += 0.012 * (steps_per_epoch or 8) if epoch else 1
        watch.on_train_end()

    monkeypatch.setattr(turns, "Gpunet", lambda *_: Namespace(x=None, y=None, model=Namespace(fit=fit)))
    turn = Turn(SMALL, "numpy")
    assert (turn.steps, turn.epochs) == (8, 1)
    assert turn() == pytest.approx(0.012)
    assert calls == [(2, 2), (2, 2), (2, None)]


@pytest.mark.parametrize(
    ("seconds", "steps", "epochs"),
    [(0.001, 8, 12), (0.0125, 8, 1), (0.02, 8, 1), (0.025, 4, 1), (0.04, 2, 1), (1.0, 2, 1)],
)
def test_a_turn_takes_the_steps_that_it_divides_by(
    seconds: float, steps: int, epochs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a network with 8 steps an epoch; fit cuts an epoch short where the data end, which must not happen."""
    with monkeypatch.context() as patch:
        patch.setattr(Turn, "__call__", lambda self: seconds)
        turn = Turn(SMALL, "numpy")
    assert (turn.steps, turn.epochs) == (steps, epochs)
    model, ends = turn.contender.model, []
    real = turns.Stopwatch.on_epoch_begin
    monkeypatch.setattr(
        turns.Stopwatch,
        "on_epoch_begin",
        lambda self, epoch, logs=None: (ends.append(int(model.optimizer.iterations)), real(self, epoch)),
    )
    turn()
    ends.append(int(model.optimizer.iterations))
    assert [b - a for a, b in pairwise(ends)] == [steps] * (1 + epochs)


def test_a_turn_trains() -> None:
    turn = Turn(SMALL, "numpy")
    before = turn.contender.model.get_weights()[0].copy()
    assert turn() > 0
    assert (turn.contender.model.get_weights()[0] != before).any()
