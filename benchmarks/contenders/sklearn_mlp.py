"""scikit-learn's multilayer perceptron, one ``partial_fit`` an epoch."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier

from ..workloads import EPSILON, Array, Workload


class SklearnMlp:
    """Without its L2 penalty and momentum, which the others don't have either."""

    device = "cpu"
    epsilon_corrected = False

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        self.x, self.y, self.weights = x, y.ravel().astype(np.int64), weights
        self.classes = np.arange(max(2, workload.sizes[-1]))
        self.model = MLPClassifier(
            workload.sizes[1:-1],
            activation={"relu": "relu", "sigmoid": "logistic"}[workload.hidden],
            solver=workload.optimizer,
            alpha=0.0,
            batch_size=workload.batch_size,
            learning_rate_init=workload.learning_rate,
            random_state=0,
            momentum=0.0,
            nesterovs_momentum=False,
            epsilon=EPSILON,
        )
        self.reset()

    def reset(self) -> None:
        self.model.set_params(shuffle=False)
        rows = slice(self.model.batch_size)
        self.model.partial_fit(self.x[rows], self.y[rows], classes=self.classes)
        for parameter, value in zip(self.model.coefs_, self.weights[::2], strict=True):
            parameter[...] = value
        for parameter, value in zip(self.model.intercepts_, self.weights[1::2], strict=True):
            parameter[...] = value
        del self.model._optimizer  # so that the next call makes a new one: nobody trained before

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        self.model.set_params(shuffle=shuffle)
        losses = []
        for _ in range(epochs):
            self.model.partial_fit(self.x, self.y)
            losses.append(float(self.model.loss_))
        return losses

    def predict(self, x: Array) -> Any:
        return self.model.predict(x)
