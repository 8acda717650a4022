"""What holds for every activation: gradients, shapes, dtypes, buffers, extremes, names."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import activations, config
from gpunet.activations import Activation
from gpunet.backend import Backend

READY = {
    name: activations.get(name)
    for name in activations.registry.names()
    if activations.get(name) is activations.get(name)  # a class name makes a new object each time
}
VARIANTS = {
    "relu sloped": activations.relu.with_options({"negative_slope": 0.3}),
    "relu limited": activations.relu.with_options({"max_value": 2.0}),
    "relu shifted": activations.relu.with_options({"threshold": 0.7}),
    "relu all": activations.relu.with_options({"negative_slope": 1.5, "max_value": 2.0, "threshold": 0.7}),
    "elu 0.5": activations.elu.with_options({"alpha": 0.5}),
    "celu 2": activations.celu.with_options({"alpha": 2.0}),
    "gelu approximate": activations.gelu.with_options({"approximate": True}),
    "squareplus 1": activations.squareplus.with_options({"b": 1.0}),
    "threshold 1": activations.threshold.with_options({"threshold": 1.0, "default_value": -2.0}),
    "softmax 0": activations.softmax.with_options({"axis": 0}),
    "softmax all": activations.softmax.with_options({"axis": (0, 1)}),
    "log_softmax 0": activations.log_softmax.with_options({"axis": 0}),
    "log_softmax all": activations.log_softmax.with_options({"axis": (0, 1)}),
    "sparsemax 0": activations.sparsemax.with_options({"axis": 0}),
}
EVERY = {**READY, **VARIANTS}
KINKS = np.array([0.0, 0.5, 0.7, 1.0, 2.0, 3.0, 6.0])

every = pytest.mark.parametrize("activation", EVERY.values(), ids=EVERY.keys())
smooth = pytest.mark.parametrize(
    "activation",
    [a for a in EVERY.values() if a.differentiable],
    ids=[name for name, a in EVERY.items() if a.differentiable],
)
floats = pytest.mark.parametrize("dtype", ["float32", "float64"])


def inputs(shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """Numbers within ±8, none nearer than 1e-3 to a kink of any activation."""
    x = np.random.default_rng(3).uniform(-8, 8, shape)
    near = (abs(abs(x)[..., None] - KINKS) < 1e-3).any(axis=-1)
    return np.where(near, x + 0.01, x).astype(dtype)


def last_axis(activation: Activation) -> Activation:
    return activation.with_options({"axis": -1}) if hasattr(activation, "axis") else activation


@smooth
def test_backward_equals_central_differences(activation: Activation, backend: Backend) -> None:
    x = inputs((4, 5))
    gradient = np.random.default_rng(4).standard_normal(x.shape)
    received = backend.download(activation.backward(backend.xp.asarray(x), gradient))
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += 1e-6
        down[index] -= 1e-6
        values = [backend.download(activation(backend.xp.asarray(moved))) for moved in (up, down)]
        expected = (gradient * (values[0] - values[1])).sum() / (up[index] - down[index])
        tolerance = 1e-8 * max(1.0, abs(values[0]).max())  # exponential reaches e⁸
        assert received[index] == pytest.approx(expected, rel=1e-6, abs=tolerance)


@smooth
def test_derivative_is_the_diagonal_or_the_jacobian(activation: Activation) -> None:
    activation = last_axis(activation)
    x = inputs((3, 4))
    derivative = activation.derivative(x)
    if activation.elementwise:
        assert derivative.shape == x.shape
        np.testing.assert_allclose(derivative, activation.backward(x, np.ones_like(x)))
    else:
        assert derivative.shape == (3, 4, 4)
        gradient = np.array([1.0, -2.0, 0.5, 3.0])
        product = np.einsum("k,rkj->rj", gradient, derivative)
        np.testing.assert_allclose(product, activation.backward(x, gradient), atol=1e-14)


@floats
@every
def test_buffers_may_be_shared(activation: Activation, dtype: str, backend: Backend) -> None:
    xp = backend.xp
    x = xp.asarray(inputs((31, 33), dtype))
    y, kept = xp.empty_like(x), x.copy()
    with np.errstate(all="ignore"):
        activation.forward_into(xp, x, y)
        assert (x == kept).all()
        activation.forward_into(xp, x, x)
        assert (x == y).all()
        if not activation.differentiable:
            return
        given = kept if activation.needs_input else None
        gradient = xp.asarray(np.random.default_rng(1).standard_normal(x.shape).astype(dtype))
        out, kept_gradient, kept_y = xp.empty_like(x), gradient.copy(), y.copy()
        activation.backward_into(xp, given, y, gradient, out)
        assert (gradient == kept_gradient).all()
        assert (y == kept_y).all()
        activation.backward_into(xp, given, y, gradient, gradient)
        assert (gradient == out).all()


@floats
@every
@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0), (0, 3), (31, 33), (127,), (2, 3, 5), (1025,)])
def test_shape_and_dtype_are_kept(activation: Activation, shape: tuple[int, ...], dtype: str) -> None:
    activation = last_axis(activation)
    x = inputs(shape, dtype)
    assert activation(x).shape == shape
    assert activation(x).dtype == dtype
    if activation.differentiable:
        gradient = activation.backward(x, np.ones(shape))
        assert gradient.shape == shape
        assert gradient.dtype == dtype


@every
def test_single_precision_agrees_with_double(activation: Activation) -> None:
    x = inputs((31, 33), "float32")
    np.testing.assert_allclose(activation(x), activation(x.astype("float64")), rtol=2e-5, atol=2e-6)
    if activation.differentiable:
        single, double = activation.backward(x, 1.0), activation.backward(x.astype("float64"), 1.0)
        np.testing.assert_allclose(single, double, rtol=2e-5, atol=2e-6)


@every
def test_arrays_with_gaps_and_read_only_arrays(activation: Activation) -> None:
    whole = inputs((14, 33))
    whole.flags.writeable = False
    for x in (whole[::2, ::-3], whole.T, np.broadcast_to(whole[:1], (3, 33))):
        # NumPy's loops for gaps differ from the vectorised ones by a rounding
        np.testing.assert_allclose(activation(x), activation(x.copy()), rtol=1e-14, atol=1e-15)
        if activation.differentiable:
            gradients = activation.backward(x, 1.0), activation.backward(x.copy(), 1.0)
            np.testing.assert_allclose(*gradients, rtol=1e-14, atol=1e-14)


@floats
@every
def test_large_inputs_make_no_nan_and_no_warning(activation: Activation, dtype: str) -> None:
    activation = last_axis(activation)
    x = np.array([-1e4, -104, -89, -40, -1e-30, 0, 1e-30, 20, 40, 89, 710, 1e4], dtype)
    assert not np.isnan(activation(x)).any()
    if activation.differentiable:
        assert not np.isnan(activation.backward(x, 1.0)).any()


@every
def test_nan_stays_nan(activation: Activation) -> None:
    if activation.differentiable and activation.name not in ("threshold", "sparsemax"):
        assert np.isnan(last_axis(activation)(np.array([np.nan, np.nan]))).all()


def test_integers_are_computed_in_floatx() -> None:
    assert activations.sigmoid([0, 1]).dtype == "float32"
    config.set_floatx("float64")
    assert activations.sigmoid(np.arange(3, dtype=np.uint8)).dtype == "float64"


def test_the_gradient_is_broadcast_and_refused_where_it_does_not_fit() -> None:
    assert activations.tanh.backward(np.zeros((2, 3)), 2.0).tolist() == [[2.0] * 3] * 2
    with pytest.raises(ValueError, match="shape"):
        activations.tanh.backward(np.zeros((2, 3)), np.ones((3, 2)))


def test_options_in_order_and_by_name_agree() -> None:
    x = [-3.0, 1.0, 9.0]
    assert activations.relu(x, 0.5, 6.0).tolist() == [-1.5, 1.0, 6.0]
    assert activations.relu(x, negative_slope=0.5, max_value=6.0).tolist() == [-1.5, 1.0, 6.0]
    assert activations.relu.derivative(x, 0.5, max_value=6.0).tolist() == [0.5, 1.0, 0.0]
    assert activations.relu.backward(x, 2.0, 0.5, 6.0).tolist() == [1.0, 2.0, 0.0]


def test_unknown_options_are_named() -> None:
    with pytest.raises(
        TypeError, match=r'relu: unknown option "negative_slop"\. Did you mean "negative_slope"'
    ):
        activations.relu(1.0, negative_slop=0.1)
    with pytest.raises(TypeError, match="sigmoid: expected at most 0 options, got 1"):
        activations.sigmoid(1.0, 2.0)


@pytest.mark.parametrize("name", READY)
def test_a_ready_activation_is_described_by_its_name(name: str) -> None:
    activation = activations.get(name)
    assert activations.get(activations.serialize(activation)) is activation


@pytest.mark.parametrize("activation", VARIANTS.values(), ids=VARIANTS.keys())
def test_options_survive_the_description(activation: Activation) -> None:
    description = activations.serialize(activation)
    assert set(description) == {"class_name", "config"}
    again = activations.get(description)
    assert type(again) is type(activation)
    assert again.get_config() == activation.get_config()
    assert activations.deserialize(description).get_config() == activation.get_config()


def test_descriptions_are_those_of_keras() -> None:
    assert activations.serialize(activations.relu) == "relu"
    assert activations.serialize(activations.leaky_relu.with_options({"negative_slope": 0.1})) == {
        "class_name": "LeakyReLU",
        "config": {"negative_slope": 0.1},
    }
    assert activations.get("swish") is activations.silu
    assert activations.get("hard_swish") is activations.hard_silu
    assert activations.get(None) is activations.linear


def test_the_same_options_are_the_same_object() -> None:
    assert activations.softmax.with_options({"axis": -1}) is activations.softmax


def test_get_refuses_what_is_no_activation() -> None:
    with pytest.raises(ValueError, match=r'Unknown activation "sigmod"\. Did you mean "sigmoid"'):
        activations.get("sigmod")
    with pytest.raises(ValueError, match="expected a name or a function, got 5"):
        activations.get(5)


def test_a_plain_function_stays_as_it_is() -> None:
    def cube(x: float) -> float:
        return x**3

    assert activations.get(cube) is cube
    assert activations.get("cube", custom_objects={"cube": cube}) is cube
