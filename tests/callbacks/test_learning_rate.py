"""Callbacks that set the learning rate. The expected sequences are those of Keras 3.15.1 for the same results."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gpunet.callbacks import LearningRateScheduler, ReduceLROnPlateau
from gpunet.optimizers import Adam

RESULTS = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 0.8, 0.8]

CASES: list[tuple[dict[str, Any], list[float]]] = [
    ({"patience": 1}, [0.1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6, 1e-6, 1e-7, 1e-8, 1e-9]),
    (
        {"patience": 2, "factor": 0.5},
        [0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.025, 0.025, 0.0125, 0.0125],
    ),
    (
        {"patience": 1, "factor": 0.5, "cooldown": 2},
        [0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.0125, 0.0125, 0.00625, 0.00625, 0.003125],
    ),
    (
        {"patience": 2, "factor": 0.5, "cooldown": 1, "min_lr": 0.03},
        [0.1, 0.1, 0.1, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03, 0.03, 0.03],
    ),
    (
        {"patience": 1, "min_delta": 0.2, "factor": 0.5, "min_lr": 0.01},
        [0.1, 0.05, 0.025, 0.0125, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01],
    ),
    (
        {"patience": 3, "factor": 0.5, "mode": "max"},
        [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025, 0.025, 0.0125, 0.0125],
    ),
    (
        {"patience": 0, "factor": 0.5},
        [0.1, 0.1, 0.05, 0.025, 0.0125, 0.00625, 0.003125, 0.003125, 0.0015625, 7.8125e-4, 3.90625e-4],
    ),
]


class Following(ReduceLROnPlateau):
    """Notes the rate that each epoch ends with."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        assert logs is not None
        logs["after"] = self.model.optimizer.learning_rate


@pytest.mark.parametrize(("arguments", "rates"), CASES)
def test_plateau_as_keras_does(arguments: dict[str, Any], rates: list[float], model: Any) -> None:
    history = model.fit(Following(**arguments), RESULTS).history
    assert history["after"] == pytest.approx(rates, rel=1e-9)
    assert history["learning_rate"] == pytest.approx([0.1, *rates[:-1]], rel=1e-9)


@pytest.mark.parametrize(("arguments", "rates"), CASES)
def test_plateau_starts_anew_in_a_second_training(
    arguments: dict[str, Any], rates: list[float], model: Any
) -> None:
    plateau = Following(**arguments)
    model.fit(plateau, [-5.0, 5.0, 5.0])
    model.optimizer = Adam(0.1)
    assert model.fit(plateau, RESULTS).history["after"] == pytest.approx(rates, rel=1e-9)


@pytest.mark.parametrize("first", [1, 3, 6])
@pytest.mark.parametrize(("arguments", "rates"), CASES)
def test_plateau_goes_on_from_a_state(
    arguments: dict[str, Any], rates: list[float], first: int, model: Any
) -> None:
    plateau, resumed = Following(**arguments), Following(**arguments)
    model.fit(plateau, RESULTS[:first])
    resumed.set_state(json.loads(json.dumps(plateau.get_state())))
    history = model.fit(resumed, RESULTS[first:], initial_epoch=first).history
    assert history["after"] == pytest.approx(rates[first:], rel=1e-9)


def test_plateau_says_what_it_does(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model.fit(ReduceLROnPlateau(patience=1, factor=0.5, verbose=1), [1.0, 1.0])
    assert capsys.readouterr().out == "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.05.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"factor": 1.0}, r"expected a factor in \[0, 1\), got 1.0"),
        ({"factor": -0.5}, r"expected a factor in \[0, 1\), got -0.5"),
        ({"patience": -1}, "expected patience >= 0, got -1"),
        ({"factor": "0.5"}, "expected factor as a number, got '0.5'"),
        ({"cooldown": "1"}, "expected cooldown >= 0, got '1'"),
        ({"cooldown": -1}, "expected cooldown >= 0, got -1"),
        ({"min_lr": -1.0}, "expected min_lr >= 0, got -1.0"),
        ({"mode": "less"}, 'unknown mode "less"'),
    ],
)
def test_plateau_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"ReduceLROnPlateau: {message}"):
        ReduceLROnPlateau(**arguments)


def test_plateau_warns_of_a_missing_quantity(model: Any) -> None:
    with pytest.warns(
        UserWarning, match='ReduceLROnPlateau: there is no "val_loss" .* only loss, learning_rate'
    ):
        model.fit(ReduceLROnPlateau(), [{"loss": 0.5}])


# -- the scheduler ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (lambda epoch, rate: rate / 2, [0.05, 0.025, 0.0125]),
        (lambda epoch: 1 / (2 + epoch), [1 / 2, 1 / 3, 1 / 4]),
        (lambda epoch, rate=0.5: rate * 2, [0.2, 0.4, 0.8]),
        (lambda epoch: np.float32(0.25), [0.25] * 3),
        (lambda epoch: epoch, [0.0, 1.0, 2.0]),
    ],
)
def test_the_schedule_sets_the_rate_of_each_epoch(schedule: Any, rates: list[float], model: Any) -> None:
    history = model.fit(LearningRateScheduler(schedule), [1.0] * 3).history
    assert history["learning_rate"] == pytest.approx(rates, rel=1e-12)
    assert all(type(rate) is float for rate in history["learning_rate"])
    assert model.optimizer.learning_rate == pytest.approx(rates[-1])


def test_a_type_error_of_the_schedule_is_not_hidden(model: Any) -> None:
    def broken(epoch: int, rate: float) -> Any:
        return rate + "0.1"  # type: ignore[operator]

    with pytest.raises(TypeError, match="unsupported operand"):
        model.fit(LearningRateScheduler(broken), [1.0])


@pytest.mark.parametrize("rate", [None, "0.1", -0.1, float("nan"), float("inf"), True, [0.1]])
def test_what_is_no_rate_is_refused(rate: Any, model: Any) -> None:
    with pytest.raises(ValueError, match=r"expected schedule\(0, …\) to return a learning rate >= 0, got"):
        model.fit(LearningRateScheduler(lambda epoch: rate), [1.0])
    assert model.optimizer.learning_rate == 0.1


def test_the_schedule_must_be_a_function() -> None:
    with pytest.raises(TypeError, match=r"expected a function of the epoch, got 0\.1"):
        LearningRateScheduler(0.1)  # type: ignore[arg-type]


def test_the_scheduler_says_what_it_sets(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model.fit(LearningRateScheduler(lambda epoch: 0.5, verbose=1), [1.0])
    assert capsys.readouterr().out == "Epoch 1: LearningRateScheduler setting learning rate to 0.5.\n"


@pytest.mark.parametrize("callback", [ReduceLROnPlateau(), LearningRateScheduler(lambda epoch: 0.5)])
def test_an_optimizer_with_a_schedule_is_refused_before_training(callback: Any, model: Any) -> None:
    def schedule() -> float:
        return 0.1

    model.optimizer = Adam(schedule)
    with pytest.raises(TypeError, match="the learning rate of this Adam follows a schedule"):
        model.fit(callback, [1.0])
    assert model.epoch == -1
