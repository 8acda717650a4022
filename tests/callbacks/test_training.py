"""Callbacks in real trainings: y = 2x is learned, by one unit, from eight samples in batches of four."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpunet import callbacks
from gpunet.layers import Dense
from gpunet.models import Sequential, load_model
from gpunet.optimizers import Adam

X = np.linspace(-1, 1, 8, dtype="float32").reshape(8, 1)
Y = 2 * X
DATA: dict[str, Any] = {"x": X, "y": Y, "batch_size": 4, "verbose": 0, "validation_data": (X, Y)}


def compiled(rate: float = 0.1) -> Sequential:
    model = Sequential([Dense(1, kernel_initializer="zeros", input_shape=(1,))])
    model.compile(Adam(rate), "mean_squared_error", metrics=["mean_absolute_error"])
    return model


def test_hooks_and_logs_of_a_fit_as_keras_calls_them(recorder: Any) -> None:
    compiled().fit(**DATA, callbacks=[recorder], epochs=1, validation_batch_size=8)
    names = ["loss", "mean_absolute_error"]
    assert recorder.events == [
        ("on_train_begin", []),
        ("on_epoch_begin", 0, []),
        ("on_train_batch_begin", 0, []),
        ("on_train_batch_end", 0, names),
        ("on_train_batch_begin", 1, []),
        ("on_train_batch_end", 1, names),
        ("on_test_begin", []),
        *[(f"on_test_batch_{when}", 0, logs) for when, logs in (("begin", []), ("end", names))],
        ("on_test_end", names),
        ("on_epoch_end", 0, [*names, *(f"val_{name}" for name in names)]),
        ("on_train_end", [*names, *(f"val_{name}" for name in names)]),
    ]


def test_hooks_of_evaluate_and_predict(recorder: Any) -> None:
    model = compiled()
    model.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[recorder])
    names = ["loss", "mean_absolute_error"]
    assert recorder.events == [
        ("on_test_begin", []),
        ("on_test_batch_begin", 0, []),
        ("on_test_batch_end", 0, names),
        ("on_test_batch_begin", 1, []),
        ("on_test_batch_end", 1, names),
        ("on_test_end", names),
    ]
    recorder.events.clear()
    model.predict(X, batch_size=4, verbose=0, callbacks=[recorder])
    assert recorder.events == [
        ("on_predict_begin", []),
        ("on_predict_batch_begin", 0, []),
        ("on_predict_batch_end", 0, ["outputs"]),
        ("on_predict_batch_begin", 1, []),
        ("on_predict_batch_end", 1, ["outputs"]),
        ("on_predict_end", []),
    ]


def test_listening_to_batches_does_not_change_the_training() -> None:
    alone, watched = compiled(), compiled()
    for model, watching in ((alone, None), (watched, [callbacks.TerminateOnNaN()])):
        model.fit(**{**DATA, "shuffle": False}, callbacks=watching, epochs=5)
    for a, b in zip(alone.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert alone.history.history == watched.history.history


def test_the_best_weights_are_back_and_the_checkpoint_holds_them(tmp_path: Path) -> None:
    """A rate of 1.5 swings far over the goal, so the last epoch is not the best."""
    model, path = compiled(1.5), tmp_path / "best.safetensors"
    watching = [
        callbacks.EarlyStopping(restore_best_weights=True, patience=100),
        callbacks.ModelCheckpoint(path, save_best_only=True),
    ]
    history = model.fit(**DATA, callbacks=watching, epochs=6).history["val_loss"]
    assert len(history) == 6
    assert history[-1] > 2 * min(history)
    assert model.evaluate(X, Y, verbose=0)[0] == pytest.approx(min(history), rel=1e-5)
    for own, saved in zip(model.get_weights(), load_model(path).get_weights(), strict=True):
        np.testing.assert_array_equal(own, saved)


def test_a_training_stops_when_a_metric_gets_no_better() -> None:
    model = compiled(0.0)
    stopping = callbacks.EarlyStopping("val_mean_absolute_error", patience=2)
    history = model.fit(**DATA, callbacks=[stopping], epochs=10)
    assert history.epoch == [0, 1, 2]
    assert model.fit(**DATA, callbacks=[stopping], epochs=10).epoch == [0, 1, 2]
    assert model.history is not history


def test_the_learning_rate_follows_and_is_in_the_history() -> None:
    model = compiled()
    halving = callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(**DATA, callbacks=[halving], epochs=3).history
    assert history["learning_rate"] == pytest.approx([0.05, 0.025, 0.0125])
    assert all(type(value) is float for values in history.values() for value in values)


def test_the_learning_rate_is_that_of_the_steps() -> None:
    """Adam's first step is one learning rate long, g / (|g| + 1e-7) of it."""
    model = compiled(0.5)
    model.fit(X, Y, batch_size=8, verbose=0, callbacks=[callbacks.LearningRateScheduler(lambda epoch: 0.25)])
    assert model.get_weights()[0].item() == pytest.approx(0.25, rel=1e-5)


def test_a_loss_of_nan_ends_the_training(capsys: pytest.CaptureFixture[str]) -> None:
    model = Sequential([Dense(1, kernel_initializer="zeros", input_shape=(1,))])
    model.compile(Adam(1e30), "mean_squared_error")
    with np.errstate(all="ignore"):
        history = model.fit(X, Y, epochs=20, verbose=0, callbacks=[callbacks.TerminateOnNaN()])
    assert len(history.epoch) < 5
    assert not math.isfinite(history.history["loss"][-1])
    assert re.fullmatch(r"Batch 0: the loss is (inf|nan), training ends\.\n", capsys.readouterr().out)


def test_lines_and_file_hold_what_the_history_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "log.csv"
    data = {**DATA, "verbose": 2}
    history = compiled().fit(**data, callbacks=[callbacks.CSVLogger(path)], epochs=2).history
    names = list(history)
    assert names == ["loss", "mean_absolute_error", "val_loss", "val_mean_absolute_error"]
    for epoch, line in enumerate(capsys.readouterr().out.splitlines()):
        results = " - ".join(f"{name}: {history[name][epoch]:.4f}" for name in names)
        assert re.sub(r"\d+\.\ds", "T", line) == f"Epoch {epoch + 1}/2 - T - {results}"
    assert path.read_text().splitlines() == [
        f"epoch,{','.join(sorted(names))}",
        *(f"{epoch},{','.join(str(history[name][epoch]) for name in sorted(names))}" for epoch in (0, 1)),
    ]


def test_a_bar_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    model, silent = compiled(), compiled()
    shown = model.fit(**{**DATA, "verbose": 1, "shuffle": False}, epochs=2)
    hidden = silent.fit(**{**DATA, "shuffle": False}, epochs=2)
    assert shown.history == hidden.history
    err = capsys.readouterr().err
    assert f"val_loss: {shown.history['val_loss'][-1]:.4f}" in err
    assert err.endswith("\n")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"callbacks": [callbacks.EarlyStopping]}, TypeError),
        ({"callbacks": [callbacks.EarlyStopping("val_typo")]}, ValueError),
        ({"verbose": "loud"}, ValueError),
    ],
)
def test_what_is_refused_changes_nothing(arguments: dict[str, Any], error: type[Exception]) -> None:
    model = compiled()
    before = model.get_weights()
    with pytest.raises(error):
        model.fit(**{**DATA, **arguments}, epochs=2)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert model.optimizer is not None
    assert model.optimizer.iterations == 0


def test_a_callback_may_stop_within_an_epoch() -> None:
    """As in Keras: no further batch of that epoch is trained."""

    class Stop(callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = True

    model = compiled()
    history = model.fit(**DATA, callbacks=[Stop()], epochs=3)
    assert history.epoch == [0]
    assert model.optimizer is not None
    assert model.optimizer.iterations == 1
