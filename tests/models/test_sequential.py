"""Building, changing, describing and copying a stack of layers."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend

Make = Callable[..., gpunet.Sequential]


def test_built_at_once_where_the_shape_is_told() -> None:
    for first in (
        [layers.Input(shape=(4,)), layers.Dense(3)],
        [layers.Dense(3, input_shape=(4,))],
        [layers.Dense(3, input_dim=4)],
        [layers.Input(batch_shape=(None, 4)), layers.Dense(3)],
    ):
        model = gpunet.Sequential(first)
        assert model.built
        assert model.input_shape == (None, 4)
        assert model.output_shape == (None, 3)
        assert model.count_params() == 15


def test_built_by_build_by_fit_or_by_predict(x: np.ndarray) -> None:
    model = gpunet.Sequential([layers.Dense(3)])
    assert not model.built
    with pytest.raises(ValueError, match="no parameters yet"):
        model.get_weights()
    with pytest.raises(ValueError, match=r"expected an input_shape such as \(None, 64\)"):
        model.build()
    model.build((None, 4))
    assert model.count_params() == 15
    by_predict = gpunet.Sequential([layers.Dense(3)])
    by_predict.predict(x, verbose=0)
    assert by_predict.built
    by_fit = gpunet.Sequential([layers.Dense(3)])
    by_fit.compile("sgd", "mse")
    by_fit.fit(x, x[:, :3], verbose=0)
    assert by_fit.built


@pytest.mark.parametrize("shape", [5, (3,), "64", (None, 0), (None, -3), (None, 2.5), (None, None)])
def test_build_wants_a_shape(shape: object) -> None:
    with pytest.raises(ValueError, match="expected an input_shape such as"):
        gpunet.Sequential([layers.Dense(3)]).build(shape)  # type: ignore[arg-type]


def test_add_and_pop(x: np.ndarray) -> None:
    model = gpunet.Sequential()
    model.add(layers.Input(shape=(4,)))
    model.add(layers.Dense(5, activation="relu"))
    kernel = model.get_weights()[0]
    model.add(layers.Dense(2))
    assert [layer.name for layer in model.layers] == ["dense", "dense_1"]
    np.testing.assert_array_equal(model.get_weights()[0], kernel)
    assert model.pop().name == "dense_1"
    assert model.output_shape == (None, 5)
    assert model.predict(x, verbose=0).shape == (40, 5)
    model.pop()
    with pytest.raises(ValueError, match="no layers"):
        model.pop()


def test_add_refuses_and_keeps_what_was() -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(3, name="one")])
    with pytest.raises(TypeError, match="expected a layer, got 'dense'"):
        model.add("dense")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match='a layer "one" already'):
        model.add(layers.Dense(3, name="one"))
    with pytest.raises(ValueError, match="can only be the first"):
        model.add(layers.Input(shape=(3,)))
    assert [layer.name for layer in model.layers] == ["one"]


def test_a_layer_that_does_not_fit_is_not_added(x: np.ndarray, y: np.ndarray, make: Make) -> None:
    model = make()
    model.fit(x, y, verbose=0)
    before = model.predict(x, verbose=0)
    wide = layers.Dense(2)
    wide.build((None, 7))
    with pytest.raises(ValueError, match=r"built for inputs of shape \(None, 7\), got \(None, 3\)"):
        model.add(wide)
    with pytest.raises(ValueError, match='a layer "dense_1" already'):
        model.add(gpunet.Sequential([layers.Dense(2), layers.Dense(2, name="dense_1")]))
    assert len(model.layers) == 3
    assert model.built
    assert model.output_shape == (None, 3)
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
    model.fit(x, y, verbose=0)


def test_a_model_can_be_emptied_and_filled_anew(x: np.ndarray) -> None:
    model = gpunet.Sequential([layers.Dense(3, input_shape=(4,))])
    model.pop()
    assert not model.built
    model.add(layers.Dense(2))
    assert not model.built  # the shape went with the layer that told it
    assert model.predict(x[:, :2], verbose=0).shape == (40, 2)


def test_a_sequential_in_a_sequential(x: np.ndarray) -> None:
    inner = gpunet.Sequential([layers.Dense(5, activation="relu"), layers.Dense(4)])
    model = gpunet.Sequential([layers.Input(shape=(4,)), inner, layers.Dense(2)])
    assert len(model.layers) == 3
    assert model.predict(x, verbose=0).shape == (40, 2)


def test_a_layer_of_a_built_model_keeps_its_name() -> None:
    first = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(4), layers.Dense(4)])
    second = gpunet.Sequential([layers.Dense(4), first.layers[0], layers.Dense(4)])
    assert [layer.name for layer in first.layers] == ["dense", "dense_1"]
    assert [layer.name for layer in second.layers] == ["dense_1", "dense", "dense_2"]
    second.build((None, 4))
    with pytest.raises(
        ValueError, match=r'a layer "dense_1" already; .* set another one with layer\.name = …'
    ):
        second.add(first.layers[1])
    first.layers[1].name = "other"
    second.add(first.layers[1])
    assert [weight.path for weight in second.weights[-2:]] == ["other/kernel", "other/bias"]


def test_layers_that_two_unbuilt_models_share_are_told_apart_in_both() -> None:
    first = gpunet.Sequential([layers.Dense(4), layers.Dense(4)])
    second = gpunet.Sequential([layers.Dense(4), first.layers[0]])
    for model in (first, second):
        model.build((None, 4))
        assert len({weight.path for weight in model.weights}) == 4


def test_get_layer() -> None:
    model = gpunet.Sequential([layers.Dense(3, name="first"), layers.Dense(2, name="second")])
    assert model.get_layer("second") is model.get_layer(index=1)
    with pytest.raises(ValueError, match=r'No layer "third"\. Layers: first, second'):
        model.get_layer("third")
    with pytest.raises(ValueError, match="No layer 7: the model has 2"):
        model.get_layer(index=7)


def test_summary(capsys: pytest.CaptureFixture[str]) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(3), layers.Dense(2)], name="two")
    model.layers[0].trainable = False
    model.summary()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == 'Model "two"'
    assert lines[2].split("  ")[0] == "Layer (type)"
    assert lines[4].split() == ["dense", "(Dense)", "(None,", "3)", "15", "60", "B"]
    assert lines[5].split() == ["dense_1", "(Dense)", "(None,", "2)", "8", "32", "B"]
    assert lines[-1] == "Parameters: 23 (92 B), trainable: 8, frozen: 15"
    printed: list[str] = []
    model.summary(print_fn=printed.append)
    assert printed[0].splitlines() == lines
    gpunet.Sequential([layers.Dense(3)]).summary()
    assert capsys.readouterr().out.splitlines()[-1] == "Not built yet: the input shape is unknown."


def test_weights_are_copies(make: Make, x: np.ndarray) -> None:
    model = make()
    weights = model.get_weights()
    before = model.predict(x, verbose=0)
    for weight in weights:
        weight[...] = 0
    np.testing.assert_array_equal(model.predict(x, verbose=0), before)
    model.set_weights(weights)
    after = model.predict(x, verbose=0)
    np.testing.assert_allclose(after, 1 / 3)
    after[...] = 5
    np.testing.assert_allclose(model.predict(x, verbose=0), 1 / 3)


def test_set_weights_refuses_and_keeps_what_was(make: Make) -> None:
    model = make()
    weights = model.get_weights()
    with pytest.raises(ValueError, match="expected 4 arrays, got 1"):
        model.set_weights(weights[:1])
    with pytest.raises(ValueError, match=r"dense_1/bias: expected shape \(3,\), got \(4,\)"):
        model.set_weights([np.zeros_like(w) for w in weights[:3]] + [np.zeros(4)])
    for text in (["a", "b", "c"], [None, 1, 2]):
        with pytest.raises(ValueError, match="dense_1/bias: expected real numbers, got dtype"):
            model.set_weights([w + 1 for w in weights[:3]] + [text])
    with pytest.raises(ValueError, match="dense/bias: expected real numbers"):
        model.layers[0].set_weights([weights[0] + 1, ["a"] * 8])
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("parameters", {"dense_1/bias": ["a", "b", "c"]}, "dense_1/bias: expected real numbers"),
        ("parameters", {"dense_1/bias": [0.0]}, r"dense_1/bias: expected shape \(3,\), got \(1,\)"),
        (
            "random",
            {"shuffle": {"bit_generator": "MT19937"}},
            "Expected a random state as get_state returns it",
        ),
        ("random", {"dropout_seed": None}, "Expected a dropout_seed from 0"),
        ("random", {"dropout_seed": -1}, "Expected a dropout_seed from 0"),
        ("optimizer", {"iterations": -1}, "expected a number of iterations"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    make: Make, x: np.ndarray, y: np.ndarray, part: str, value: dict[str, Any], message: str
) -> None:
    model, other = make(dropout=0.5), make(dropout=0.5)
    for one in (model, other):
        one.fit(x, y, verbose=0)
    before, state = model.get_state(), other.get_state()
    with pytest.raises(ValueError, match=message):
        model.set_state({**state, part: {**state[part], **value}})
    np.testing.assert_equal(model.get_state(), before)
    del state["random"]["dropout_seed"]
    with pytest.raises(ValueError, match=r"Expected a random state .*KeyError: 'dropout_seed'"):
        model.set_state(state)
    np.testing.assert_equal(model.get_state(), before)


def test_the_configuration_makes_an_equal_model(make: Make) -> None:
    config = json.loads(json.dumps(make().get_config()))
    again = gpunet.Sequential.from_config(config)
    assert again.built
    assert again.get_config() == config
    unbuilt = make(built=False).get_config()
    assert not gpunet.Sequential.from_config(unbuilt).built


def test_frozen_layers_do_not_learn(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    model = make(optimizer=gpunet.optimizers.SGD(0.5, momentum=0.9))
    model.layers[0].trainable = False
    frozen, *_, free = model.get_weights()
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], frozen)
    assert (model.get_weights()[-1] != free).any()
    model.layers[0].trainable = True  # without compiling again
    model.fit(x, y, verbose=0)
    assert (model.get_weights()[0] != frozen).any()


def test_one_layer_in_two_models(x: np.ndarray) -> None:
    shared = layers.Dense(5, activation="relu")
    first = gpunet.Sequential([layers.Input(shape=(4,)), shared, layers.Dense(1)])
    second = gpunet.Sequential([layers.Input(shape=(4,)), shared, layers.Dense(2)])
    first.compile("sgd", "mse")
    first.fit(x, x[:, 0], verbose=0)
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])
    assert second.predict(x, verbose=0).shape == (40, 2)
    first.fit(x, x[:, 0], verbose=0)
    np.testing.assert_array_equal(first.get_weights()[0], second.get_weights()[0])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_copy_continues_on_its_own(
    make: Make, x: np.ndarray, y: np.ndarray, duplicate: Callable[[gpunet.Sequential], gpunet.Sequential]
) -> None:
    model = make(dropout=0.5)
    model.fit(x, y, verbose=0)
    other = duplicate(model)
    for one, same in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)
    losses = [m.fit(x, y, epochs=2, verbose=0).history["loss"] for m in (model, other)]
    assert losses[0] == losses[1]
    before = other.get_weights()
    model.fit(x, y, verbose=0)
    np.testing.assert_array_equal(other.get_weights()[0], before[0])


def test_a_model_moves_between_backends(make: Make, x: np.ndarray, y: np.ndarray, backend: Backend) -> None:
    model = make()
    model.fit(x, y, verbose=0)
    before = model.predict(x, verbose=0)
    model.use_backend("numpy")
    assert model.backend.name == "numpy"
    np.testing.assert_allclose(model.predict(x, verbose=0), before, rtol=1e-5)
    model.fit(x, y, verbose=0)


def test_a_backend_of_its_own() -> None:
    assert gpunet.Sequential([layers.Dense(1)], backend="numpy").backend.name == "numpy"
    with pytest.raises(ValueError, match=r'Unknown backend "nunpy"\. Did you mean "numpy"'):
        gpunet.Sequential(backend="nunpy")


def test_models_that_are_built_may_be_put_together(tmp_path: Path) -> None:
    """An autoencoder, as Keras' users write it; each of the models can be saved and loaded then."""
    encoder = gpunet.Sequential(
        [layers.Input(shape=(6,)), layers.Dense(4, activation="relu"), layers.Dense(2)]
    )
    decoder = gpunet.Sequential(
        [layers.Input(shape=(2,)), layers.Dense(4, activation="relu"), layers.Dense(6)]
    )
    autoencoder = gpunet.Sequential([encoder, decoder])
    assert [layer.name for layer in autoencoder.layers] == ["dense", "dense_1", "dense_2", "dense_3"]
    x = np.random.default_rng(0).standard_normal((5, 6))
    for index, (model, given) in enumerate(((encoder, x), (decoder, x[:, :2]), (autoencoder, x))):
        model.save(tmp_path / f"{index}.safetensors")
        loaded = gpunet.models.load_model(tmp_path / f"{index}.safetensors")
        np.testing.assert_array_equal(loaded.predict(given, verbose=0), model.predict(given, verbose=0))
    expected = decoder.predict(encoder.predict(x, verbose=0), verbose=0)
    np.testing.assert_allclose(autoencoder.predict(x, verbose=0), expected, rtol=1e-5)


def test_names_stay_where_models_can_t_be_put_together() -> None:
    first = gpunet.Sequential([layers.Input(shape=(6,)), layers.Dense(4)])
    second = gpunet.Sequential([layers.Input(shape=(3,)), layers.Dense(2)])  # takes 3 features, not 4
    for put_together in (lambda: gpunet.Sequential([first, second]), lambda: first.add(second)):
        with pytest.raises(ValueError, match="built for inputs of shape"):
            put_together()
        assert [model.layers[0].name for model in (first, second)] == ["dense", "dense"]


def test_models_from_files_may_be_put_together(tmp_path: Path) -> None:
    loaded = []
    for index, shape in enumerate(((6,), (4,))):
        model = gpunet.Sequential([layers.Input(shape=shape), layers.Dense(4)])
        model.save(tmp_path / f"{index}.safetensors")
        loaded.append(gpunet.models.load_model(tmp_path / f"{index}.safetensors"))
    assert [layer.name for layer in gpunet.Sequential(loaded).layers] == ["dense", "dense_1"]


def test_a_name_that_was_set_is_kept() -> None:
    mine = layers.Dense(3)
    mine.name = "enc"
    other = layers.Dense(3, name="enc")
    with pytest.raises(ValueError, match='there is a layer "enc" already'):
        gpunet.Sequential([mine, other])
