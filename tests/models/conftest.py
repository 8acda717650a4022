"""A small classification problem and a model for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import gpunet
from gpunet import layers

Make = Callable[..., gpunet.Sequential]


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)


@pytest.fixture
def y(x: np.ndarray) -> np.ndarray:
    """Three classes that the inputs tell."""
    return x[:, :3].argmax(axis=1)


@pytest.fixture
def make() -> Make:
    """Makes a compiled model, built unless told otherwise."""

    def make_model(
        loss: str = "sparse_categorical_crossentropy",
        optimizer: object = "adam",
        built: bool = True,
        dropout: float = 0.0,
        **options: object,
    ) -> gpunet.Sequential:
        model = gpunet.Sequential(
            [
                *([layers.Input(shape=(4,))] if built else []),
                layers.Dense(8, activation="tanh"),
                layers.Dropout(dropout),
                layers.Dense(3, activation="softmax"),
            ]
        )
        model.compile(optimizer, loss, **{"metrics": ["accuracy"], **options})
        return model

    return make_model
