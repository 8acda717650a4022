"""Built-in layers of which a subclass overrides a pass: what it writes is what runs, on every backend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend, get_backend


class Halved(layers.Dense):
    """In place, as built-in layers are written."""

    def forward_into(self, context: Any, x: Any, y: Any) -> None:
        super().forward_into(context, x, y)
        y *= 0.5

    def backward_into(self, context: Any, x: Any, y: Any, gradient: Any, x_gradient: Any) -> None:
        gradient *= 0.5
        super().backward_into(context, x, y, gradient, x_gradient)


class Doubled(layers.Dense):
    """As layers of one's own are written."""

    def forward(self, x: Any, training: bool = False) -> Any:
        return 2 * (x @ self.kernel.value)

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        self.kernel.gradient[...] = 2 * (x.T @ gradient)
        self.bias.gradient[...] = 0
        return 2 * (gradient @ self.kernel.value.T)


class Negated(layers.Dropout):
    """With a pass that doesn't go around it where nothing is trained."""

    def forward(self, x: Any, training: bool = False) -> Any:
        return -x


X = np.random.default_rng(0).standard_normal((24, 4)).astype("float32")
Y = np.arange(24) % 3


def network(layer: layers.Layer, backend: Backend | str) -> gpunet.Sequential:
    gpunet.set_random_seed(0)
    model = gpunet.Sequential(
        [layers.Input(shape=(4,)), layer, layers.Dense(3, activation="softmax")], backend=backend
    )
    model.compile(gpunet.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize(("kind", "factor"), [(Halved, 0.5), (Doubled, 2.0)])
def test_what_a_subclass_computes_is_the_output(backend: Backend, kind: Any, factor: float) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), kind(2)])
    weights = np.arange(8.0).reshape(4, 2)
    model.set_weights([weights, np.zeros(2)])
    np.testing.assert_allclose(model.predict(X, verbose=0), factor * (X @ weights), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", [Halved, Doubled])
def test_training_is_that_of_the_reference(backend: Backend, kind: Any) -> None:
    """Step by step: what is recorded once must go on to compute what the subclass says."""
    expected = network(kind(5), get_backend("numpy")).fit(X, Y, batch_size=8, epochs=4, verbose=0)
    found = network(kind(5), backend).fit(X, Y, batch_size=8, epochs=4, verbose=0)
    np.testing.assert_allclose(found.history["loss"], expected.history["loss"], rtol=1e-5)
    assert found.history["loss"][-1] < found.history["loss"][0]


@pytest.mark.parametrize("kind", [Halved, Doubled])
def test_gradients(kind: Any) -> None:
    gpunet.testing.check_gradients(kind(3), input_shape=(4,))


def test_a_last_layer_is_not_taken_apart(backend: Backend) -> None:
    """Its activation and the cross-entropy aren't computed together: half of the probability is what has the loss."""
    model = gpunet.Sequential([layers.Input(shape=(4,)), Halved(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    weights, targets = np.linspace(-1, 1, 4)[:, None], np.arange(24) % 2
    model.set_weights([weights, np.zeros(1)])
    half = 0.5 / (1 + np.exp(-(X @ weights)[:, 0]))
    expected = -np.where(targets == 1, np.log(half), np.log(1 - half)).mean()
    assert model.evaluate(X, targets, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_a_pass_is_not_gone_around(backend: Backend) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), Negated(0.5)])
    np.testing.assert_array_equal(model.predict(X, verbose=0), -X)


class Twice:
    """Mixed into a layer: no layer itself."""

    def forward(self, x: Any, training: bool = False) -> Any:
        return 2 * x


def test_a_pass_may_be_mixed_in(backend: Backend) -> None:
    class Mixed(Twice, layers.Dense):
        pass

    model = gpunet.Sequential([layers.Input(shape=(4,)), Mixed(4)])
    np.testing.assert_array_equal(model.predict(X, verbose=0), 2 * X)


def test_a_forward_pass_alone_can_t_be_trained(backend: Backend) -> None:
    """The backward pass of the class above would be that of another function."""

    class Forward(layers.Dense):
        def forward(self, x: Any, training: bool = False) -> Any:
            return np.sin(1.0) * (x @ self.kernel.value)

    model = network(Forward(5, activation="silu"), backend)
    with pytest.raises((ValueError, NotImplementedError), match="backward"):
        model.fit(X, Y, verbose=0)
