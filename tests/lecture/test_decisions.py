"""What networks without, with one and with two hidden layers can tell apart."""

from __future__ import annotations

import numpy as np
import pytest

import gpunet
from gpunet import datasets, layers


def network(*hidden: int, activation: str | None = "tanh") -> gpunet.Sequential:
    model = gpunet.Sequential(
        [*(layers.Dense(units, activation=activation) for units in hidden), layers.Dense(1, "sigmoid")]
    )
    model.compile(gpunet.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    return model


def accuracy(model: gpunet.Sequential, x: np.ndarray, y: np.ndarray, epochs: int) -> float:
    model.fit(x, y, epochs=epochs, batch_size=100, verbose=0)
    return float(model.evaluate(x, y, verbose=0, return_dict=True)["accuracy"])


def test_xor_is_learned_with_one_hidden_layer() -> None:
    x, y = datasets.xor()
    assert accuracy(network(8), x, y, epochs=500) == 1.0


def test_xor_is_not_learned_with_none() -> None:
    """No line has more than three of the four points on their right sides; the least loss is log 2, at zero weights."""
    x, y = datasets.xor()
    model = network()
    assert accuracy(model, x, y, epochs=1000) <= 0.75
    assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(np.log(2), abs=1e-3)


@pytest.mark.parametrize("hidden", [(), (5,), (8, 6, 7)])
def test_a_linear_network_of_any_depth_is_linear(hidden: tuple[int, ...]) -> None:
    gpunet.config.set_floatx("float64")
    model = gpunet.Sequential(
        [layers.Input(shape=(3,)), *(layers.Dense(units) for units in hidden), layers.Dense(2)]
    )
    model.set_weights([np.random.default_rng(0).standard_normal(w.shape) for w in model.get_weights()])
    random = np.random.default_rng(1)
    a, b = random.standard_normal((10, 3)), random.standard_normal((10, 3))
    at = {name: model.predict(x, verbose=0) for name, x in {"a": a, "b": b, "mix": 0.3 * a + 0.7 * b}.items()}
    np.testing.assert_allclose(at["mix"], 0.3 * at["a"] + 0.7 * at["b"], atol=1e-12)


def test_depth_without_activation_does_not_learn_xor() -> None:
    x, y = datasets.xor()
    assert accuracy(network(8, 8, activation=None), x, y, epochs=300) <= 0.75


@pytest.mark.parametrize(("hidden_layers", "hidden"), [(0, ()), (1, (8,)), (2, (16, 8))])
def test_hidden_layers_and_regions(hidden_layers: int, hidden: tuple[int, ...]) -> None:
    """A half-plane needs no hidden layer, a convex region one, two regions two."""
    x, y = datasets.regions(hidden_layers)
    assert accuracy(network(*hidden), x, y, epochs=300) >= 0.98


@pytest.mark.parametrize("hidden_layers", [1, 2])
def test_a_line_does_not_bound_a_region(hidden_layers: int) -> None:
    x, y = datasets.regions(hidden_layers)
    assert accuracy(network(), x, y, epochs=300) < 0.8


def test_will_i_pass_this_class() -> None:
    x, y = datasets.students(noise=0.0)
    assert accuracy(network(), x / [15, 30], y, epochs=1000) >= 0.98
