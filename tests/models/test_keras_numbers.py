"""Whole trainings against Keras: history and weights, with short last batches, weights, penalties, validation.

The numbers are what Keras 3.15.1 on JAX gives in float64 for the same networks, data and initial weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers, optimizers
from gpunet.backend import Backend


def numbers(*shape: int) -> np.ndarray:
    """Values between -1 and 1 without a random generator, so that Keras can be given the same."""
    return np.sin(3.0 * np.arange(np.prod(shape)) + 1.0).reshape(shape)


X, X_VALIDATION = numbers(20, 4), numbers(26, 4)[20:] * 0.9
CLASSES, CLASSES_VALIDATION = np.arange(20) * 7 % 3, np.arange(6) * 5 % 3
WEIGHT = 0.25 + np.arange(20) % 4 / 2

Case = tuple[int, str | None, float, optimizers.Optimizer, str, np.ndarray, np.ndarray, dict[str, Any]]


def case(name: str) -> Case:
    """Units, activation, L2 penalty, optimizer, loss, targets, validation targets, further arguments of ``fit``."""
    cases: dict[str, Case] = {
        "sparse_sgd": (
            3, "softmax", 0.0, optimizers.SGD(0.1), "sparse_categorical_crossentropy",
            CLASSES, CLASSES_VALIDATION, {},
        ),
        "onehot_adam_l2_weighted": (
            3, "softmax", 0.01, optimizers.Adam(0.05), "categorical_crossentropy",
            np.eye(3)[CLASSES], np.eye(3)[CLASSES_VALIDATION], {"sample_weight": WEIGHT},
        ),
        "binary_rmsprop_class_weight": (
            1, "sigmoid", 0.0, optimizers.RMSprop(0.01), "binary_crossentropy",
            CLASSES % 2, CLASSES_VALIDATION % 2, {"class_weight": {0: 0.5, 1: 2.0}},
        ),
        "mse_sgd_momentum": (
            2, None, 0.02, optimizers.SGD(0.05, momentum=0.9, nesterov=True), "mean_squared_error",
            numbers(20, 2), numbers(6, 2), {},
        ),
        "mae_adamw": (
            1, None, 0.0, optimizers.AdamW(0.05, weight_decay=0.1), "mean_absolute_error",
            numbers(20, 1), numbers(6, 1), {"sample_weight": WEIGHT},
        ),
    }  # fmt: skip
    return cases[name]


# name → (history, sums of kernel, bias, kernel, bias at the end)
EXPECTED: dict[str, tuple[dict[str, list[float]], list[float]]] = {
    "sparse_sgd": (
        {
            "accuracy": [0.3, 0.3, 0.3],
            "loss": [1.349500393, 1.279342852, 1.227454079],
            "val_accuracy": [0.1666666667, 0.1666666667, 0.3333333333],
            "val_loss": [1.284008695, 1.217768892, 1.168512109],
            "val_weighted_accuracy": [0.1666666667, 0.1666666667, 0.3333333333],
            "weighted_accuracy": [0.3, 0.3, 0.3],
        },
        [0.6555272112, 0.4189369749, 0.003026072955, 0.5191585618],
    ),
    "onehot_adam_l2_weighted": (
        {
            "accuracy": [0.35, 0.4, 0.25],
            "loss": [1.336001134, 1.119724612, 1.07823983],
            "val_accuracy": [0.3333333333, 0.3333333333, 0.1666666667],
            "val_loss": [1.209934147, 1.29843372, 1.470604989],
            "val_weighted_accuracy": [0.3333333333, 0.3333333333, 0.1666666667],
            "weighted_accuracy": [0.3625, 0.425, 0.3125],
        },
        [0.2324339499, 0.3145880689, 0.1696286973, 0.277634274],
    ),
    "binary_rmsprop_class_weight": (
        {
            "accuracy": [0.35, 0.35, 0.35],
            "loss": [0.7375797741, 0.6930479333, 0.6755530491],
            "val_accuracy": [0.3333333333, 0.3333333333, 0.3333333333],
            "val_loss": [1.07884107, 1.076459537, 1.074393404],
            "val_weighted_accuracy": [0.3333333333, 0.3333333333, 0.3333333333],
            "weighted_accuracy": [0.6829268293, 0.6829268293, 0.6829268293],
        },
        [0.6422679764, 0.3400365051, 0.335638514, 0.5087503526],
    ),
    "mse_sgd_momentum": (
        {
            "loss": [1.167483841, 0.6497650458, 0.5295109634],
            "mae": [0.8730812978, 0.6578722924, 0.5795258444],
            "mse": [1.078207225, 0.5645579675, 0.4485722669],
            "val_loss": [0.2496475123, 0.4884826954, 0.6695932717],
            "val_mae": [0.350264779, 0.5374204405, 0.652968583],
            "val_mse": [0.1632510501, 0.4063328404, 0.5911736538],
        },
        [0.5519346537, -0.2860007461, 0.384203, 0.006812968761],
    ),
    "mae_adamw": (
        {
            "loss": [1.39717388, 0.8617637364, 0.6299441753],
            "mae": [1.39717388, 0.8617637364, 0.6299441753],
            "mse": [2.765938827, 1.140175625, 0.6240770565],
            "val_loss": [1.008384548, 0.6832383054, 0.5652274216],
            "val_mae": [1.008384548, 0.6832383054, 0.5652274216],
            "val_mse": [1.355423775, 0.7186738498, 0.4792713312],
        },
        [0.5971058414, 0.06699486845, 0.1201396073, 0.201479927],
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_course_of_a_training(name: str, backend: Backend) -> None:
    gpunet.config.set_floatx("float64")
    units, activation, penalty, optimizer, loss, y, y_validation, options = case(name)
    model = gpunet.Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(5, "tanh", kernel_regularizer=gpunet.regularizers.L2(penalty) if penalty else None),
            layers.Dense(units, activation),
        ]
    )
    model.set_weights([numbers(*weight.shape) * 0.7 for weight in model.get_weights()])
    plain, weighted = (["accuracy"], ["accuracy"]) if activation else (["mse"], ["mae"])
    model.compile(optimizer, loss, metrics=plain, weighted_metrics=weighted)
    history = model.fit(
        X, y, batch_size=8, epochs=3, shuffle=False, verbose=0,
        validation_data=(X_VALIDATION, y_validation), **options,
    ).history  # fmt: skip
    expected, sums = EXPECTED[name]
    assert set(history) == set(expected)
    for key, values in expected.items():
        assert history[key] == pytest.approx(values, rel=1e-6), key
    assert [float(weight.sum()) for weight in model.get_weights()] == pytest.approx(sums, rel=1e-5, abs=1e-8)
    evaluated = model.evaluate(X_VALIDATION, y_validation, verbose=0, return_dict=True)
    validated = {k.removeprefix("val_"): v[-1] for k, v in history.items() if k.startswith("val_")}
    assert evaluated == pytest.approx(validated)
