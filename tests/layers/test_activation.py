"""Activation layers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import activations, layers
from gpunet.backend import Backend
from gpunet.testing import check_gradients

X = [[-10.0, -5.0, 0.0, 5.0, 10.0]]


@pytest.mark.parametrize(
    ("layer", "y"),
    [
        # the examples of Keras' own documentation and tests
        (layers.ReLU(max_value=10, negative_slope=0.5, threshold=0), [[-5, -2.5, 0, 5, 10]]),
        (layers.ReLU(max_value=10), [[0, 0, 0, 5, 10]]),
        (layers.ReLU(negative_slope=0.5), [[-5, -2.5, 0, 5, 10]]),
        (layers.ReLU(threshold=5), [[0, 0, 0, 0, 10]]),
        (layers.LeakyReLU(negative_slope=0.5), [[-5, -2.5, 0, 5, 10]]),
        (layers.LeakyReLU(), [[-3, -1.5, 0, 5, 10]]),
        (layers.ELU(alpha=2.0), [[2 * np.expm1(-10), 2 * np.expm1(-5), 0, 5, 10]]),
        (layers.Activation("relu"), [[0, 0, 0, 5, 10]]),
        (layers.Activation(activations.hard_sigmoid), [[0, 0, 0.5, 1, 1]]),
        (layers.Activation(None), X),
    ],
)
def test_by_hand(layer: layers.Layer, y: Any, backend: Backend) -> None:
    np.testing.assert_allclose(backend.download(layer(backend.xp.asarray(X))), y, rtol=1e-6)


def test_softmax_along_an_axis(backend: Backend) -> None:
    x = backend.xp.asarray([[[0.0, 1.0], [0.0, 1.0]]])
    assert backend.download(layers.Softmax(axis=1)(x)).tolist() == [[[0.5, 0.5], [0.5, 0.5]]]
    np.testing.assert_allclose(
        backend.download(layers.Softmax()(x))[0, 0], [0.26894142, 0.73105858], rtol=1e-6
    )
    np.testing.assert_allclose(backend.download(layers.Softmax(axis=(1, 2))(x)).sum(), 1, rtol=1e-6)


@pytest.mark.parametrize(
    "name", [n for n in activations.registry.names() if activations.get(n).differentiable]
)
def test_gradients_of_every_activation(name: str, backend: Backend) -> None:
    check_gradients(layers.Activation(name), (5,), rows=4, seed=3, backend=backend)


@pytest.mark.parametrize("name", activations.registry.names())
def test_every_activation_as_a_layer(name: str) -> None:
    layer = layers.Activation(name)
    x = np.random.default_rng(1).standard_normal((3, 4)).astype("float32")
    np.testing.assert_array_equal(layer(x), activations.get(name)(x))
    again = layers.deserialize(layers.serialize(layer))
    assert again.activation.get_config() == layer.activation.get_config()


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        (layers.ReLU(6.0, 0.1, 0.5), {"max_value": 6.0, "negative_slope": 0.1, "threshold": 0.5}),
        (layers.LeakyReLU(0.2), {"negative_slope": 0.2}),
        (layers.ELU(0.5), {"alpha": 0.5}),
        (layers.Softmax([0, 1]), {"axis": (0, 1)}),
    ],
)
def test_options_are_attributes_as_in_keras(layer: layers.Layer, options: dict[str, Any]) -> None:
    assert {name: getattr(layer, name) for name in options} == options
    assert layer.get_config() == {"name": layer.name, "trainable": True, **options}


def test_the_step_predicts_and_refuses_to_be_trained(backend: Backend) -> None:
    layer = layers.Activation(activations.step.with_options({"threshold": 1.5}))
    assert backend.download(layer(backend.xp.asarray([[1.0, 1.5, 2.0]]))).tolist() == [[-1, 1, 1]]
    for trained in (layer, layers.Dense(2, activation="step")):
        with pytest.raises(ValueError, match="training through it is impossible"):
            check_gradients(trained, (3,), backend=backend)


def test_an_activation_layer_can_leave_its_place_to_a_fused_loss() -> None:
    assert layers.Softmax().without_activation() == []
    assert layers.Flatten().without_activation() is None


def test_bad_options() -> None:
    with pytest.raises(ValueError, match="negative_slope cannot be negative"):
        layers.LeakyReLU(-0.1)
    with pytest.raises(ValueError, match="max_value cannot be negative"):
        layers.ReLU(max_value=-1.0)
    with pytest.raises(TypeError, match=r'ReLU: unknown option "max_vale"\. Did you mean "max_value"'):
        layers.ReLU(max_vale=1.0)
    with pytest.raises(TypeError, match="Activation: expected the name of an activation or an Activation"):
        layers.Activation(lambda x: x)
