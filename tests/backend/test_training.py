"""A whole training runs on every backend and takes the same course."""

from __future__ import annotations

import numpy as np

import gpunet
from gpunet import layers
from gpunet.backend import Backend, get_backend
from gpunet.models import Sequential


def train(backend: Backend) -> tuple[list[float], list[np.ndarray], np.ndarray]:
    gpunet.set_random_seed(1)
    random = np.random.default_rng(2)
    x, y = random.standard_normal((50, 6)), random.integers(0, 3, 50)
    model = Sequential(
        [
            layers.Dense(8, "relu", input_shape=(6,), kernel_regularizer="l2"),
            layers.Dropout(0.25),
            layers.Dense(5, "gelu"),
            layers.LeakyReLU(),
            layers.Dense(3, "softmax"),
        ],
        backend=backend,
    )
    model.compile(gpunet.optimizers.Adam(clipnorm=1.0), "sparse_categorical_crossentropy")
    history = model.fit(x, y, batch_size=16, epochs=3, verbose=0)
    return history.history["loss"], model.get_weights(), model.predict(x, verbose=0)


def test_the_losses_weights_and_predictions_are_numpys(backend: Backend) -> None:
    own, reference = train(backend), train(get_backend("numpy"))
    np.testing.assert_allclose(own[0], reference[0], rtol=1e-5)
    for mine, other in zip([*own[1], own[2]], [*reference[1], reference[2]], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-5)
