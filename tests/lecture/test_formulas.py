"""The lecture's formulas and its numbers."""

from __future__ import annotations

import numpy as np
import pytest

import gpunet
from gpunet import activations, layers, losses
from gpunet.backend import Backend


def test_softmax_example() -> None:
    probabilities = activations.softmax([1.1, 2.2, 0.2, -1.7])
    np.testing.assert_allclose(probabilities, [0.224, 0.672, 0.091, 0.013], atol=1e-3)


def test_common_activations_and_their_derivatives() -> None:
    z = np.array([-2.0, -0.5, 0.5, 3.0])
    sigmoid = 1 / (1 + np.exp(-z))
    tanh = (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
    np.testing.assert_allclose(activations.sigmoid(z), sigmoid)
    np.testing.assert_allclose(activations.sigmoid.derivative(z), sigmoid * (1 - sigmoid))
    np.testing.assert_allclose(activations.tanh(z), tanh)
    np.testing.assert_allclose(activations.tanh.derivative(z), 1 - tanh**2)
    assert activations.relu(z).tolist() == [0.0, 0.0, 0.5, 3.0]
    assert activations.relu.derivative(z).tolist() == [0.0, 0.0, 1.0, 1.0]
    assert activations.relu.derivative([0.0]).tolist() == [0.0]  # "0, otherwise"


def perceptron(activation: str) -> gpunet.Sequential:
    """The lecture's example: θ₀ = -2, Θ = (1, 1)."""
    model = gpunet.Sequential([layers.Input(shape=(2,)), layers.Dense(1, activation=activation)])
    model.set_weights([np.array([[1.0], [1.0]]), np.array([-2.0])])
    return model


def test_the_perceptron_is_g_of_x1_plus_x2_minus_2(backend: Backend) -> None:
    x = np.random.default_rng(0).uniform(-3, 3, (50, 2)).astype(np.float32)
    expected = 1 / (1 + np.exp(-(x.sum(axis=1, keepdims=True) - 2)))
    np.testing.assert_allclose(perceptron("sigmoid").predict(x, verbose=0), expected, rtol=1e-5)


def test_its_decision_boundary_is_the_line_x1_plus_x2_is_2(backend: Backend) -> None:
    on_the_line = [[0.0, 2.0], [2.0, 0.0], [1.0, 1.0], [-3.0, 5.0]]
    assert perceptron("sigmoid").predict(on_the_line, verbose=0).ravel().tolist() == [0.5] * 4
    beside = [[1.0, 1.5], [1.0, 0.5], [3.0, 0.0], [-1.0, 2.5]]
    says_yes = perceptron("sigmoid").predict(beside, verbose=0).ravel() >= 0.5
    assert says_yes.tolist() == [True, False, True, False]
    assert perceptron("step").predict(beside, verbose=0).ravel().tolist() == [1.0, -1.0, 1.0, -1.0]


def test_the_threshold_unit_gives_plus_one_from_omega_0_on() -> None:
    omega_0 = 1.5
    fires = activations.step([1.4, 1.5, 1.6], threshold=omega_0)
    assert fires.tolist() == [-1.0, 1.0, 1.0]


def test_training_through_the_step_is_refused() -> None:
    model = perceptron("step")
    model.compile("sgd", "mean_squared_error")
    with pytest.raises(ValueError, match="can't be trained through"):
        model.fit([[0.0, 0.0]], [[1.0]], verbose=0)


def test_logistic_regression_cost_and_gradient_as_written() -> None:
    random = np.random.default_rng(1)
    m = 20
    x, y = random.standard_normal((m, 3)), random.integers(0, 2, m).astype(np.float64)
    theta, theta_0 = random.standard_normal(3), 0.3
    f = 1 / (1 + np.exp(-(x @ theta + theta_0)))
    cost = -(y * np.log(f) + (1 - y) * np.log(1 - f)).sum() / m
    gradient, gradient_0 = x.T @ (f - y) / m, (f - y).sum() / m

    gpunet.config.set_floatx("float64")
    model = gpunet.Sequential([layers.Input(shape=(3,)), layers.Dense(1, activation="sigmoid")])
    model.set_weights([theta[:, None], [theta_0]])
    alpha = 0.1
    model.compile(gpunet.optimizers.SGD(alpha), "binary_crossentropy")
    assert model.train_on_batch(x, y) == pytest.approx(cost, rel=1e-12)
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel[:, 0], theta - alpha * gradient, rtol=1e-12)
    np.testing.assert_allclose(bias, [theta_0 - alpha * gradient_0], rtol=1e-12)


def test_both_losses_as_written() -> None:
    y, f = np.array([[1.0], [0.0], [1.0]]), np.array([[0.9], [0.2], [0.6]])
    squared = ((f - y) ** 2).sum() / (2 * 3)
    cross = -(y * np.log(f) + (1 - y) * np.log(1 - f)).sum() / 3
    assert losses.HalfMeanSquaredError(dtype="float64")(y, f) == pytest.approx(squared)
    assert losses.BinaryCrossentropy(dtype="float64")(y, f) == pytest.approx(cross)


def test_the_matrix_example(backend: Backend) -> None:
    """dW1 and dW2 of ``L = ‖ReLU(X W₁) W₂‖²`` equal the listing's, with its ``z1`` read as ``z_1``."""
    random = np.random.default_rng(2)
    x, w_1, w_2 = (random.standard_normal(shape) for shape in ((5, 4), (4, 3), (3, 2)))
    # forward prop
    z_1 = np.dot(x, w_1)
    h_1 = np.maximum(z_1, 0)
    y_hat = np.dot(h_1, w_2)
    # backward prop
    dy_hat = 2.0 * y_hat
    dw_2 = h_1.T.dot(dy_hat)
    dh_1 = dy_hat.dot(w_2.T)
    dz_1 = dh_1.copy()
    dz_1[z_1 < 0] = 0
    dw_1 = x.T.dot(dz_1)
    assert (abs(z_1) > 1e-3).all()  # away from the kink

    gpunet.config.set_floatx("float64")
    model = gpunet.Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(3, activation="relu", use_bias=False),
            layers.Dense(2, use_bias=False),
        ]
    )
    model.set_weights([w_1, w_2])
    # Σ over rows of 1/2 Σ ŷ² with a learning rate of 2 is a step of length 1 along -∂‖ŷ‖²/∂W
    model.compile(gpunet.optimizers.SGD(2.0), losses.HalfMeanSquaredError(reduction="sum"))
    loss = model.train_on_batch(x, np.zeros((5, 2)))
    assert loss == pytest.approx((y_hat**2).sum() / 2, rel=1e-12)
    for after, before, gradient in zip(model.get_weights(), (w_1, w_2), (dw_1, dw_2), strict=True):
        np.testing.assert_allclose(before - after, gradient, rtol=1e-10, atol=1e-12)
