"""Parity: how far two backends drift apart when they train the same network from the same seed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

import gpunet
from gpunet.backend import Backend
from gpunet.layers import Dense, Dropout, Input


class Case(NamedTuple):
    """A network to train on both, and how far apart they may end: the losses, and the weights unless they are left out."""

    name: str
    sizes: tuple[int, ...]
    batch_size: int
    optimizer: str
    steps: int
    policy: str
    tolerance: float
    weights: bool = True


# Later than that, training in float32 is chaotic: one unit in the last place grows to 5e-2 within 200 steps of Adam.
CASES = (
    Case("any network, float64", (20, 33, 17, 5), 32, "adam", 200, "float64", 1e-9),
    Case("784-128-10, float32", (784, 128, 10), 32, "sgd", 200, "float32", 1e-5),
    # Where a gradient is nearly 0, Adam's step is as large as anywhere and its sign is rounding: such weights drift at once.
    Case("784-512-512-10, float32", (784, 512, 512, 10), 128, "adam", 50, "float32", 1e-5, weights=False),
)


def train(case: Case, backend: Backend | str) -> tuple[list[float], list[np.ndarray[Any, Any]]]:
    """Train with dropout and return the losses of parts of the training and the weights at its end."""
    generator = np.random.default_rng(7)
    batches = min(case.steps, 25)
    x = generator.standard_normal((batches * case.batch_size, case.sizes[0]))
    y = (x @ generator.standard_normal((case.sizes[0], case.sizes[-1]))).argmax(axis=1)
    gpunet.set_random_seed(3)
    model = gpunet.Sequential(list(layers(case.sizes)), backend=backend, dtype_policy=case.policy)
    model.compile(case.optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, batch_size=case.batch_size, epochs=case.steps // batches, verbose=0)
    return history.history["loss"], model.get_weights()


def layers(sizes: Sequence[int]) -> Iterator[gpunet.layers.Layer]:
    """Yield dense layers with ReLU and dropout between them, softmax at the end."""
    yield Input(shape=(sizes[0],))
    for size in sizes[1:-1]:
        yield Dense(size, activation="relu")
        yield Dropout(0.2)
    yield Dense(sizes[-1], activation="softmax")


def drift(case: Case, first: Backend | str, second: Backend | str) -> float:
    """Return the largest difference of losses and of weights, relative to the loss and to the largest weight of each array."""
    (losses, weights), (other_losses, other_weights) = train(case, first), train(case, second)
    differences = [abs(a - b) / abs(a) for a, b in zip(losses, other_losses, strict=True)]
    if case.weights or first == second:
        differences += [
            float(np.abs(a - b).max() / np.abs(a).max()) for a, b in zip(weights, other_weights, strict=True)
        ]
    return math.inf if any(map(math.isnan, differences)) else max(differences)
