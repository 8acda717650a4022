"""The lecture's network from scratch: one sample a step, in plain NumPy.

The listing as it is written, with two changes: one matrix of targets serves loss and accuracy, and the cross-entropy,
whose gradient it follows, is summed beside the squared error it prints, so that it can be compared with the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..workloads import Array, Workload


def sigmoid(z: Array) -> Any:
    return 1 / (1 + np.exp(-z))


def der_sigmoid(h: Array) -> Any:
    return h * (1 - h)


def softmax(z: Array) -> Any:
    return np.exp(z) / np.exp(z).sum()


class Listing:
    """A network with one hidden layer of sigmoids; the last row of each matrix is the bias."""

    device = "cpu"
    epsilon_corrected = False

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        self.inputs, self.hidden, self.outputs = workload.sizes
        self.rate, self.weights = workload.learning_rate, weights
        self.x = np.hstack([x, np.ones((len(x), 1), x.dtype)])
        self.y = np.eye(self.outputs, dtype=x.dtype)[y]
        self.generator = np.random.default_rng(3)
        self.reset()

    def reset(self) -> None:
        self.w_1 = np.vstack([self.weights[0], self.weights[1]])
        self.w_2 = np.vstack([self.weights[2], self.weights[3]])

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        losses = []
        for _ in range(epochs):
            order = self.generator.permutation(len(self.x)) if shuffle else np.arange(len(self.x))
            losses.append(self._epoch(self.x[order], self.y[order]) / len(self.x))
        return losses

    def _epoch(self, x_train: Array, y_train: Array) -> float:
        w_1, w_2, lr, hn = self.w_1, self.w_2, self.rate, self.hidden
        loss, acc, entropy = 0.0, 0, 0.0
        for i, x in enumerate(x_train):
            z = np.dot(x, w_1)
            h1 = sigmoid(z)
            one2 = np.ones(1, x.dtype)
            h1_one = np.append(h1, one2)
            predicted = softmax(np.dot(h1_one, w_2))

            p = np.argmax(predicted)
            yhat = np.argmax(y_train[i])
            if p == yhat:
                acc += 1

            loss += 1 / 2 * sum((predicted - y_train[i]) ** 2)
            entropy -= float(np.log(predicted[yhat]))

            delta2 = (predicted - y_train[i]).reshape(1, self.outputs)
            w2_df = np.dot(h1_one.reshape(hn + 1, 1), delta2)
            delta1 = np.dot(delta2, w_2.T)[0][0:hn]
            der = delta1 * der_sigmoid(h1)
            w1_df = np.dot(x.reshape(self.inputs + 1, 1), der.reshape(hn, 1).T)

            w_1 -= lr * w1_df
            w_2 -= lr * w2_df
        return entropy

    def predict(self, x: Array) -> Any:
        h1 = sigmoid(x @ self.w_1[:-1] + self.w_1[-1])
        return np.argmax(h1 @ self.w_2[:-1] + self.w_2[-1], axis=1)
