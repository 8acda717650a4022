"""Keras 3 on JAX: ``fit`` without metrics and bar, and with all steps of an epoch in one execution."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..workloads import EPSILON, Array, Workload
from .jax_network import place

os.environ["KERAS_BACKEND"] = "jax"
import keras


class Keras:
    """Keras leaves the loss to the end of an epoch then, and asks no callback in between."""

    epsilon_corrected = False

    def __init__(self, workload: Workload, x: Array, y: Array, weights: list[Array], option: str) -> None:
        self.device = place()
        self.workload, self.x, self.y, self.weights = workload, x, y, weights
        rate = workload.learning_rate
        sizes = workload.sizes
        self.model = keras.Sequential(
            [
                keras.layers.Input(shape=sizes[:1]),
                *(keras.layers.Dense(size, activation=workload.hidden) for size in sizes[1:-1]),
                keras.layers.Dense(sizes[-1]),
            ]
        )
        adam = workload.optimizer == "adam"
        losses = keras.losses
        loss = losses.BinaryCrossentropy if workload.binary else losses.SparseCategoricalCrossentropy
        self.model.compile(
            keras.optimizers.Adam(rate, epsilon=EPSILON) if adam else keras.optimizers.SGD(rate),
            loss(from_logits=True),
            steps_per_execution=len(x) // workload.batch_size,
        )
        self.reset()

    def reset(self) -> None:
        self.model.set_weights(self.weights)
        for variable in self.model.optimizer.variables:
            if variable is not self.model.optimizer.learning_rate:
                variable.assign(np.zeros(variable.shape, variable.dtype))

    def fit(self, epochs: int, shuffle: bool) -> list[float]:
        history = self.model.fit(
            self.x,
            self.y,
            batch_size=self.workload.batch_size,
            epochs=epochs,
            verbose=0,
            shuffle=shuffle,
        )
        return [float(loss) for loss in history.history["loss"]]

    def predict(self, x: Array) -> Any:
        return np.argmax(self.model.predict(x, batch_size=1024, verbose=0), axis=1)
