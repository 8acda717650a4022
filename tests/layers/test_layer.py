"""What every layer is and does: building, parameters, freezing, calling, describing; and layers of one's own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gpunet import config, layers
from gpunet.arena import Arena
from gpunet.backend import Backend, backend_of
from gpunet.layers import Layer
from gpunet.layers.base import sizes
from gpunet.testing import check_gradients


class Scale(Layer):
    """The layer of README: a factor for each feature."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(input_shape[1:], "ones", name="scale")

    def forward(self, x: Any, training: bool = False) -> Any:
        return x * self.scale.value

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        self.scale.gradient[...] = (gradient * x).sum(axis=0)
        return gradient * self.scale.value


class Repeat(Layer):
    """Repeats the features: another shape, an argument and no name."""

    def __init__(self, times: int = 2) -> None:
        super().__init__()
        self.times = times

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (*input_shape[:-1], input_shape[-1] * self.times)

    def forward(self, x: Any, training: bool = False) -> Any:
        return backend_of(x).xp.concatenate([x] * self.times, axis=-1)

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        return gradient.reshape(*x.shape[:-1], self.times, x.shape[-1]).sum(axis=-2)


EVERY = {
    "dense": lambda: layers.Dense(3),
    "dense relu": lambda: layers.Dense(3, "relu"),
    "dense gelu": lambda: layers.Dense(3, "gelu", use_bias=False),
    "dense softmax": lambda: layers.Dense(3, "softmax"),
    "activation": lambda: layers.Activation("tanh"),
    "relu": lambda: layers.ReLU(max_value=1.5, negative_slope=0.25, threshold=0.125),
    "leaky relu": lambda: layers.LeakyReLU(),
    "elu": lambda: layers.ELU(alpha=0.5),
    "softmax": lambda: layers.Softmax(),
    "dropout": lambda: layers.Dropout(0.4),
    "flatten": lambda: layers.Flatten(),
    "scale": lambda: Scale(),
    "repeat": lambda: Repeat(3),
}
every = pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())


@every
@pytest.mark.parametrize("rows", [0, 1, 3, 33])
@pytest.mark.parametrize("shape", [(1,), (5,), (31,)])
def test_backward_equals_central_differences(
    make: Any, rows: int, shape: tuple[int, ...], backend: Backend
) -> None:
    check_gradients(make(), shape, rows=rows, backend=backend)


@every
def test_samples_of_several_axes(make: Any, backend: Backend) -> None:
    check_gradients(make(), (2, 4), backend=backend)


@every
def test_frozen_layers_pass_the_gradient_on(make: Any, backend: Backend) -> None:
    layer = make()
    layer.trainable = False
    check_gradients(layer, (5,), backend=backend)
    assert all(parameter.gradient is None for parameter in layer.parameters)


@every
@pytest.mark.parametrize("rows", [0, 1, 31, 127, 1025])
def test_any_number_of_rows_any_memory_and_any_dtype(make: Any, rows: int, backend: Backend) -> None:
    whole = np.random.default_rng(1).integers(-9, 9, (2 * rows, 8))
    layer = make()
    layer.ensure_built((None, 4))
    expected = backend.download(layer(backend.xp.asarray(whole[::2, ::2].astype("float32").copy())))
    assert expected.dtype == "float32"
    assert expected.shape == (rows, *sizes(layer.compute_output_shape((None, 4))))
    for dtype in ("float64", "int64", "int8", "float32"):
        for x in (
            whole[::2, ::2].astype(dtype),
            whole.astype(dtype)[::2, ::2],
            np.asfortranarray(whole.astype(dtype))[::2, ::2],
        ):
            received = backend.download(layer(backend.xp.asarray(x)))
            np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)


@every
def test_the_output_is_new_and_the_input_kept(make: Any) -> None:
    x = np.random.default_rng(1).standard_normal((3, 4)).astype("float32")
    kept, layer = x.copy(), make()
    y = layer(x)
    assert not np.shares_memory(x, y)
    assert not np.shares_memory(y, layer(x))
    np.testing.assert_array_equal(x, kept)


@every
def test_a_description_makes_an_equal_layer(make: Any) -> None:
    layer = make()
    layer.name, layer.trainable = "mine", False
    description = json.loads(json.dumps(layers.serialize(layer)))
    again = layers.deserialize(description, {"Scale": Scale, "Repeat": Repeat})
    assert type(again) is type(layer)
    assert (again.name, again.trainable, again.has_own_name) == ("mine", False, True)
    assert again.get_config() == layer.get_config()
    layer.ensure_built((None, 4))
    again.ensure_built((None, 4))
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again([[1, -2, 3, 0.5]]), layer([[1, -2, 3, 0.5]]))


def test_names() -> None:
    names = [make().name for make in EVERY.values()]
    assert names[3:] == [
        "dense", "activation", "re_lu", "leaky_re_lu", "elu", "softmax", "dropout", "flatten", "scale", "repeat",
    ]  # fmt: skip
    assert layers.Dense(1, name="out").has_own_name
    assert not layers.Dense(1).has_own_name


@pytest.mark.parametrize("name", ["a/b", 5])
def test_names_that_a_path_cannot_hold(name: Any) -> None:
    with pytest.raises(ValueError, match="Dense: expected a name without slashes, got"):
        layers.Dense(1, name=name)


def test_an_unknown_option_is_answered_with_the_closest() -> None:
    with pytest.raises(TypeError, match=r'Dense: unknown option "activaton"\. Did you mean "activation"\?'):
        layers.Dense(3, activaton="relu")
    with pytest.raises(
        TypeError, match=r'Flatten: unknown option "inputshape"\. Did you mean "input_shape"\?'
    ):
        layers.Flatten(inputshape=(3,))


def test_any_layer_tells_the_shape_of_a_sample() -> None:
    assert layers.Flatten(input_shape=(64,)).sample_shape == (64,)
    assert layers.Dropout(0.5, input_shape=[2, np.int64(3)]).sample_shape == (2, 3)
    assert layers.Dense(3, input_dim=64).sample_shape == (64,)
    assert layers.Dense(3).sample_shape is None


@pytest.mark.parametrize("shape", [64, (None,), (0,), (-1,), (2.0,), "64", (True,)])
def test_shapes_that_are_none(shape: Any) -> None:
    with pytest.raises(ValueError, match=r"Flatten: expected a shape of positive sizes such as \(64,\), got"):
        layers.Flatten(input_shape=shape)


# -- building ------------------------------------------------------------------------------------------------------


def test_a_layer_is_built_by_its_first_input_or_by_hand() -> None:
    called, built = layers.Dense(3), layers.Dense(3)
    assert not called.built
    called(np.zeros((2, 4)))
    built.build([None, 4])
    for layer in (called, built):
        assert layer.built
        assert layer.input_shape == (None, 4)
        assert [w.path for w in layer.weights] == ["dense/kernel", "dense/bias"]
        assert layer.ensure_built((None, 4)) == (None, 3)
        assert len(layer.weights) == 2


def test_an_input_of_another_width_is_refused() -> None:
    layer = layers.Dense(3)
    layer(np.zeros((2, 4)))
    with pytest.raises(
        ValueError, match=r"dense: it was built for inputs of shape \(None, 4\), got \(None, 5\)"
    ):
        layer(np.zeros((2, 5)))
    layers.Flatten().ensure_built((None, 4))
    activation = layers.ReLU()
    assert activation(np.zeros((2, 4))).shape == (2, 4)
    assert activation(np.zeros((2, 5))).shape == (2, 5)  # without parameters every shape is right


def test_a_layer_whose_building_fails_can_be_built_again() -> None:
    class Picky(Scale):
        def build(self, input_shape: Any) -> None:
            self.add_weight((2,), name="early")
            if input_shape[-1] == 3:
                raise ValueError("not 3")
            super().build(input_shape)

    layer = Picky()
    with pytest.raises(ValueError, match="not 3"):
        layer(np.zeros((1, 3)))
    assert (layer.built, layer.weights) == (False, [])
    layer(np.zeros((1, 4)))
    assert [w.name for w in layer.weights] == ["early", "scale"]


def test_unbuilding_keeps_what_the_constructor_made() -> None:
    class Counting(Scale):
        def __init__(self) -> None:
            super().__init__()
            self.total = self.add_weight((), "zeros", trainable=False, name="total")

    layer = Counting()
    layer.unbuild()
    layer.ensure_built((None, 4))
    layer.unbuild()
    assert [w.name for w in layer.weights] == ["total"]
    layer.ensure_built((None, 5))
    assert [w.shape for w in layer.weights] == [(), (5,)]


def test_weights_that_cannot_be() -> None:
    layer = Scale()
    layer.ensure_built((None, 4))
    with pytest.raises(ValueError, match='scale: it has a parameter "scale" already'):
        layer.add_weight((4,), name="scale")
    with pytest.raises(ValueError, match=r"scale: expected known sizes for other, got shape \(None, 4\)"):
        layer.add_weight((None, 4), name="other")
    with pytest.raises(ValueError, match=r"scale: expected an initial other of shape \(2,\), got \(3,\)"):
        layer.add_weight((2,), lambda shape, dtype: np.zeros(3), name="other")
    assert [w.name for w in layer.weights] == ["scale"]


def test_initial_values_are_copies_in_floatx() -> None:
    values = np.array([1.0, 2.0])
    parameter = Scale().add_weight((2,), lambda shape, dtype: values)
    parameter.assign([3.0, 4.0])
    assert values.tolist() == [1, 2]
    assert parameter.dtype == "float32"


# -- parameters ----------------------------------------------------------------------------------------------------


def test_freezing_and_thawing_after_building() -> None:
    layer = layers.Dense(3)
    layer.ensure_built((None, 4))
    moving = layer.add_weight((3,), "zeros", trainable=False, name="moving")
    assert layer.trainable_weights == layer.weights[:2]
    assert layer.non_trainable_weights == [moving]
    assert layer.frozen == []
    layer.trainable = False
    assert layer.trainable_weights == []
    assert layer.non_trainable_weights == layer.frozen == layer.weights
    layer.trainable = True
    layer.kernel.trainable = False
    assert layer.trainable_weights == [layer.bias]
    assert layer.count_params() == 4 * 3 + 3 + 3


def test_get_and_set_weights(backend: Backend) -> None:
    layer = layers.Dense(2)
    layer(backend.zeros((1, 3), "float32"))
    kernel, bias = layer.get_weights()
    kernel[...] = bias[...] = 7
    assert layer.bias.numpy().tolist() == [0, 0]
    layer.set_weights([kernel, [1, 2]])
    assert (layer.kernel.numpy() == 7).all()
    assert layer.bias.numpy().tolist() == [1, 2]


def test_weights_that_do_not_fit_change_nothing() -> None:
    layer = layers.Dense(2)
    with pytest.raises(ValueError, match=r"dense: expected 0 arrays, got 2\. Build it first"):
        layer.set_weights([np.zeros((3, 2)), np.zeros(2)])
    layer.ensure_built((None, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match="dense: expected 2 arrays, got 1"):
        layer.set_weights(before[:1])
    with pytest.raises(ValueError, match=r"dense/bias: expected shape \(2,\), got \(3,\)"):
        layer.set_weights([before[0] + 1, np.zeros(3)])
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])


# -- calling -------------------------------------------------------------------------------------------------------


def test_a_single_number_is_no_batch() -> None:
    with pytest.raises(ValueError, match=r"re_lu: expected a batch \(rows, …\), got a single number"):
        layers.ReLU()(1.0)


def test_a_layer_computes_where_its_parameters_are(backend: Backend) -> None:
    layer = layers.Dense(2, kernel_initializer="ones")
    x = np.array([[1, 2], [3, 4]], np.uint8)
    assert backend.download(layer(backend.xp.asarray(x))).tolist() == [[3, 3], [7, 7]]
    arena = layer.kernel.arena
    y = layer(x)  # from the host
    assert backend_of(y).xp is backend.xp
    assert backend.download(y).tolist() == [[3, 3], [7, 7]]
    assert layer.kernel.arena is arena


def test_a_layer_of_a_model_stays_in_its_arena() -> None:
    first, second = layers.Dense(2), Scale()
    first.ensure_built((None, 2))
    second.ensure_built((None, 2))
    arena = Arena(backend_of([]), [*first.weights, *second.weights], dtype="float64")
    assert first([[1.0, 2.0]]).dtype == "float64"
    assert arena.owns([*first.weights, *second.weights])


# -- layers of one's own -------------------------------------------------------------------------------------------


def test_a_layer_without_forward_or_backward_says_so() -> None:
    class Empty(Layer): ...

    class Half(Layer):
        def forward(self, x: Any, training: bool = False) -> Any:
            return x

    with pytest.raises(NotImplementedError, match=r"Empty defines no forward\(x, training\)"):
        Empty()([[1.0]])
    with pytest.raises(NotImplementedError, match=r"Half defines no backward\(x, y, gradient\)"):
        check_gradients(Half(), (2,))
    assert not Half().has_backward
    assert Scale().has_backward
    assert layers.Dense(1).has_backward
    assert layers.Flatten().has_backward


def test_results_of_the_wrong_shape_are_not_broadcast() -> None:
    class Forward(Scale):
        def forward(self, x: Any, training: bool = False) -> Any:
            return super().forward(x)[:1]

    class Backward(Scale):
        def backward(self, x: Any, y: Any, gradient: Any) -> Any:
            super().backward(x, y, gradient)

    with pytest.raises(
        ValueError, match=r"forward: expected forward to return shape \(2, 3\), got shape \(1, 3\)"
    ):
        Forward()(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"backward: expected backward to return shape \(3, 3\), got None"):
        check_gradients(Backward(), (3,))


def test_training_reaches_a_layer_of_ones_own() -> None:
    class Noisy(Layer):
        def forward(self, x: Any, training: bool = False) -> Any:
            return x + 1 if training else x

    assert Noisy()([[1.0]]).tolist() == [[1]]
    assert Noisy()([[1.0]], training=True).tolist() == [[2]]


def test_an_argument_that_is_kept_nowhere_is_missed_at_once() -> None:
    class Forgetful(Layer):
        def __init__(self, factor: float, **options: Any) -> None:
            super().__init__(**options)

    with pytest.raises(TypeError, match='Forgetful: get_config finds no attribute "factor"'):
        Forgetful(2.0).get_config()


def test_custom_objects_reach_the_parts_of_a_layer() -> None:
    from gpunet.activations import Activation

    class Double(Activation):
        name = "double"

        def forward_into(self, xp: Any, x: Any, out: Any) -> None:
            xp.multiply(x, 2, out=out)

    description = layers.serialize(layers.Dense(1, activation=Double(), kernel_initializer="ones"))
    again = layers.deserialize(json.loads(json.dumps(description)), {"Double": Double})
    assert again([[3.0]]).tolist() == [[6]]
    with pytest.raises(ValueError, match='Unknown activation "Double"'):
        layers.deserialize(description)


def test_a_program_gives_frozen_layers_a_place_for_their_gradients() -> None:
    layer = Scale(trainable=False)
    check_gradients(layer, (3,))
    assert layer.scale.gradient is None


def test_unknown_layers() -> None:
    with pytest.raises(
        ValueError, match=r'Unknown layer "Dens"\. Did you mean "dense"\? Known: ELU, LeakyReLU'
    ):
        layers.deserialize({"class_name": "Dens", "config": {}})
    assert type(layers.get("flatten")) is layers.Flatten
    assert layers.InputLayer is layers.Input


def test_floatx_holds_when_the_layer_is_made() -> None:
    config.set_floatx("float64")
    layer = layers.Dense(2)
    layer.ensure_built((None, 2))
    config.set_floatx("float32")
    assert layer(np.zeros((1, 2), "float32")).dtype == "float64"
