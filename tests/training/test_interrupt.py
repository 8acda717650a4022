"""Ctrl-C and errors in the middle of a training: what was done is kept, whole, and nothing is swallowed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend
from gpunet.callbacks import Callback, LambdaCallback
from gpunet.training import Interrupt

X = np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)
Y = X[:, :3].argmax(axis=1)
FIT: dict[str, Any] = {"batch_size": 8, "shuffle": False, "verbose": 0}


def press(*_: Any, **__: Any) -> None:
    """Press Ctrl-C."""
    signal.raise_signal(signal.SIGINT)


def model_of(*more: layers.Layer) -> gpunet.Sequential:
    gpunet.set_random_seed(0)
    model = gpunet.Sequential(
        [layers.Input(shape=(4,)), layers.Dense(5, "tanh"), *more, layers.Dense(3, "softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.fixture(autouse=True)
def _handler_is_put_back() -> Iterator[None]:
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize(
    ("hook", "epochs"),
    [
        ("on_train_begin", None),
        ("on_epoch_begin", 0),
        ("on_train_batch_begin", 0),
        ("on_train_batch_end", 0),
        ("on_test_begin", 0),
        ("on_test_batch_end", 0),
        ("on_test_end", 1),
        ("on_epoch_end", 1),
        ("on_train_end", 1),
    ],
)
@pytest.mark.parametrize("raised", [False, True], ids=["signal", "exception"])
def test_it_ends_the_training_wherever_it_comes(hook: str, epochs: int | None, raised: bool) -> None:
    class Interrupted(Callback):
        pass

    def throw(*_: Any) -> None:
        raise KeyboardInterrupt

    setattr(Interrupted, hook, throw if raised else press)
    model = model_of()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, validation_data=(X, Y), callbacks=[Interrupted()], **FIT)
    if raised and hook in ("on_test_end", "on_epoch_end"):
        epochs = 0  # it left before the history, the last in the row, was told
    assert (model.history is None) == (epochs is None)
    if epochs is not None:
        assert len(model.history.epoch) == epochs
        assert all(len(values) == epochs for values in model.history.history.values())
    assert len(model.fit(X, Y, **FIT).epoch) == 1


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_it_ends_an_evaluation_and_a_prediction(method: str) -> None:
    model = model_of()
    hook = {"evaluate": "on_test_batch_end", "predict": "on_predict_batch_end"}[method]
    arguments = (X, Y) if method == "evaluate" else (X,)
    pressing = LambdaCallback(**{hook: press})
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(*arguments, batch_size=8, verbose=0, callbacks=[pressing])
    getattr(model, method)(*arguments, verbose=0)


class Failing(layers.Layer):
    """Raises at a step that it is told."""

    def __init__(self, step: int, error: BaseException, **options: Any) -> None:
        super().__init__(**options)
        self.step, self.error, self.seen = step, error, 0

    def forward(self, x: Any, training: bool = False) -> Any:
        self.seen += 1
        if self.seen == self.step:
            raise self.error
        return x

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        return gradient


@pytest.mark.parametrize("error", [ArithmeticError("by a layer"), KeyboardInterrupt()])
def test_steps_before_an_error_are_counted(error: BaseException, backend: Backend) -> None:
    """However many steps were to run without the host: the optimizer's count is that of the steps taken."""
    model = model_of(Failing(24, error))
    with pytest.raises(type(error)):
        model.fit(X, Y, batch_size=1, epochs=2, shuffle=False, verbose=0)
    assert model.optimizer is not None
    assert model.optimizer.iterations == 23
    same = model_of(Failing(0, error))
    same.fit(X, Y, batch_size=1, steps_per_epoch=23, shuffle=False, verbose=0)
    for one, other in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    model.fit(X, Y, **FIT)


def test_the_second_one_is_not_held_back() -> None:
    reached: list[int] = []
    with pytest.raises(KeyboardInterrupt), Interrupt():
        reached.extend(time for time in (1, 2) if press() is None)
    assert reached == [1]


def test_an_error_is_not_replaced_by_one_that_is_held_back() -> None:
    with pytest.raises(ZeroDivisionError), Interrupt():
        raise ZeroDivisionError(press())


def test_somebody_elses_handler_stays_in_charge() -> None:
    seen: list[int] = []
    mine = signal.signal(signal.SIGINT, lambda number, frame: seen.append(number))
    try:
        model_of().fit(X, Y, callbacks=[LambdaCallback(on_epoch_begin=press)], **FIT)
        assert seen == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, mine)


def test_a_training_may_run_in_another_thread() -> None:
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(model_of().fit(X, Y, **FIT).history["loss"]))
    thread.start()
    thread.join()
    assert results == [model_of().fit(X, Y, **FIT).history["loss"]]


def test_a_training_within_a_training() -> None:
    """A callback may fit another model; Ctrl-C then ends both."""
    inner, outer = model_of(), model_of()
    nested = LambdaCallback(on_epoch_end=lambda *_: inner.fit(X, Y, **FIT))
    outer.fit(X, Y, callbacks=[nested], **FIT)
    assert inner.history.history == outer.history.history
    pressing = LambdaCallback(
        on_epoch_end=lambda *_: inner.fit(X, Y, callbacks=[LambdaCallback(on_epoch_end=press)], **FIT)
    )
    with pytest.raises(KeyboardInterrupt):
        outer.fit(X, Y, epochs=9, callbacks=[pressing], **FIT)
    assert outer.history.epoch == [0]
