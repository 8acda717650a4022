"""NumPy and the CUDA path train alike: same seed, same data, dropout included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpunet
from benchmarks import parity
from gpunet import layers, losses, optimizers, regularizers
from gpunet.backend import Backend

STEPS = 200


@pytest.mark.parametrize("case", parity.CASES, ids=lambda case: case.name)
def test_backends_agree(cuda: Backend, case: parity.Case) -> None:
    assert parity.drift(case, "numpy", cuda) <= case.tolerance


@pytest.mark.parametrize("case", parity.CASES[:2], ids=lambda case: case.name)
def test_two_runs_are_equal_to_the_bit(cuda: Backend, case: parity.Case) -> None:
    assert parity.drift(case, cuda, cuda) == 0


def l2(units: int, activation: Any) -> layers.Dense:
    return layers.Dense(units, activation, kernel_regularizer=regularizers.L1L2(1e-3, 1e-3))


NETWORKS: dict[str, tuple[Callable[[], list[Any]], Any, Any, str]] = {
    "regression": (
        lambda: [layers.Dense(9, "tanh"), layers.Dense(1)],
        lambda: optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        "mse",
        "mae",
    ),
    "one layer": (lambda: [layers.Dense(1, "sigmoid")], lambda: "adagrad", "binary_crossentropy", "auc"),
    "penalties": (lambda: [l2(9, "gelu"), layers.Dense(1)], lambda: "rmsprop", losses.Huber(0.5), "r2_score"),
    "smoothed": (
        lambda: [layers.Dense(33, "elu"), layers.Dropout(0.4), layers.Dense(3, "softmax")],
        lambda: optimizers.AdamW(0.01, global_clipnorm=0.5),
        losses.CategoricalCrossentropy(label_smoothing=0.1),
        "accuracy",
    ),
    "averaged": (
        lambda: [layers.Dense(8), layers.LeakyReLU(0.3), layers.Dense(3, "log_softmax")],
        lambda: optimizers.Nadam(0.01, use_ema=True, ema_overwrite_frequency=50, clipnorm=1.0),
        "cosine_similarity",
        "mse",
    ),
    "logits": (
        lambda: [layers.Dense(8, "silu"), layers.Dense(3)],
        lambda: optimizers.Adadelta(1.0, clipvalue=0.1),
        losses.CategoricalCrossentropy(from_logits=True, reduction="sum"),
        "top_k_categorical_accuracy",
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_every_kind_of_network_agrees_in_float64(cuda: Backend, name: str) -> None:
    make, optimizer, loss, metric = NETWORKS[name]
    generator = np.random.default_rng(1)
    x = generator.standard_normal((330, 7))
    outputs = x @ generator.standard_normal((7, 3))
    classes = np.eye(3)[outputs.argmax(axis=1)]
    histories, weights = [], []
    for backend in ("numpy", cuda):
        gpunet.set_random_seed(11)
        model = gpunet.Sequential(
            [layers.Input(shape=(7,)), *make()], backend=backend, dtype_policy="float64"
        )
        chosen = optimizer()
        model.compile(chosen, loss, metrics=[metric])
        y = classes if model.output_shape == (None, 3) else (outputs[:, :1] > 0) * 1.0
        weight = np.linspace(0, 1, len(x))
        history = model.fit(
            x, y, batch_size=32, sample_weight=weight, epochs=-(-STEPS // 11), verbose=0, validation_split=0.1
        )
        histories.append(history.history)
        weights.append(model.get_weights())
    for key, values in histories[0].items():
        np.testing.assert_allclose(histories[1][key], values, rtol=1e-9, atol=1e-12, err_msg=key)
    for expected, got in zip(*weights, strict=True):
        assert np.abs(got - expected).max() <= 1e-9 * np.abs(expected).max()
