"""Layers in several models at once, one of which may be in the middle of a training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend
from gpunet.callbacks import LambdaCallback

Make = Callable[..., gpunet.Sequential]
Act = Callable[[gpunet.Sequential, np.ndarray, np.ndarray], Any]


def course(make: Make, x: np.ndarray, y: np.ndarray, act: Act | None = None) -> tuple[Any, list[np.ndarray]]:
    """Return history and weights of three epochs; ``act`` is done after each."""
    gpunet.set_random_seed(7)
    model = make(dropout=0.2)
    acting = [] if act is None else [LambdaCallback(on_epoch_end=lambda *_: act(model, x, y))]
    return model.fit(x, y, batch_size=16, epochs=3, verbose=0, callbacks=acting).history, model.get_weights()


def head(model: gpunet.Sequential, compiled: bool = False) -> gpunet.Sequential:
    """Return a model of the first layer."""
    first = gpunet.Sequential([layers.Input(shape=(4,)), model.layers[0]])
    if compiled:
        first.compile("sgd", "mse")
    return first


def freeze_and(method: str) -> Act:
    def act(model: gpunet.Sequential, x: np.ndarray, y: np.ndarray) -> None:
        model.layers[0].trainable = False
        if method == "predict":
            model.predict(np.tile(x, (9, 1)), verbose=0)  # wants larger buffers than the training

    return act


@pytest.mark.parametrize(
    "act",
    [
        lambda model, x, y: model.predict(x, verbose=0),
        lambda model, x, y: model.evaluate(x, y, verbose=0),
        lambda model, x, y: model.get_state(),
        lambda model, x, y: model.set_weights(model.get_weights()),
        lambda model, x, y: model.layers[1](model.layers[0](x)),
        lambda model, x, y: head(model).predict(x, verbose=0),
        lambda model, x, y: head(model).get_state(),
        lambda model, x, y: head(model, True).evaluate(x, np.zeros((40, 8)), verbose=0),
        freeze_and("nothing"),
        freeze_and("predict"),
    ],
    ids=[
        "predict", "evaluate", "state", "weights", "layers", "part predicts", "state of a part", "part evaluates",
        "freeze", "freeze and predict",
    ],
)  # fmt: skip
def test_what_a_callback_may_do_without_changing_the_training(
    make: Make, x: np.ndarray, y: np.ndarray, backend: Backend, act: Act
) -> None:
    expected, weights = course(make, x, y)
    history, same = course(make, x, y, act)
    assert history == expected
    for one, other in zip(weights, same, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("hook", ["on_epoch_begin", "on_train_batch_end", "on_epoch_end"])
def test_two_trainings_of_one_layer_at_once_are_refused(
    make: Make, x: np.ndarray, y: np.ndarray, hook: str
) -> None:
    model = make()
    part = head(model, compiled=True)
    training = LambdaCallback(**{hook: lambda *_: part.fit(x, np.zeros((40, 8)), verbose=0)})
    with pytest.raises(RuntimeError, match="a callback trained another model with the same layers"):
        model.fit(x, y, verbose=0, callbacks=[training])
    model.fit(x, y, verbose=0)


def test_one_after_the_other_they_share_what_they_learn(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    model = make()
    part = head(model, compiled=True)
    for _ in range(3):
        for one, target in ((model, y), (part, np.zeros((40, 8)))):
            before = one.get_weights()[0]
            one.fit(x, target, verbose=0)
            assert (one.get_weights()[0] != before).any()
            np.testing.assert_array_equal(model.get_weights()[0], part.get_weights()[0])
    np.testing.assert_array_equal(part.predict(x, verbose=0), model.layers[0](x))
    assert model.optimizer is not None
    assert model.optimizer.iterations == 6


def test_a_part_computes_where_its_layers_live(x: np.ndarray, stand_in: Any, tmp_path: Path) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(3), layers.Dense(1)], backend="cupy")
    model.predict(x, verbose=0)
    part = gpunet.Sequential(model.layers[:1])
    assert part.backend is model.backend
    assert part.predict(x, verbose=0).shape == (40, 3)
    part.save(tmp_path / "part.safetensors")
    assert model.weights[0].backend is model.backend
    part.use_backend("numpy")
    part.predict(x, verbose=0)
    assert part.weights[0].backend is part.backend


def test_a_model_of_parts_of_two_models(make: Make, x: np.ndarray) -> None:
    first, second = make(), make()
    for model in (first, second):
        model.predict(x, verbose=0)
    second.layers[-1].name = "other"
    joined = gpunet.Sequential([layers.Input(shape=(4,)), first.layers[0], second.layers[-1]])
    before = joined.predict(x, verbose=0)
    np.testing.assert_allclose(before, second.layers[-1](first.layers[0](x)), rtol=1e-6)
    assert first.weights[0].arena is not second.weights[0].arena
    second.set_weights([np.zeros_like(weight) for weight in second.get_weights()])
    np.testing.assert_allclose(joined.predict(x, verbose=0), 1 / 3, rtol=1e-6)
