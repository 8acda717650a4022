"""The lecture's network from scratch beside the same network in gpunet: one course of training.

The listing's gradient is that of cross-entropy after softmax; what it prints is half the squared error.
"""

from __future__ import annotations

import numpy as np
import pytest

import gpunet
from gpunet import layers

INPUTS, HIDDEN, OUTPUTS, ROWS = 4, 5, 3, 20
LEARNING_RATE, ITERATIONS = 0.1, 5

Weights = tuple[np.ndarray, np.ndarray]


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def der_sigmoid(h: np.ndarray) -> np.ndarray:
    return h * (1 - h)


def softmax(z: np.ndarray) -> np.ndarray:
    return np.exp(z) / np.exp(z).sum()


def listing(x_train: np.ndarray, y_train: np.ndarray, w_1: np.ndarray, w_2: np.ndarray) -> list[float]:
    """Train as the listing does, one sample a step; the last row of each matrix is the bias. Return its losses."""
    losses = []
    for _ in range(ITERATIONS):
        loss = 0.0
        for i, sample in enumerate(x_train):
            x = np.append(sample, 1.0)
            z = np.dot(x, w_1)
            h1 = sigmoid(z)
            h1_one = np.append(h1, np.ones(1))
            predicted = softmax(np.dot(h1_one, w_2))
            loss += 1 / 2 * sum((predicted - y_train[i]) ** 2)
            delta2 = (predicted - y_train[i]).reshape(1, OUTPUTS)
            w_2_df = np.dot(h1_one.reshape(HIDDEN + 1, 1), delta2)
            delta1 = np.dot(delta2, w_2.T)[0][0:HIDDEN]
            der = delta1 * der_sigmoid(h1)
            w_1_df = np.dot(x.reshape(INPUTS + 1, 1), der.reshape(HIDDEN, 1).T)
            w_1 -= LEARNING_RATE * w_1_df
            w_2 -= LEARNING_RATE * w_2_df
        losses.append(float(loss))
    return losses


class HalfSquaredError(gpunet.metrics.Metric):
    """What the listing sums up: half the squared error of each sample, before its step."""

    def __init__(self) -> None:
        super().__init__(dtype="float64", name="half_squared_error")
        self.total = self.add_variable((), "total")

    def update_state(self, y_true: np.ndarray, y_pred: np.ndarray, sample_weight: object = None) -> None:
        self.total += ((y_pred - y_true) ** 2).sum() / 2

    def result(self) -> np.ndarray:
        return self.total


def test_the_same_losses_and_the_same_weights() -> None:
    gpunet.config.set_floatx("float64")
    random = np.random.default_rng(0)
    x, y = random.standard_normal((ROWS, INPUTS)), np.eye(OUTPUTS)[random.integers(0, OUTPUTS, ROWS)]
    w_1 = random.standard_normal((INPUTS + 1, HIDDEN))
    w_2 = random.standard_normal((HIDDEN + 1, OUTPUTS))

    model = gpunet.Sequential(
        [
            layers.Input(shape=(INPUTS,)),
            layers.Dense(HIDDEN, activation="sigmoid"),
            layers.Dense(OUTPUTS, activation="softmax"),
        ]
    )
    model.set_weights([w_1[:-1], w_1[-1], w_2[:-1], w_2[-1]])
    optimizer = gpunet.optimizers.SGD(LEARNING_RATE)
    model.compile(optimizer, "categorical_crossentropy", metrics=[HalfSquaredError()])
    history = model.fit(x, y, batch_size=1, epochs=ITERATIONS, shuffle=False, verbose=0)

    expected = listing(x, y, w_1, w_2)  # changes w_1 and w_2 in place
    assert history.history["half_squared_error"] == pytest.approx(expected, rel=1e-12)
    for received, wanted in zip(model.get_weights(), [w_1[:-1], w_1[-1], w_2[:-1], w_2[-1]], strict=True):
        np.testing.assert_allclose(received, wanted, rtol=1e-10, atol=1e-12)
