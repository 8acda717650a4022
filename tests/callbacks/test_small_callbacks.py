"""TerminateOnNaN and LambdaCallback."""

from __future__ import annotations

import math
from typing import Any

import pytest

from gpunet.callbacks import LambdaCallback, TerminateOnNaN


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_ends_the_training(
    loss: float, model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    history = model.fit(TerminateOnNaN(), [{"loss": 0.5}, {"loss": loss}, {"loss": 0.5}])
    assert history.epoch == [0, 1]
    assert capsys.readouterr().out == f"Batch 0: the loss is {loss}, training ends.\n"


def test_a_training_with_finite_losses_goes_on(model: Any) -> None:
    assert model.fit(TerminateOnNaN(raise_error=True), [{"loss": 1e300}] * 3).epoch == [0, 1, 2]


def test_it_can_raise_and_then_nobody_sees_the_end_of_training(model: Any) -> None:
    ends: list[Any] = []
    watching = LambdaCallback(on_train_end=ends.append)
    with pytest.raises(RuntimeError, match="NaN or Inf loss encountered at batch 0: the loss is nan"):
        model.fit([watching, TerminateOnNaN(raise_error=True)], [{"loss": math.nan}])
    assert ends == []


def test_functions_are_called_with_their_arguments(model: Any) -> None:
    events: list[Any] = []
    callback = LambdaCallback(
        on_epoch_end=lambda epoch, logs: events.append((epoch, logs)),
        on_train_end=lambda logs: events.append(logs),
        on_test_end=lambda logs: events.append(("test", logs)),
    )
    model.fit(callback, [{"loss": 0.5, "val_loss": 1.0}])
    logs = {"loss": 0.5, "val_loss": 1.0}
    assert events == [("test", {"loss": 1.0}), (0, logs), logs]


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        ({"on_epoch_finish": print}, 'unknown hook "on_epoch_finish". Did you mean "on_epoch_'),
        ({"on_epoch_end": 3}, "expected a function as on_epoch_end, got 3"),
    ],
)
def test_what_is_no_hook_is_refused(hooks: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=f"LambdaCallback: {message}"):
        LambdaCallback(**hooks)
