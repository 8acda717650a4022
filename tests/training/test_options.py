"""Options that change while a model trains: every backend computes with them from the next epoch or call on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend


def line(optimizer: Any, loss: Any = "mean_squared_error", **options: Any) -> gpunet.Sequential:
    """``y = w x`` with w = 4, for x = 1 and y = 0: the squared error is w², its gradient 2 w."""
    model = gpunet.Sequential([layers.Input(shape=(1,)), layers.Dense(1, use_bias=False, **options)])
    model.compile(optimizer, loss)
    model.set_weights([[[4.0]]])
    return model


def clip(model: Any) -> None:
    model.optimizer.clipvalue = 0.5


def decay(model: Any) -> None:
    model.optimizer.weight_decay = 1.0


def square_less(model: Any) -> None:
    model.loss.delta = 1.0


def punish(model: Any) -> None:
    model.layers[0].kernel.regularizer.l2 = 0.5


def slope(model: Any) -> None:
    model.layers[0].activation.negative_slope = 0.0


@pytest.mark.parametrize(
    ("model", "change", "weight"),
    [
        (lambda: line(gpunet.optimizers.SGD(0.25)), clip, 2 - 0.25 * 0.5),
        (lambda: line(gpunet.optimizers.SGD(0.25)), decay, 2 - 0.25 * 4 - 0.25 * 2),
        # Huber's gradient is w up to δ, then δ: 4 - 0.5 · 4 = 2, then 2 - 0.5 · 1
        (lambda: line(gpunet.optimizers.SGD(0.5), gpunet.losses.Huber(9.0)), square_less, 1.5),
        # l2 w² has the gradient 2 l2 w: 4 - 0.25 · 8 = 2 without, then 2 - 0.25 · (4 + 2)
        (lambda: line(gpunet.optimizers.SGD(0.25), kernel_regularizer=gpunet.regularizers.L2(0.0)), punish, 0.5),
    ],
    ids=["clipvalue", "weight_decay", "delta", "l2"],
)  # fmt: skip
@pytest.mark.parametrize("by_batches", [False, True])
def test_an_option_changes_after_the_first_step(
    backend: Backend, model: Callable[[], Any], change: Callable[[Any], None], weight: float, by_batches: bool
) -> None:
    trained = model()
    x, y = np.array([[1.0]]), np.array([[0.0]])
    if by_batches:
        trained.train_on_batch(x, y)
        change(trained)
        trained.train_on_batch(x, y)
    else:
        begin = gpunet.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: change(trained) if epoch else None
        )
        trained.fit(x, y, epochs=2, verbose=0, callbacks=[begin])
    assert trained.get_weights()[0].item() == pytest.approx(weight)


def test_a_slope_changes_between_predictions(backend: Backend) -> None:
    model = line("sgd", activation=gpunet.layers.LeakyReLU(0.5).activation)
    assert model.predict([[-1.0]], verbose=0).item() == -2
    slope(model)
    assert model.predict([[-1.0]], verbose=0).item() == 0


def change_activation(model: Any) -> None:
    model.layers[0].activation = None


def sum_up(model: Any) -> None:
    model.loss.reduction = "sum"


def test_what_a_step_is_made_of_may_be_exchanged(backend: Backend) -> None:
    model = line("sgd", activation="relu")
    assert model.predict([[-1.0]], verbose=0).item() == 0
    change_activation(model)
    assert model.predict([[-1.0]], verbose=0).item() == -4


def test_words_and_numbers_of_numpy_are_options_too(backend: Backend) -> None:
    model = line(gpunet.optimizers.SGD(1.0, clipvalue=np.float32(0.5)))
    x, y = np.array([[1.0], [1.0]]), np.array([[0.0], [0.0]])
    assert model.test_on_batch(x, y) == 16
    sum_up(model)
    assert model.test_on_batch(x, y) == 32
    model.train_on_batch(x, y)
    assert model.get_weights()[0].item() == 3.5
    model.optimizer.clipvalue = np.float32(0.25)
    model.train_on_batch(x, y)
    assert model.get_weights()[0].item() == 3.25


def test_a_metric_of_two_models_counts_for_each(backend: Backend) -> None:
    metric = gpunet.metrics.MeanAbsoluteError()
    models = [line("sgd"), line("sgd")]
    x, y = np.array([[1.0]]), np.array([[0.0]])
    for model in models:
        model.compile("sgd", "mean_squared_error", metrics=[metric])
    for model in (*models, *models):
        assert model.evaluate(x, y, verbose=0) == [16, 4]


def test_a_rate_of_numpy_s(backend: Backend) -> None:
    """Dropout scales what it keeps by 1 / (1 - rate): with a rate of 3/4, all that isn't 0 is 4."""
    model = gpunet.Sequential(
        [layers.Input(shape=(64,)), layers.Dropout(0.5), layers.Dense(1, use_bias=False)]
    )
    model.compile(gpunet.optimizers.SGD(0.0), gpunet.losses.MeanAbsoluteError())
    model.set_weights([np.full((64, 1), 1 / 64)])
    model.layers[0].rate = np.float32(0.75)
    loss = model.train_on_batch(np.ones((64, 64)), np.zeros((64, 1)))
    assert loss == pytest.approx(1, abs=0.1)  # 4096 elements: four times a quarter of them


def test_dropout_may_change_from_epoch_to_epoch(backend: Backend) -> None:
    """With a rate of 0 from the second epoch on, its loss is that of the network without dropout."""
    model = gpunet.Sequential([layers.Input(shape=(64,)), layers.Dropout(0.5), layers.Dense(1)])
    model.compile(gpunet.optimizers.SGD(0.0), "mean_squared_error")
    x, y = np.ones((8, 64)), np.zeros((8, 1))
    drop = gpunet.callbacks.LambdaCallback(
        on_epoch_begin=lambda epoch, logs: setattr(model.layers[0], "rate", 0.5 if epoch == 0 else 0.0)
    )
    losses = model.fit(x, y, epochs=2, verbose=0, callbacks=[drop]).history["loss"]
    assert losses[1] == pytest.approx(model.evaluate(x, y, verbose=0), rel=1e-5)
    assert losses[0] != pytest.approx(losses[1], rel=1e-3)
