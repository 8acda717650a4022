"""Workloads: networks to train, with their data and their initial weights."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Workload:
    """A dense network and how it is trained.

    One output means a sigmoid and binary cross-entropy, several mean a softmax and categorical cross-entropy.
    """

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    steps: int  # of an epoch
    epochs: int  # of a turn, which takes about a second, in one call of ``fit``
    optimizer: str
    learning_rate: float
    hidden: str = "relu"
    gpu_only: bool = False
    target: float | None = None  # the test accuracy that a turn trains to, epoch by epoch

    @property
    def samples(self) -> int:
        """The samples of an epoch."""
        return self.steps * self.batch_size

    @property
    def binary(self) -> bool:
        """Whether there are two classes and one output."""
        return self.sizes[-1] == 1

    def data(self) -> tuple[Array, Array]:
        """Return inputs ``(samples, features)`` and targets that a linear teacher gave, always the same.

        The targets are classes ``(samples,)``, or 0 and 1 in float32 ``(samples, 1)`` where there is one output.
        """
        generator = np.random.default_rng(1)
        x = generator.standard_normal((self.samples, self.sizes[0]), dtype=np.float32)
        scores = x @ generator.standard_normal((self.sizes[0], self.sizes[-1]), dtype=np.float32)
        if self.binary:
            return x, (scores > 0).astype(np.float32)
        return x, scores.argmax(axis=1)

    def weights(self) -> list[Array]:
        """Return the initial kernels ``(inputs, outputs)``, Glorot's uniform ones, and biases, in turn."""
        generator = np.random.default_rng(2)
        weights: list[Array] = []
        for inputs, outputs in pairwise(self.sizes):
            limit = (6 / (inputs + outputs)) ** 0.5
            weights.append(generator.uniform(-limit, limit, (inputs, outputs)).astype(np.float32))
            weights.append(np.zeros(outputs, np.float32))
        return weights


EPSILON = 1e-7  # Adam's, for all contenders

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("tiny", (8, 16, 1), 32, 4000, 3, "adam", 0.001),
        Workload("lecture", (784, 128, 10), 32, 1000, 4, "sgd", 0.01),
        Workload("listing", (784, 128, 10), 1, 2000, 4, "sgd", 0.01, hidden="sigmoid"),
        Workload("mnist", (784, 512, 512, 10), 128, 200, 3, "adam", 0.001),
        Workload("wide", (784, 2048, 2048, 10), 1024, 8, 2, "adam", 0.001),
        Workload("huge", (784, 4096, 4096, 10), 8192, 16, 3, "adam", 0.001, gpu_only=True),
        # Fashion-MNIST, whose 60,000 samples make up that many whole batches.
        Workload("fashion", (784, 512, 512, 10), 128, 468, 1, "adam", 0.001, target=0.88),
    )
}
