"""The dropout layer: its masks are those of the backend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend, philox
from gpunet.layers import Context
from gpunet.testing import check_gradients


def train(layer: layers.Dropout, backend: Backend, **surroundings: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the output for ones and the gradient for ones, of a training step."""
    x, y, x_gradient = (
        backend.xp.ones((8, 16)),
        backend.empty((8, 16), "float64"),
        backend.empty((8, 16), "float64"),
    )
    context = Context(backend, "float64", training=True, **surroundings)
    layer.forward_into(context, x, y)
    layer.backward_into(context, x, y, x, x_gradient)
    layer.backward_into(context, x, y, x, None)
    return backend.download(y), backend.download(x_gradient)


def test_inference_changes_nothing(backend: Backend) -> None:
    x = backend.xp.asarray(np.random.default_rng(1).standard_normal((31, 33)))
    layer = layers.Dropout(0.9)
    assert layer.alias(x, training=False) is x
    assert layer.alias(x, training=True) is None
    assert layers.Dropout(0).alias(x, training=True) is x
    np.testing.assert_array_equal(backend.download(layer(x)), backend.download(x).astype("float32"))


def test_seed_position_and_step_choose_the_mask(backend: Backend) -> None:
    layer = layers.Dropout(0.25)
    counters = backend.xp.asarray(np.array([7, 0, 0]))
    y, gradient = train(layer, backend, seed=5, positions={id(layer): 3}, counters=counters)
    kept = philox.mask(128, 0.25, seed=5, layer=3, step=7).reshape(8, 16)
    np.testing.assert_allclose(y, kept / 0.75)
    np.testing.assert_array_equal(y, gradient)  # the backward pass has the same mask


def test_a_seed_of_its_own_replaces_the_models(backend: Backend) -> None:
    own = layers.Dropout(0.25, seed=11)
    np.testing.assert_array_equal(train(own, backend, seed=5)[0], train(own, backend, seed=6)[0])
    np.testing.assert_array_equal(train(own, backend)[0], train(layers.Dropout(0.25), backend, seed=11)[0])


def test_two_layers_of_a_model_have_two_masks(backend: Backend) -> None:
    first, second = layers.Dropout(0.5), layers.Dropout(0.5)
    positions = {id(first): 0, id(second): 1}
    masks = [train(layer, backend, positions=positions)[0] for layer in (first, second)]
    assert (masks[0] != masks[1]).any()


def test_calls_repeat_with_the_seed_and_differ_from_each_other(backend: Backend) -> None:
    x, layer = backend.xp.ones((16, 16)), layers.Dropout(0.5)
    gpunet.set_random_seed(3)
    first, second = (backend.download(layer(x, training=True)) for _ in range(2))
    gpunet.set_random_seed(3)
    np.testing.assert_array_equal(backend.download(layer(x, training=True)), first)
    assert (first != second).any()
    assert set(np.unique(first).tolist()) == {0.0, 2.0}


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.99])
def test_gradients(rate: float, backend: Backend) -> None:
    check_gradients(layers.Dropout(rate), (31,), rows=5, backend=backend)
    check_gradients(layers.Dropout(rate), (3, 4), rows=5, backend=backend)


@pytest.mark.parametrize("rate", [1, -0.1, 1.5, float("nan"), "0.5", None])
def test_rates_that_are_none(rate: Any) -> None:
    with pytest.raises(ValueError, match=r"Dropout: expected a rate in \[0, 1\), got"):
        layers.Dropout(rate)


@pytest.mark.parametrize("seed", [-1, 1.5, "1", True])
def test_seeds_that_are_none(seed: Any) -> None:
    with pytest.raises(ValueError, match="Dropout: expected a non-negative integer as seed, got"):
        layers.Dropout(0.5, seed=seed)


def test_configuration() -> None:
    layer = layers.Dropout(np.float32(0.5), seed=np.int64(0), name="drop")
    assert layer.get_config() == {"name": "drop", "trainable": True, "rate": 0.5, "seed": 0}
    assert layers.Dropout.from_config(layer.get_config()).get_config() == layer.get_config()
