"""Training with activations in 16 bits and parameters in float32."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

import gpunet
from gpunet.backend import Backend
from gpunet.layers import Dense, Dropout, Input

MIXED = ["mixed_bfloat16", "mixed_float16"]
UNIT = {"mixed_bfloat16": 2.0**-8, "mixed_float16": 2.0**-11}  # half the distance between two numbers at 1


def data(rows: int = 256) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((rows, 12)).astype("float32")
    return x, (x @ generator.standard_normal((12, 3))).argmax(axis=1)


def network(policy: str, optimizer: object = "adam") -> gpunet.Sequential:
    gpunet.set_random_seed(5)
    model = gpunet.Sequential(
        [Input(shape=(12,)), Dense(32, "relu"), Dropout(0.1), Dense(3, "softmax")], dtype_policy=policy
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@pytest.mark.parametrize("policy", MIXED)
def test_training_ends_near_the_one_in_float32(backend: Backend, policy: str) -> None:
    x, y = data()
    full, mixed = network("float32"), network(policy)
    for model in (full, mixed):
        model.fit(x, y, epochs=20, verbose=0)
    loss, accuracy = full.evaluate(x, y, verbose=0)
    mixed_loss, mixed_accuracy = mixed.evaluate(x, y, verbose=0)
    assert mixed_loss == pytest.approx(loss, rel=30 * UNIT[policy])
    assert mixed_accuracy == pytest.approx(accuracy, abs=0.02)
    assert mixed_loss != loss


@pytest.mark.parametrize("policy", MIXED)
def test_batches_that_are_streamed_are_rounded_alike(backend: Backend, policy: str) -> None:
    x, y = data(64)
    resident = network(policy)
    kept = resident.fit(x, y, batch_size=32, shuffle=False, epochs=2, verbose=0)
    streamed = network(policy)
    batches = [(x[start : start + 32], y[start : start + 32]) for start in (0, 32)]
    seen = streamed.fit(batches, epochs=2, verbose=0)
    assert kept.history == seen.history
    here = [backend.resident(x[:32], np.float32), x[32:]]
    np.testing.assert_array_equal(streamed.predict(iter(here), verbose=0), resident.predict(x, verbose=0))


@pytest.mark.parametrize("policy", MIXED)
@pytest.mark.parametrize("metric", ["r2_score", "f1_score"])
def test_metrics_with_kernels_are_computed_on_any_device(backend: Backend, policy: str, metric: str) -> None:
    x, y = data(64)
    full, mixed = network("float32"), network(policy)
    for model in (full, mixed):
        model.compile("sgd", "categorical_crossentropy", metrics=[metric])
    targets = np.eye(3, dtype="float32")[y]
    expected, found = (model.evaluate(x, targets, verbose=0)[1] for model in (full, mixed))
    np.testing.assert_allclose(found, expected, rtol=30 * UNIT[policy])


@pytest.mark.parametrize("policy", MIXED)
def test_parameters_and_predictions_are_float32(backend: Backend, policy: str) -> None:
    model, (x, y) = network(policy), data()
    model.fit(x, y, verbose=0)
    assert {weight.dtype for weight in model.get_weights()} == {np.dtype("float32")}
    predictions = model.predict(x, verbose=0)
    assert predictions.dtype == np.float32
    np.testing.assert_allclose(predictions.sum(axis=1), 1, rtol=4 * UNIT[policy])


@pytest.mark.parametrize("policy", MIXED)
def test_a_layer_rounds_what_it_stores(backend: Backend, policy: str) -> None:
    model = gpunet.Sequential([Input(shape=(2,)), Dense(1, use_bias=False)], dtype_policy=policy)
    third = np.float32(1 / 3)
    model.set_weights([np.array([[third], [0.0]])])
    stored = {"mixed_bfloat16": 0.333984375, "mixed_float16": 0.333251953125}[policy]  # 1/3 to 8 and 11 bits
    assert model.predict([[1.0, 5.0]], verbose=0).tolist() == [[stored]]
    assert model.get_weights()[0][0] == third
    model.set_weights([np.array([[0.5], [0.0]])])
    assert model.predict([[1.0, 5.0]], verbose=0).tolist() == [[0.5]]


def test_an_overflowing_step_is_skipped_and_halves_the_loss_scale(backend: Backend) -> None:
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([Input(shape=(1,)), Dense(1)], dtype_policy="mixed_float16")
    model.compile(gpunet.optimizers.SGD(0.5), "mse")
    model.set_weights([np.array([[1.0]]), np.array([0.0])])
    x = np.array([[1.0]], "float32")
    before = model.get_weights()
    model.train_on_batch(x, np.array([[11.0]]))  # gradient -20 · 2^15 exceeds 65504
    assert model.get_state()["loss_scale"] == [2.0**14, 0, 0]
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for _ in range(4):  # 20 · 2^14, … 20 · 2^12 exceed it, too; 20 · 2^11 doesn't
        model.train_on_batch(x, np.array([[11.0]]))
    assert model.get_state()["loss_scale"] == [2.0**11, 1, 1]
    np.testing.assert_array_equal(model.get_weights()[0], [[11.0]])  # 1 + 0.5 · 20


def test_the_loss_scale_doubles_after_2000_steps(backend: Backend) -> None:
    model, (x, y) = network("mixed_float16", gpunet.optimizers.SGD(0.0)), data(64)
    state = model.get_state()
    model.set_state({**state, "loss_scale": [1024.0, 1998.0, 1.0]})
    model.fit(x, y, batch_size=32, verbose=0)
    assert model.get_state()["loss_scale"] == [2048, 0, 1]
    model.fit(x, y, batch_size=32, verbose=0)
    assert model.get_state()["loss_scale"] == [2048, 2, 1]


def test_bfloat16_needs_no_loss_scale(backend: Backend) -> None:
    assert network("mixed_bfloat16").get_state()["loss_scale"] is None


def test_penalties_are_not_scaled(backend: Backend) -> None:
    results = []
    for policy in ("float32", "mixed_float16"):
        gpunet.set_random_seed(0)
        layers = [Input(shape=(1,)), Dense(1, kernel_regularizer=gpunet.regularizers.L2(0.5))]
        model = gpunet.Sequential(layers, dtype_policy=policy)
        model.compile(gpunet.optimizers.SGD(0.25), "mse")
        model.set_weights([np.array([[1.0]]), np.array([0.0])])
        loss = model.train_on_batch(np.array([[1.0]]), np.array([[1.0]]))
        results.append((loss, model.get_weights()[0].tolist()))
    assert results[0] == results[1] == (0.5, [[0.75]])  # 1 - 0.25 · 2 · 0.5 · 1


@pytest.mark.parametrize("policy", MIXED)
def test_a_file_or_a_copy_goes_on_where_it_was(backend: Backend, policy: str, tmp_path: Path) -> None:
    model, (x, y) = network(policy), data()
    model.fit(x, y, verbose=0)
    model.save(tmp_path / "model.safetensors")
    others = [
        gpunet.models.load_model(tmp_path / "model.safetensors"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ]
    model.fit(x, y, verbose=0)
    for other in others:
        assert other.dtype_policy == policy
        other.fit(x, y, verbose=0)
        assert other.get_state()["loss_scale"] == model.get_state()["loss_scale"]
        for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("policy", MIXED)
def test_weights_set_in_a_callback_are_trained_on(backend: Backend, policy: str) -> None:
    model, (x, y) = network(policy, gpunet.optimizers.SGD(0.0)), data()

    class Reset(gpunet.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])

    history = model.fit(x, y, epochs=2, callbacks=[Reset()], verbose=0)
    assert history.history["loss"][1] == pytest.approx(np.log(3), rel=4 * UNIT[policy])


@pytest.mark.parametrize("policy", MIXED)
@pytest.mark.parametrize("hook", ["on_train_batch_begin", "on_train_batch_end"])
def test_weights_set_between_batches_are_those_of_the_next(backend: Backend, policy: str, hook: str) -> None:
    model, (x, y) = network(policy, gpunet.optimizers.SGD(0.0)), data(96)
    first = model.evaluate(x[:32], y[:32], verbose=0)[0]

    def set_zeros(batch: int, logs: object = None) -> None:
        if (batch, hook) in [(0, "on_train_batch_end"), (1, "on_train_batch_begin")]:
            model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])

    model.layers[1].rate = 0.0
    callback = gpunet.callbacks.LambdaCallback(**{hook: set_zeros})
    loss = model.fit(x, y, shuffle=False, callbacks=[callback], verbose=0).history["loss"][0]
    assert loss == pytest.approx((first + 2 * np.log(3)) / 3, rel=4 * UNIT[policy])
