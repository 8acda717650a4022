"""When training stops, and with which weights. The expected numbers are those of Keras 3.15.1 for the same results."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest

from gpunet.callbacks import EarlyStopping

FALLING = [10.0, 9.0, 8.0, 9.0, 8.9, 8.8, 8.7, 8.6, 8.5]
SHORT = [0.9, 0.8, 0.7, 0.71, 0.72, 0.73]
SLOW = [0.5, 0.4, 0.35, 0.349, 0.3485, 0.3, 0.31, 0.32, 0.33]
RISING = [0.1, 0.3, 0.2, 0.5, 0.4, 0.45, 0.6]

CASES: list[tuple[list[float], dict[str, Any], tuple[Any, ...]]] = [
    # results, arguments, (epochs, stopped_epoch, best_epoch, best, wait, the epoch whose weights remain)
    (FALLING, {"patience": 0}, (4, 3, 2, 8.0, 1, 3)),
    (FALLING, {"patience": 1}, (4, 3, 2, 8.0, 1, 3)),
    (FALLING, {"patience": 2}, (5, 4, 2, 8.0, 2, 4)),
    (FALLING, {"patience": 3}, (6, 5, 2, 8.0, 3, 5)),
    (FALLING, {"patience": 2, "restore_best_weights": True}, (5, 4, 2, 8.0, 2, 2)),
    (SHORT, {"patience": 5, "baseline": 0.5, "restore_best_weights": True}, (5, 4, 2, 0.7, 5, 2)),
    (SHORT, {"patience": 5, "baseline": 0.75, "restore_best_weights": True}, (6, 0, 2, 0.7, 3, 2)),
    (SLOW, {"patience": 2, "min_delta": 0.01}, (5, 4, 2, 0.35, 2, 4)),
    (SLOW, {"patience": 2, "min_delta": -0.01}, (5, 4, 2, 0.35, 2, 4)),
    (RISING, {"patience": 2, "mode": "max"}, (6, 5, 3, 0.5, 2, 5)),
    (RISING, {"patience": 3, "mode": "max", "restore_best_weights": True}, (7, 0, 6, 0.6, 0, 6)),
    (FALLING, {"patience": 1, "start_from_epoch": 4, "restore_best_weights": True}, (9, 0, 8, 8.5, 0, 8)),
    (SLOW, {"patience": 20, "restore_best_weights": True}, (9, 0, 5, 0.3, 3, 5)),
    ([1.0, 1.0, 1.0], {}, (2, 1, 0, 1.0, 1, 1)),
    ([1.0, 2.0], {"baseline": 0.5}, (2, 1, 0, 1.0, 2, 1)),
]


def outcome(stopping: EarlyStopping, epochs: int, model: Any) -> tuple[Any, ...]:
    return epochs, stopping.stopped_epoch, stopping.best_epoch, stopping.best, stopping.wait, model.epoch


@pytest.mark.parametrize(("results", "arguments", "expected"), CASES)
def test_as_keras_does(
    results: list[float], arguments: dict[str, Any], expected: tuple[Any, ...], model: Any
) -> None:
    stopping = EarlyStopping(**arguments)
    history = model.fit(stopping, results)
    assert outcome(stopping, len(history.epoch), model) == expected


@pytest.mark.parametrize(("results", "arguments", "expected"), CASES)
def test_a_second_training_starts_anew(
    results: list[float], arguments: dict[str, Any], expected: tuple[Any, ...], model: Any
) -> None:
    stopping = EarlyStopping(**arguments)
    model.fit(stopping, [-1.0, 2.0, 2.0])
    history = model.fit(stopping, results)
    assert outcome(stopping, len(history.epoch), model) == expected


@pytest.mark.parametrize("first", [1, 3, 4])
def test_a_training_goes_on_from_a_state(first: int, model: Any) -> None:
    stopping = EarlyStopping(patience=3)
    model.fit(stopping, FALLING[:first])
    resumed = EarlyStopping(patience=3)
    resumed.set_state(json.loads(json.dumps(stopping.get_state())))
    history = model.fit(resumed, FALLING[first:], initial_epoch=first)
    assert outcome(resumed, first + len(history.epoch), model) == (6, 5, 2, 8.0, 3, 5)
    model.fit(resumed, [9.0])
    assert resumed.best == 9.0  # a state is gone on from once


def test_another_callbacks_state_is_refused() -> None:
    stopping = EarlyStopping()
    with pytest.raises(
        ValueError, match="expected a state with best, best_epoch, wait, stopped_epoch, got best"
    ):
        stopping.set_state({"best": 1.0})
    assert stopping.best is None


@pytest.mark.parametrize(
    ("monitor", "results", "stops"),
    [
        ("loss", [0.5, 0.6], True),
        ("val_loss", [0.5, 0.4], False),
        ("accuracy", [0.5, 0.4], True),
        ("val_accuracy", [0.5, 0.6], False),
        ("val_mean_absolute_error", [0.5, 0.6], True),
    ],
)
def test_auto_takes_the_direction_from_the_metric(
    monitor: str, results: list[float], stops: bool, model: Any
) -> None:
    model.fit(EarlyStopping(monitor), [{monitor: result} for result in results])
    assert model.stop_training is stops


def test_nan_is_no_improvement_and_never_the_best(model: Any) -> None:
    stopping = EarlyStopping(patience=2, restore_best_weights=True)
    history = model.fit(stopping, [math.nan, 1.0, math.nan, 0.5, math.nan, math.nan, 0.1])
    assert outcome(stopping, len(history.epoch), model) == (6, 5, 3, 0.5, 2, 3)
    history = model.fit(stopping, [math.nan] * 5)
    assert outcome(stopping, len(history.epoch), model) == (2, 1, 0, None, 2, 0)


def test_what_it_says(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model.fit(EarlyStopping(restore_best_weights=True, verbose=1), [1.0, 2.0])
    assert capsys.readouterr().out == "Epoch 2: early stopping\nRestoring the weights of the best epoch: 1\n"
    model.fit(EarlyStopping(restore_best_weights=True), [1.0, 2.0])
    assert capsys.readouterr() == ("", "")


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("monitor", "message"),
    [
        ("val_acuracy", r'unknown quantity "val_acuracy". Did you mean "accuracy"\? Known: accuracy, loss,'),
        ("val_mine", r'is more or less "val_mine" better\? Pass mode="min" or mode="max"'),
    ],
)
def test_a_quantity_without_a_direction_is_refused_before_training(
    monitor: str, message: str, model: Any
) -> None:
    with pytest.raises(ValueError, match=f"EarlyStopping: {message}"):
        model.fit(EarlyStopping(monitor), [0.5])
    assert model.epoch == -1


def test_a_missing_quantity_is_warned_of_once_with_the_known_ones(model: Any) -> None:
    with pytest.warns(
        UserWarning, match='no "val_loss" among .* only loss, accuracy. Is there validation'
    ) as caught:
        history = model.fit(EarlyStopping(), [{"loss": 0.5, "accuracy": 0.1}] * 3)
    assert len(caught) == 1
    assert len(history.epoch) == 3


def test_a_quantity_of_several_numbers_is_refused(model: Any) -> None:
    with pytest.raises(ValueError, match=r'"accuracy" has shape \(3,\), but only a single number'):
        model.fit(EarlyStopping("accuracy"), [{"accuracy": np.zeros(3)}])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "mix"}, r'unknown mode "mix". Did you mean "min"\? Known: auto, max, min'),
        ({"patience": -1}, "expected patience >= 0, got -1"),
        ({"patience": "3"}, "expected patience >= 0, got '3'"),
        ({"monitor": None}, 'expected monitor as a name such as "val_loss", got None'),
        ({"min_delta": "a"}, "expected min_delta as a number, got 'a'"),
        ({"baseline": "a"}, "expected baseline as a number, got 'a'"),
        ({"start_from_epoch": -2}, "expected start_from_epoch >= 0, got -2"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"EarlyStopping: {message}"):
        EarlyStopping(**arguments)
