"""Dense: values by hand, options, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import activations, initializers, layers, regularizers
from gpunet.backend import Backend
from gpunet.testing import check_gradients

KERNEL = [[1.0, 2.0], [3.0, -4.0], [5.0, 6.0]]


def dense(backend: Backend, **options: Any) -> layers.Dense:
    layer = layers.Dense(2, **options)
    layer(backend.zeros((1, 3), "float32"))
    layer.set_weights([KERNEL, [0.5, -0.5]] if layer.use_bias else [KERNEL])
    return layer


@pytest.mark.parametrize(
    ("options", "y"),
    [
        ({}, [[-1.5, 5.5]]),  # 1·1 - 1·3 + 0·5 + 0.5 and 1·2 + 1·4 + 0·6 - 0.5 for the row (1, -1, 0)
        ({"use_bias": False}, [[-2, 6]]),
        ({"activation": "linear"}, [[-1.5, 5.5]]),
        ({"activation": "relu"}, [[0, 5.5]]),
        ({"activation": activations.leaky_relu}, [[-0.3, 5.5]]),
        ({"activation": "step"}, [[-1, 1]]),
        ({"activation": "gelu"}, [[-0.10021080, 5.5]]),  # -1.5 · Φ(-1.5), Φ(-1.5) = 0.0668072
    ],
)
def test_by_hand(options: dict[str, Any], y: list[list[float]], backend: Backend) -> None:
    received = dense(backend, **options)(backend.xp.asarray([[1.0, -1.0, 0.0]]))
    np.testing.assert_allclose(backend.download(received), y, rtol=1e-6)


def test_several_axes_are_several_rows(backend: Backend) -> None:
    layer = dense(backend, activation="tanh")
    x = np.random.default_rng(1).standard_normal((4, 5, 3))
    rows = backend.download(layer(backend.xp.asarray(x.reshape(20, 3))))
    fresh = dense(backend, activation="tanh")
    fresh.unbuild()
    fresh.ensure_built((None, 5, 3))
    fresh.set_weights(layer.get_weights())
    received = backend.download(fresh(backend.xp.asarray(x)))
    assert fresh.compute_output_shape((None, 5, 3)) == (None, 5, 2)
    np.testing.assert_allclose(received, rows.reshape(4, 5, 2), rtol=1e-6)


@pytest.mark.parametrize(
    "activation", [n for n in activations.registry.names() if activations.get(n).differentiable]
)
def test_gradients_with_every_activation(activation: str) -> None:
    check_gradients(layers.Dense(7, activation), (5,), seed=3, rows=4)


@pytest.mark.parametrize("units", [1, 31, 33, 127])
@pytest.mark.parametrize("features", [1, 31, 33])
def test_gradients_of_odd_sizes(units: int, features: int) -> None:
    check_gradients(layers.Dense(units, "sigmoid"), (features,), rows=2)


def test_gradients_of_wide_layers() -> None:
    check_gradients(layers.Dense(1, "sigmoid"), (1025,), rows=2)
    check_gradients(layers.Dense(1025, "tanh"), (1,), rows=2)


def test_the_defaults_are_those_of_keras() -> None:
    config = layers.Dense(3).get_config()
    initial = [config.pop(role)["class_name"] for role in ("kernel_initializer", "bias_initializer")]
    assert initial == ["GlorotUniform", "Zeros"]
    assert config == {
        "name": "dense",
        "trainable": True,
        "units": 3,
        "activation": None,
        "use_bias": True,
        "kernel_regularizer": None,
        "bias_regularizer": None,
    }


def test_initializers_and_regularizers_reach_the_parameters() -> None:
    layer = layers.Dense(
        2,
        kernel_initializer=initializers.Constant(3.0),
        bias_initializer="ones",
        kernel_regularizer=regularizers.L2(0.25),
        bias_regularizer="l1",
    )
    layer.ensure_built((None, 3))
    assert (layer.kernel.numpy() == 3).all()
    assert (layer.bias.numpy() == 1).all()
    assert layer.kernel.regularizer.get_config() == {"l2": 0.25}
    assert layer.bias.regularizer.get_config() == {"l1": pytest.approx(0.01)}
    assert layers.Dense(2).kernel is None


def test_initial_values_repeat_with_the_seed() -> None:
    import gpunet

    def kernel() -> np.ndarray:
        layer = layers.Dense(5)
        layer.ensure_built((None, 4))
        return layer.kernel.numpy()

    gpunet.set_random_seed(4)
    first, second = kernel(), kernel()
    gpunet.set_random_seed(4)
    np.testing.assert_array_equal(kernel(), first)
    assert (first != second).all()
    assert abs(first).max() <= np.sqrt(6 / (4 + 5))  # Glorot's limit


def test_the_part_before_the_activation_shares_the_parameters(backend: Backend) -> None:
    layer = dense(backend, activation="softmax")
    (linear,) = layer.without_activation() or []
    assert linear.weights[0] is layer.kernel
    x = backend.xp.asarray([[1.0, -1.0, 0.0]])
    np.testing.assert_allclose(backend.download(linear(x)), [[-1.5, 5.5]])
    assert layers.Dense(2).without_activation() is None
    assert layer.activation is activations.softmax


@pytest.mark.parametrize("units", [0, -1, 2.0, 2.5, "3", None, True])
def test_units_are_a_positive_whole_number(units: Any) -> None:
    with pytest.raises(ValueError, match="Dense: expected a positive whole number of units, got"):
        layers.Dense(units)
    assert layers.Dense(np.int64(3)).units == 3


def test_inputs_that_are_no_rows() -> None:
    with pytest.raises(ValueError, match=r"dense: expected inputs \(rows, features\), got shape \(None,\)"):
        layers.Dense(3)(np.zeros(4))
    with pytest.raises(ValueError, match=r"got shape \(None, None\)"):
        layers.Dense(3).build((None, None))


def test_unknown_names_are_answered_with_the_closest() -> None:
    with pytest.raises(ValueError, match=r'Unknown activation "rleu".*"relu"'):
        layers.Dense(3, activation="rleu")
    with pytest.raises(ValueError, match=r'Unknown initializer "he_norma".*"he_normal"'):
        layers.Dense(3, kernel_initializer="he_norma")
    with pytest.raises(ValueError, match='Unknown regularizer "l3"'):
        layers.Dense(3, kernel_regularizer="l3")


def test_a_plain_function_has_no_derivative() -> None:
    with pytest.raises(
        TypeError, match="Dense: expected the name of an activation or an Activation, got <ufunc 'tanh'>"
    ):
        layers.Dense(3, activation=np.tanh)
