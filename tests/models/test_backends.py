"""Models on every backend take the course they take on NumPy, and move from one to another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend, get_backend
from gpunet.models import load_model

Make = Callable[..., gpunet.Sequential]


def everything(backend: Backend, x: np.ndarray, y: np.ndarray) -> tuple[dict[str, list[float]], list[Any]]:
    """Return the history and the results of a model that uses all that fit offers."""
    gpunet.set_random_seed(1)
    model = gpunet.Sequential(
        [
            layers.Dense(8, "relu", kernel_regularizer="l2"),
            layers.Dropout(0.25),
            layers.Dense(5, "gelu"),
            layers.LeakyReLU(),
            layers.Dense(3),
            layers.Softmax(),
        ],
        backend=backend,
    )
    model.compile(
        gpunet.optimizers.Adam(
            gpunet.optimizers.schedules.CosineDecay(0.02, 20),
            global_clipnorm=1.0,
            weight_decay=0.01,
            use_ema=True,
        ),
        "sparse_categorical_crossentropy",
        metrics=["accuracy", gpunet.metrics.SparseTopKCategoricalAccuracy(2)],
        weighted_metrics=["accuracy"],
    )
    weight = np.linspace(0.5, 1.5, len(x))
    options: dict[str, Any] = {"epochs": 2, "batch_size": 16, "verbose": 0}
    history = model.fit(
        x, y, sample_weight=weight, class_weight={1: 2.0}, validation_split=0.25, **options
    ).history  # fmt: skip
    stream = [(x[:9], y[:9], weight[:9]), (x[9:], y[9:], weight[9:])]
    history["streamed"] = model.fit(stream, validation_data=stream, epochs=2, verbose=0).history["val_loss"]
    model.layers[0].trainable = False
    history["frozen"] = model.fit(x, y, **options).history["loss"]
    history["one batch"] = [*model.train_on_batch(x, y), *model.evaluate(x, y, verbose=0)]
    return history, [*model.get_weights(), model.predict(x, verbose=0)]


def test_all_of_it_equals_numpy(backend: Backend, x: np.ndarray, y: np.ndarray) -> None:
    history, arrays = everything(backend, x, y)
    expected, same = everything(get_backend("numpy"), x, y)
    assert set(history) == set(expected)
    for name, values in expected.items():
        assert history[name] == pytest.approx(values, rel=1e-5), name
        assert all(type(value) is float for value in history[name])
    for one, other in zip(arrays, same, strict=True):
        assert type(one) is np.ndarray
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_training_goes_on_elsewhere(
    make: Make, x: np.ndarray, y: np.ndarray, stand_in: Any, tmp_path: Path
) -> None:
    """Two epochs here, two there, two here again: slots, metrics, shuffle and dropout go along."""
    gpunet.set_random_seed(2)
    moving = make(dropout=0.3, optimizer=gpunet.optimizers.Adam(use_ema=True))
    staying = copy.deepcopy(moving)
    for name in ("numpy", "cupy", "numpy"):
        moving.use_backend(name)
        assert moving.backend.name == name
        one, other = (m.fit(x, y, epochs=2, verbose=0).history for m in (moving, staying))
        assert moving.weights[0].backend is moving.backend
        for key, values in other.items():
            assert one[key] == pytest.approx(values, rel=1e-5), key
    for mine, its in zip(moving.get_weights(), staying.get_weights(), strict=True):
        np.testing.assert_allclose(mine, its, rtol=1e-5, atol=1e-6)
    moving.use_backend("cupy")
    moving.save(tmp_path / "model.safetensors")
    loaded = load_model(tmp_path / "model.safetensors")
    assert loaded.backend.name == "numpy"  # that of the process
    np.testing.assert_array_equal(loaded.get_weights()[0], moving.get_weights()[0])


def test_a_backend_of_its_own_beside_the_default(
    make: Make, x: np.ndarray, y: np.ndarray, stand_in: Any
) -> None:
    there = gpunet.Sequential([layers.Dense(3, "softmax")], backend="cupy")
    there.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    there.fit(x, y, verbose=0)
    assert there.backend.name == "cupy"
    assert there.weights[0].backend is there.backend
    here = make()
    here.fit(x, y, verbose=0)
    assert here.backend.name == "numpy"
    assert isinstance(there.predict(stand_in.asarray(x), verbose=0), np.ndarray)


def test_arrays_on_the_device_that_leave_no_room_are_read_batch_by_batch(
    x: np.ndarray, y: np.ndarray, stand_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    histories = []
    for fits in (True, False):
        monkeypatch.setattr("gpunet.backend.CupyBackend.fits", lambda self, size, fits=fits: fits)
        gpunet.set_random_seed(0)
        model = gpunet.Sequential([layers.Dense(3, "softmax")], backend="cupy")
        model.compile("sgd", "sparse_categorical_crossentropy")
        device_x, device_y = stand_in.asarray(x), stand_in.asarray(y)
        histories.append(model.fit(device_x, device_y, batch_size=8, epochs=2, verbose=0).history)
    assert histories[0] == histories[1]
