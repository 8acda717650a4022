"""Models as files: what comes back, and what is refused."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import gpunet
from gpunet import layers
from gpunet.backend import Backend
from gpunet.models import load_model, saving

Make = Callable[..., gpunet.Sequential]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def test_what_was_saved_comes_back(make: Make, x: np.ndarray, y: np.ndarray, path: Path) -> None:
    model = make(dropout=0.3)
    model.fit(x, y, epochs=2, verbose=0)
    model.save(path)
    again = load_model(path)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.evaluate(x, y, verbose=0) == model.evaluate(x, y, verbose=0)
    assert again.metrics_names == ["loss", "accuracy"]
    assert again.get_config() == model.get_config()
    assert again.optimizer is not None
    assert again.optimizer.iterations == 4
    assert [path.name for path in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "optimizer",
    [
        gpunet.optimizers.SGD(0.1, momentum=0.9, nesterov=True),
        gpunet.optimizers.Adam(0.01, amsgrad=True, clipnorm=0.5),
        gpunet.optimizers.AdamW(gpunet.optimizers.schedules.CosineDecay(0.01, 20), weight_decay=0.1),
        gpunet.optimizers.Nadam(),
        gpunet.optimizers.RMSprop(momentum=0.5, centered=True),
        gpunet.optimizers.Adagrad(0.1),
        gpunet.optimizers.Adadelta(),
        gpunet.optimizers.Adamax(use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3),
    ],
    ids=lambda optimizer: optimizer.name,
)
def test_a_loaded_model_continues_bit_for_bit(
    make: Make, x: np.ndarray, y: np.ndarray, path: Path, optimizer: gpunet.optimizers.Optimizer
) -> None:
    """Four epochs are two, a file, and two more: weights, slots, steps, shuffles and dropout go on."""
    config = gpunet.optimizers.serialize(optimizer)

    def fresh() -> gpunet.Sequential:
        gpunet.set_random_seed(5)
        return make(optimizer=gpunet.optimizers.deserialize(config), dropout=0.4)

    straight = fresh()
    history = straight.fit(x, y, epochs=4, batch_size=16, verbose=0).history
    first = fresh()
    first.fit(x, y, epochs=2, batch_size=16, verbose=0)
    first.save(path)
    second = load_model(path)
    rest = second.fit(x, y, epochs=4, initial_epoch=2, batch_size=16, verbose=0).history
    for name, values in rest.items():
        assert values == history[name][-2:]
    for one, other in zip(straight.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_two_files_of_one_model_are_equal(make: Make, x: np.ndarray, y: np.ndarray, path: Path) -> None:
    model = make(dropout=0.5)
    model.fit(x, y, verbose=0)
    model.save(path)
    first = path.read_bytes()
    model.save(path)
    assert path.read_bytes() == first
    load_model(path).save(path)
    assert path.read_bytes() == first


def test_a_model_keeps_its_float_type(make: Make, x: np.ndarray, y: np.ndarray, path: Path) -> None:
    """One in float64 doesn't lose its digits where float32 is the default, and the default stays what it was."""
    gpunet.config.set_floatx("float64")
    model = make()
    model.fit(x, y, verbose=0)
    model.save(path)
    gpunet.config.set_floatx("float32")
    again = load_model(path)
    assert gpunet.config.floatx() == "float32"
    assert again.weights[0].dtype == np.float64
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    losses = [m.fit(x, y, verbose=0).history["loss"] for m in (model, again)]
    assert losses[0] == losses[1]


def test_a_file_is_read_on_another_backend(
    make: Make, x: np.ndarray, y: np.ndarray, path: Path, backend: Backend
) -> None:
    model = make(dropout=0.2)
    model.fit(x, y, verbose=0)
    model.save(path)
    again = load_model(path, backend="numpy")
    assert model.backend is backend
    assert again.backend.name == "numpy"
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)
    one, other = (m.fit(x, y, epochs=2, verbose=0).history["loss"] for m in (model, again))
    assert one == pytest.approx(other, rel=1e-5)


def test_it_is_a_safetensors_file_that_others_can_read(make: Make, path: Path) -> None:
    model = make()
    model.save(path)
    tensors = load_file(path)
    np.testing.assert_array_equal(tensors["parameters/dense/kernel"], model.get_weights()[0])


def test_configurations_survive(path: Path) -> None:
    model = gpunet.Sequential(
        [
            layers.Input(shape=(2, 3)),
            layers.Flatten(),
            layers.Dense(
                4, gpunet.activations.leaky_relu.with_options({"negative_slope": 0.05}), use_bias=False,
                kernel_initializer=gpunet.initializers.VarianceScaling(2.0, seed=3),
                kernel_regularizer=gpunet.regularizers.L1L2(0.1, 0.2),
            ),
            layers.LeakyReLU(0.25, name="leak"),
            layers.Dropout(0.5, seed=7),
            layers.Dense(1),
            layers.Activation("softplus"),
        ],
        name="several",
    )  # fmt: skip
    model.compile(
        gpunet.optimizers.SGD(gpunet.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5), momentum=0.5),
        gpunet.losses.Huber(delta=2.0),
        metrics=["mae", gpunet.metrics.RootMeanSquaredError(name="rms")],
        weighted_metrics=[gpunet.metrics.R2Score()],
    )
    model.save(path)
    again = load_model(path)
    assert json.dumps(again.get_config()) == json.dumps(model.get_config())
    assert gpunet.optimizers.serialize(again.optimizer) == gpunet.optimizers.serialize(model.optimizer)
    assert gpunet.losses.serialize(again.loss) == gpunet.losses.serialize(model.loss)
    random = np.random.default_rng(0)
    again.evaluate(random.standard_normal((5, 2, 3)), random.standard_normal(5), verbose=0)
    assert again.metrics_names == ["loss", "mae", "rms", "r2_score"]


class Scale(layers.Layer):
    """A layer of one's own."""

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((), "ones", name="scale")

    def forward(self, x: Any, training: bool = False) -> Any:
        return x * self.scale.value

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        self.scale.gradient[...] = (gradient * x).sum()
        return gradient * self.scale.value


def test_layers_of_ones_own_need_their_class(path: Path, x: np.ndarray) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), Scale(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x[:, 0], verbose=0)
    model.save(path)
    with pytest.raises(ValueError, match=r'Unknown layer "Scale".*custom_objects=\{"Scale": Scale\}'):
        load_model(path)
    again = load_model(path, custom_objects={"Scale": Scale})
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert again.weights[0].shape == ()


def test_without_compile_and_on_a_backend(make: Make, path: Path, x: np.ndarray) -> None:
    make().save(path)
    bare = load_model(path, compile=False, backend="numpy")
    assert bare.optimizer is None
    assert bare.backend.name == "numpy"
    assert bare.predict(x, verbose=0).shape == (40, 3)


def test_weights_alone(make: Make, path: Path, x: np.ndarray) -> None:
    model, other = make(), make()
    model.save_weights(path)
    with pytest.raises(ValueError, match="holds weights only"):
        load_model(path)
    other.load_weights(path)
    np.testing.assert_array_equal(model.predict(x, verbose=0), other.predict(x, verbose=0))
    wider = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(9), layers.Dense(3, name="dense_2")])
    before = wider.get_weights()
    with pytest.raises(ValueError, match="only one side has"):
        wider.load_weights(path)
    for one, same in zip(before, wider.get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)


def test_weights_that_do_not_fit_change_nothing(make: Make, path: Path) -> None:
    gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(8), layers.Dense(3)]).save_weights(path)
    narrow = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(8), layers.Dense(2)])
    before = narrow.get_weights()
    with pytest.raises(ValueError, match=r"dense_1/kernel: expected shape \(8, 2\), got \(8, 3\)"):
        narrow.load_weights(path)
    for one, same in zip(before, narrow.get_weights(), strict=True):
        np.testing.assert_array_equal(one, same)
    with pytest.raises(ValueError, match="load_weights: the model has no parameters yet"):
        make(built=False).load_weights(path)


def test_a_file_written_within_a_training_continues_from_there(
    make: Make, x: np.ndarray, y: np.ndarray, path: Path
) -> None:
    """Two further epochs of the file equal the last two of the training, whatever seed is set in between."""
    gpunet.set_random_seed(6)
    model = make(dropout=0.4, optimizer=gpunet.optimizers.SGD(0.1, momentum=0.9, use_ema=True))
    save = gpunet.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: epoch == 1 and model.save(path))
    history = model.fit(x, y, batch_size=16, epochs=4, verbose=0, callbacks=[save]).history
    gpunet.set_random_seed(99)
    again = load_model(path)
    rest = again.fit(x, y, batch_size=16, epochs=4, initial_epoch=2, verbose=0).history
    assert rest == {name: values[2:] for name, values in history.items()}
    for one, other in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_layers_renamed_after_building_or_used_in_a_second_model(path: Path, x: np.ndarray) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(3), layers.Dense(2)])
    model.compile(gpunet.optimizers.SGD(0.1, momentum=0.9), "mse")
    model.fit(x, x[:, :2], verbose=0)
    model.layers[0].name = "first"
    gpunet.Sequential([layers.Dense(4), model.layers[1]])
    model.save(path)
    assert set(load_file(path)) >= {"parameters/first/kernel", "optimizer/momentum/first/bias"}
    again = load_model(path)
    assert [layer.name for layer in again.layers] == ["first", "dense_1"]
    assert again.fit(x, x[:, :2], verbose=0).history == model.fit(x, x[:, :2], verbose=0).history


def test_names_and_paths_of_any_letters(tmp_path: Path) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(2, name="schicht ä")], name="网络")
    model.save(tmp_path / "ein möd ell")
    assert load_model(str(tmp_path / "ein möd ell")).get_config() == model.get_config()


def test_an_optimizer_of_ones_own(make: Make, x: np.ndarray, y: np.ndarray, path: Path) -> None:
    class Plain(gpunet.optimizers.Optimizer):
        def update(
            self, xp: Any, value: Any, gradient: Any, slots: Any, scratch: Any, coefficients: Any
        ) -> None:  # fmt: skip
            value -= coefficients["learning_rate"] * gradient

    model = make(optimizer=Plain(0.1))
    model.fit(x, y, verbose=0)
    model.save(path)
    with pytest.raises(ValueError, match='Unknown optimizer "Plain"'):
        load_model(path)
    again = load_model(path, custom_objects={"Plain": Plain})
    assert again.fit(x, y, verbose=0).history == model.fit(x, y, verbose=0).history


# -- files that are none ---------------------------------------------------------------------------------------


def test_a_missing_file(path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"model\.safetensors: no such file"):
        load_model(path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"\x00" * 100, b"{}" * 50])
def test_a_foreign_file(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ValueError, match="not a safetensors file, or a damaged one"):
        load_model(path)


def test_a_foreign_safetensors_file(path: Path) -> None:
    save_file({"a": np.ones(3)}, path)
    with pytest.raises(ValueError, match="was not written by gpunet"):
        load_model(path)


def test_a_file_cut_off_or_changed_anywhere(make: Make, path: Path) -> None:
    make().save(path)
    content = path.read_bytes()
    for length in (5, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"model\.safetensors"):
            load_model(path)
    for position in range(0, len(content), 5):
        changed = bytearray(content)
        changed[position] ^= 0x11
        path.write_bytes(bytes(changed))
        with pytest.raises(ValueError, match=r"model\.safetensors"):
            load_model(path)


def test_a_newer_file(make: Make, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saving, "VERSION", 2)
    make().save(path)
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"file version 2, but this gpunet reads up to 1\. Upgrade gpunet"):
        load_model(path)


# -- writing ---------------------------------------------------------------------------------------------------


def test_a_failure_leaves_the_older_file(make: Make, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make().save(path)
    content = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="the disk is full"):
        make().save(path)
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


def test_where_nothing_can_be_written(make: Make, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        make().save(tmp_path / "missing" / "model.safetensors")
    with pytest.raises(OSError, match="expected a file to write to"):
        make().save(tmp_path)


def test_a_link_stays_a_link(make: Make, tmp_path: Path) -> None:
    target, link = tmp_path / "target.safetensors", tmp_path / "link.safetensors"
    make().save(target)
    link.symlink_to(target)
    make("mse").save(link)
    assert link.is_symlink()
    assert gpunet.losses.serialize(load_model(target).loss)["class_name"] == "MeanSquaredError"


def test_what_is_not_built_or_no_json(make: Make, path: Path) -> None:
    with pytest.raises(ValueError, match="no parameters yet"):
        make(built=False).save(path)
    with pytest.raises(TypeError, match="can't be written as JSON"):
        saving.save_model(make(), path, extra=object())
    assert not path.exists()


def test_what_is_kept_beside_the_model_comes_back_as_json_has_it(make: Make, path: Path) -> None:
    """Keys become text, whose order is another one: the checksum must be of what is read."""
    saving.save_model(make(), path, extra={10: np.float32(0.5), 9: (np.int64(1), np.bool_(True))})
    assert saving.read_extra(path) == {"10": 0.5, "9": [1, True]}
