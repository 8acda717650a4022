"""The hooks: who is called, when, with what; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet.callbacks import Callback, CallbackList, EarlyStopping, History, LambdaCallback
from gpunet.callbacks.base import HOOKS

CALLED = [hook for hook in HOOKS if hook not in ("on_batch_begin", "on_batch_end")]


def test_the_hooks_of_a_training_in_keras_order(model: Any, recorder: Any) -> None:
    """Keras 3.15.1 calls the same hooks with the same arguments in the same order."""
    model.fit(recorder, [{"loss": 0.5, "val_loss": 1.0}, {"loss": 0.4}])
    assert recorder.events == [
        ("on_train_begin", []),
        ("on_epoch_begin", 0, []),
        ("on_train_batch_begin", 0, []),
        ("on_train_batch_end", 0, ["loss", "val_loss"]),
        ("on_train_batch_begin", 1, []),
        ("on_train_batch_end", 1, ["loss", "val_loss"]),
        ("on_test_begin", []),
        ("on_test_batch_begin", 0, []),
        ("on_test_batch_end", 0, ["loss"]),
        ("on_test_end", ["loss"]),
        ("on_epoch_end", 0, ["loss", "val_loss"]),
        ("on_epoch_begin", 1, []),
        ("on_train_batch_begin", 0, []),
        ("on_train_batch_end", 0, ["loss"]),
        ("on_train_batch_begin", 1, []),
        ("on_train_batch_end", 1, ["loss"]),
        ("on_epoch_end", 1, ["loss"]),
        ("on_train_end", ["loss"]),
    ]


def test_every_hook_of_a_callback_can_be_called(model: Any, recorder: Any) -> None:
    callbacks = CallbackList([recorder], model=model)
    for hook in CALLED:
        numbered = "epoch" in hook or "batch" in hook
        getattr(callbacks, hook)(*([3] if numbered else []), {"outputs": np.zeros(2)})
    assert [event[0] for event in recorder.events] == CALLED
    assert all(event[-1] == ["outputs"] for event in recorder.events)


def test_callbacks_are_called_in_the_order_given_and_the_history_last(model: Any) -> None:
    def add(name: str) -> Callback:
        return LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update({name: float(len(logs))}))

    history = model.fit([add("first"), add("second")], [{"loss": 0.5}])
    assert history.history == {"loss": [0.5], "first": [1.0], "second": [2.0]}


def test_logs_are_plain_floats_and_the_callers_are_left_alone(model: Any) -> None:
    seen: dict[str, Any] = {}
    logs = {"loss": np.float32(0.5), "rate": np.array(0.25), "step": 3, "each": np.array([0.5])}
    callbacks = CallbackList([LambdaCallback(on_epoch_end=lambda _, logs: seen.update(logs))], model=model)
    callbacks.on_train_begin()
    callbacks.on_epoch_end(0, logs)
    assert [type(seen[name]) for name in ("loss", "rate", "step")] == [float] * 3
    assert (seen["loss"], seen["rate"], seen["step"]) == (0.5, 0.25, 3.0)
    assert seen["each"] is logs["each"]
    callbacks = CallbackList(LambdaCallback(on_test_end=lambda logs: logs.clear()), model=model)
    callbacks.on_test_end(logs)
    assert len(logs) == 4


class OnTrainBatch(Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None: ...


class OnBatch(Callback):
    def on_batch_begin(self, batch: int, logs: Any = None) -> None: ...


class Inherited(OnBatch): ...


class OnTestBatch(Callback):
    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None: ...


class OnEpoch(Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None: ...


@pytest.mark.parametrize(
    ("callback", "batches", "test_batches"),
    [
        (None, False, False),
        (Callback(), False, False),
        (OnEpoch(), False, False),
        (EarlyStopping(), False, False),
        (OnTrainBatch(), True, False),
        (OnBatch(), True, False),
        (Inherited(), True, False),
        (LambdaCallback(), False, False),
        (LambdaCallback(on_epoch_end=print), False, False),
        (LambdaCallback(on_train_batch_begin=print), True, False),
        (LambdaCallback(on_batch_end=print), True, False),
        (OnTestBatch(), False, True),
        ([OnEpoch(), OnTestBatch(), OnTrainBatch()], True, True),
    ],
)
def test_batches_are_wanted_only_where_a_batch_hook_is_overridden(
    callback: Any, batches: bool, test_batches: bool, model: Any
) -> None:
    callbacks = CallbackList(callback, model=model, verbose=2)
    assert (callbacks.wants_batches, callbacks.wants_test_batches) == (batches, test_batches)


@pytest.mark.parametrize(("verbose", "wanted"), [(0, False), (1, True), (2, False)])
def test_progress_is_wanted_only_for_a_bar(verbose: int, wanted: bool, model: Any) -> None:
    with CallbackList(None, model=model, verbose=verbose) as callbacks:
        assert callbacks.wants_progress is wanted
        assert not callbacks.wants_batches


def test_the_older_names_of_the_batch_hooks_are_called(model: Any) -> None:
    events: list[Any] = []

    class Older(Callback):
        def on_batch_begin(self, batch: int, logs: Any = None) -> None:
            events.append(("begin", batch))

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            events.append(("end", batch, logs["loss"]))

    model.fit(Older(), [{"loss": 0.5}])
    assert events == [("begin", 0), ("end", 0, 0.5), ("begin", 1), ("end", 1, 0.5)]


def test_what_a_callback_knows(model: Any) -> None:
    callback = Callback()
    callbacks = CallbackList(callback, model=model, verbose=2, epochs=3, steps=7)
    assert callback.model is model
    assert callback.params == callbacks.history.params == {"verbose": 2, "epochs": 3, "steps": 7}


# -- the history -------------------------------------------------------------------------------------------------


def test_history_holds_each_quantity_of_each_epoch(model: Any) -> None:
    history = model.fit(None, [{"loss": 0.5}, {"loss": 0.25, "val_loss": 1.0}])
    assert history.epoch == [0, 1]
    assert history.history == {"loss": [0.5, 0.25], "val_loss": [1.0]}
    assert model.history is history


def test_the_models_history_is_the_last_fits(model: Any) -> None:
    first = model.fit(None, [{"loss": 0.5}])
    second = model.fit(None, [{"loss": 0.25}], initial_epoch=1)
    assert model.history is second
    assert (first.history, second.history) == ({"loss": [0.5]}, {"loss": [0.25]})
    assert second.epoch == [1]


def test_an_evaluation_leaves_the_history(model: Any) -> None:
    history = model.fit(None, [{"loss": 0.5}])
    with CallbackList(None, model=model) as callbacks:
        callbacks.on_test_begin()
        callbacks.on_test_end({"loss": 2.0})
    assert model.history is history
    assert history.history == {"loss": [0.5]}


def test_ones_own_history_is_used_and_starts_anew(model: Any) -> None:
    own = History()
    assert model.fit([own], [{"loss": 0.5}]) is own
    model.fit([own], [{"loss": 0.25}])
    assert (own.epoch, own.history) == ([0], {"loss": [0.25]})


def test_the_history_is_there_after_an_interrupt(model: Any) -> None:
    def interrupt(epoch: int, logs: Any) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        model.fit(LambdaCallback(on_epoch_begin=interrupt), [{"loss": 0.5}, {"loss": 0.25}])
    assert model.history.history == {"loss": [0.5]}


# -- the end of a run --------------------------------------------------------------------------------------------


class Closing(Callback):
    def __init__(self, fails: bool = False) -> None:
        self.closed, self.fails = 0, fails

    def close(self) -> None:
        self.closed += 1
        if self.fails:
            raise OSError("disk full")


def test_callbacks_are_closed_after_a_training(model: Any) -> None:
    closing = Closing()
    model.fit(closing, [0.5])
    assert closing.closed == 1


def test_callbacks_are_closed_after_an_error_even_if_one_fails_to(model: Any) -> None:
    first, failing, last = Closing(), Closing(fails=True), Closing()
    with (
        pytest.raises(OSError, match="disk full"),
        CallbackList([first, failing, last], model=model),
    ):
        raise KeyboardInterrupt
    assert [first.closed, failing.closed, last.closed] == [1, 1, 1]


def test_an_error_within_a_hook_comes_through(model: Any) -> None:
    def fail(logs: Any) -> None:
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        model.fit(LambdaCallback(on_train_end=fail), [0.5])


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        ([EarlyStopping], r"got the class EarlyStopping; make one: EarlyStopping\(…\)"),
        ([print], "expected Callback objects, got <built-in function print>.*LambdaCallback"),
        (["EarlyStopping"], "expected Callback objects, got 'EarlyStopping'"),
        (7, "expected Callback objects, got 7"),
        ([Callback(), None], "expected Callback objects, got None"),
    ],
)
def test_what_is_no_callback_is_refused_before_anything_changes(
    callbacks: Any, message: str, model: Any
) -> None:
    with pytest.raises(TypeError, match=message):
        model.fit(callbacks, [0.5])
    assert (model.epoch, model.history) == (-1, None)


@pytest.mark.parametrize("verbose", [3, -1, "loud", None, 0.5])
def test_an_unknown_verbosity_is_refused_before_anything_changes(verbose: Any, model: Any) -> None:
    callback = Callback()
    with pytest.raises(ValueError, match=r"verbose: expected 0 \(silent\), 1 .*, 2 .* or \"auto\", got"):
        model.fit(callback, [0.5], verbose=verbose)
    assert (model.epoch, model.history, callback.model) == (-1, None, None)
