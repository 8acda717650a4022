"""What people bring as data: every form trains as the plain arrays do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend

X = np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)
Y = X[:, :3].argmax(axis=1)
WEIGHT = np.linspace(0.5, 1.5, 40)


def fit(x: Any, y: Any = None, **options: Any) -> list[float]:
    """Return the losses of two epochs in order, from weights that are always the same."""
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Dense(8, "tanh"), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    options = {"epochs": 2, "batch_size": 16, "shuffle": False, "verbose": 0, **options}
    return list(model.fit(x, y, **options).history["loss"])


class Frame:
    """As a pandas frame: a table that knows how to become an array."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape = array, array.shape

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.array if dtype is None else self.array.astype(dtype)

    def __iter__(self) -> Iterator[str]:
        return iter(["a", "b", "c", "d"])  # a frame yields its columns' names


class Tensor:
    """As another framework's tensor: DLPack and nothing else."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.array.__dlpack_device__()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.astype(np.float64),
        lambda a: np.asfortranarray(a),
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a.tolist(),
        lambda a: list(a),
        lambda a: tuple(a),
        Frame,
        Tensor,
        lambda a: a.astype(object),
    ],
    ids=[
        "float64",
        "Fortran",
        "strided",
        "list",
        "list of rows",
        "tuple of rows",
        "frame",
        "DLPack",
        "objects",
    ],
)
def test_forms_of_arrays(change: Callable[[np.ndarray], Any]) -> None:
    assert fit(change(X), change(Y)) == fit(X, Y)


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.uint8, np.uint64, np.float32, bool])
def test_numbers_of_any_type(dtype: Any) -> None:
    x = (abs(X) > 0.5).astype(dtype)
    assert fit(x, Y.astype(np.int8 if dtype is bool else dtype)) == fit(x.astype(np.float32), Y)


def test_a_column_of_labels_is_a_list_of_labels() -> None:
    assert fit(X, Y[:, None]) == fit(X, Y)


def test_arrays_of_the_backend(backend: Backend) -> None:
    x, y = backend.xp.asarray(X), backend.xp.asarray(Y)
    assert fit(x, y) == fit(X, Y)
    assert fit(x, y, sample_weight=backend.xp.asarray(WEIGHT)) == fit(X, Y, sample_weight=WEIGHT)


class Batches:
    """An iterable that can be started anew."""

    def __init__(self, *parts: np.ndarray) -> None:
        self.parts, self.started = parts, 0

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        self.started += 1
        for start in range(0, 40, 16):
            yield tuple(part[start : start + 16] for part in self.parts)


class Numbered:
    """A sequence in Keras' sense: a length and an item for each number."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        return X[16 * index : 16 * index + 16], Y[16 * index : 16 * index + 16]


def test_iterables_of_batches() -> None:
    expected, weighted = fit(X, Y), fit(X, Y, sample_weight=WEIGHT)
    batches = Batches(X, Y)
    assert fit(batches) == expected
    assert batches.started == 2  # once an epoch, the look at the first batch included
    assert fit(list(Batches(X, Y))) == expected
    assert fit(Numbered()) == expected
    assert fit(Batches(X, Y, WEIGHT)) == weighted


def test_a_generator_goes_on_across_epochs() -> None:
    def forever() -> Iterator[tuple[np.ndarray, ...]]:
        while True:
            yield from Batches(X, Y)

    assert fit(forever(), steps_per_epoch=3) == fit(X, Y)


def test_validation_and_prediction_from_iterables() -> None:
    model = gpunet.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, validation_data=Batches(X, Y), epochs=2, verbose=0).history
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X, Y, verbose=0)[0], rel=1e-6)
    assert model.evaluate(Batches(X, Y), verbose=0) == pytest.approx(
        model.evaluate(X, Y, verbose=0), rel=1e-6
    )
    np.testing.assert_allclose(model.predict(Batches(X), verbose=0), model.predict(X, verbose=0), rtol=1e-6)


class Watched(np.memmap):
    """A memory map that remembers the largest part that was read as an array of its own."""

    largest = 0

    def __array_finalize__(self, other: Any) -> None:
        super().__array_finalize__(other)

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        Watched.largest = max(Watched.largest, np.size(part))
        return part


@pytest.fixture
def mapped(tmp_path: Path) -> tuple[np.ndarray, np.ndarray]:
    x = Watched(tmp_path / "x", np.float32, "w+", shape=X.shape)
    y = np.memmap(tmp_path / "y", np.int64, "w+", shape=Y.shape)
    x[:], y[:] = X, Y
    return x, y


@pytest.mark.parametrize("shuffle", [False, True])
def test_memory_maps_train_as_arrays_do(mapped: tuple[np.ndarray, np.ndarray], shuffle: bool) -> None:
    assert fit(*mapped, shuffle=shuffle) == fit(X, Y, shuffle=shuffle)


def test_memory_maps_are_read_batch_by_batch(mapped: tuple[np.ndarray, np.ndarray]) -> None:
    Watched.largest = 0
    fit(*mapped, shuffle=True)
    assert Watched.largest == 16 * 4
    model = gpunet.Sequential([layers.Dense(3)])
    Watched.largest = 0
    assert model.predict(mapped[0], batch_size=8, verbose=0).shape == (40, 3)
    assert Watched.largest == 8 * 4


def test_a_memory_map_is_checked_batch_by_batch(mapped: tuple[np.ndarray, np.ndarray]) -> None:
    mapped[0][20, 2] = np.nan
    with pytest.raises(ValueError, match="x: NaN or infinity at row 4, column 2"):
        fit(*mapped)


def test_images_of_bytes_stay_bytes_until_they_are_gathered(backend: Backend) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 2, 2), dtype=np.uint8)
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Flatten(), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(images, Y, verbose=0)
    np.testing.assert_allclose(
        model.predict(images, verbose=0), model.predict(images.astype(np.float32), verbose=0)
    )
