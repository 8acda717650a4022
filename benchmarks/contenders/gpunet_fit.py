"""gpunet as its users call it: ``fit`` with a metric and the progress bar."""

from __future__ import annotations

from typing import Any

import numpy as np

import gpunet
from gpunet.backend import get_backend

from ..workloads import EPSILON, Array, Workload
from . import UnavailableError


class Gpunet:
    """``model.fit(…, metrics=["accuracy"], verbose=1)`` on the backend that ``option`` names."""

    epsilon_corrected = False

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        try:
            backend = get_backend(option)
        except (ValueError, RuntimeError) as error:
            raise UnavailableError(str(error)) from error
        self.device = "gpu" if option == "cupy" else "cpu"
        self.workload, self.weights = workload, weights
        self.x, self.y = backend.xp.asarray(x), backend.xp.asarray(y)
        sizes = workload.sizes
        output = "sigmoid" if workload.binary else "softmax"
        self.model = gpunet.Sequential(
            [
                gpunet.layers.Input(shape=sizes[:1]),
                *(gpunet.layers.Dense(size, activation=workload.hidden) for size in sizes[1:-1]),
                gpunet.layers.Dense(sizes[-1], activation=output),
            ],
            backend=backend,
        )
        self.reset()

    def reset(self) -> None:
        rate = self.workload.learning_rate
        adam = self.workload.optimizer == "adam"
        optimizer = gpunet.optimizers.Adam(rate, epsilon=EPSILON) if adam else gpunet.optimizers.SGD(rate)
        loss = "binary_crossentropy" if self.workload.binary else "sparse_categorical_crossentropy"
        self.model.set_weights(self.weights)
        self.model.compile(optimizer, loss, metrics=["accuracy"])

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        history = self.model.fit(
            self.x,
            self.y,
            batch_size=self.workload.batch_size,
            epochs=epochs,
            verbose=1,
            shuffle=shuffle,
        )
        return [float(loss) for loss in history.history["loss"]]

    def predict(self, x: Array) -> Any:
        return np.argmax(self.model.predict(x, batch_size=1024, verbose=0), axis=1)
