"""What people bring as data: every form trains as the plain arrays do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

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


def test_rows_that_are_tuples_of_numpy_numbers() -> None:
    """What ``zip`` makes of columns is an array and no list of batches."""
    assert fit(list(zip(*X.T, strict=True)), list(Y)) == fit(X, Y)


def test_arrays_of_another_backend_are_fetched(stand_in: Any) -> None:
    x, y = stand_in.asarray(X), stand_in.asarray(Y)
    weight = stand_in.asarray(WEIGHT)
    assert fit(x, y, sample_weight=weight) == fit(X, Y, sample_weight=WEIGHT)
    assert fit([(x, y)]) == fit([(X, Y)])
    assert fit(x, y, class_weight={0: 2.0}) == fit(X, Y, class_weight={0: 2.0})


def test_data_is_not_changed_and_not_kept(backend: Backend) -> None:
    """Predictions and weights are no views of what was given, nor is what was given overwritten."""
    x, y = X.copy(), Y.copy()
    model = gpunet.Sequential([layers.Flatten()])  # computes nothing
    predictions = model.predict(x, verbose=0)
    np.testing.assert_array_equal(predictions, x)
    predictions[...] = 0
    fit(x, y, sample_weight=WEIGHT, shuffle=True)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(y, Y)


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


def parts_of(x: np.ndarray, y: np.ndarray) -> dict[str, Any]:
    """The same three batches in every form that is read on from epoch to epoch."""
    return {
        "arrays": (X, Y),
        "memory map": (x, y),
        "iterable": (Batches(X, Y),),
        "list": (list(Batches(X, Y)),),
        "sequence": (Numbered(),),
    }


@pytest.mark.parametrize("form", ["arrays", "memory map", "iterable", "list", "sequence"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_an_epoch_goes_on_where_the_last_one_stopped(
    mapped: tuple[np.ndarray, np.ndarray], form: str, steps: int
) -> None:
    """Three batches; with two steps the second epoch has one, and the third starts anew, as in Keras."""

    class Steps(gpunet.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            seen.append(batch)

    seen: list[int] = []
    losses = fit(*parts_of(*mapped)[form], steps_per_epoch=steps, epochs=4, callbacks=[Steps()])
    assert seen == {1: [0] * 4, 2: [0, 1, 0, 0, 1, 0], 3: [0, 1, 2] * 4}[steps]
    whole = fit(X, Y, epochs=4)
    if steps == 3:
        assert losses == whole
    else:  # the first pass over the data: the losses of its batches make up that of a whole epoch
        rows = [16, 16, 8] if steps == 1 else [32, 8]
        assert np.average(losses[: len(rows)], weights=rows) == pytest.approx(whole[0], rel=1e-12)


@pytest.mark.parametrize("mapped_too", [False, True])
def test_a_pass_over_shuffled_data_sees_each_row_once(
    mapped: tuple[np.ndarray, np.ndarray], mapped_too: bool
) -> None:
    """A learning rate of 0 makes the loss of a pass the same whatever the order, and no other set of rows would."""
    x, y = mapped if mapped_too else (X, Y)
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Dense(3, "softmax")])
    model.compile(gpunet.optimizers.SGD(0.0), "sparse_categorical_crossentropy")
    losses = model.fit(x, y, batch_size=16, steps_per_epoch=1, epochs=6, verbose=0).history["loss"]
    whole = model.evaluate(X, Y, verbose=0)
    for first in (0, 3):
        assert np.average(losses[first : first + 3], weights=[16, 16, 8]) == pytest.approx(whole, rel=1e-6)
    assert losses[0] != losses[3]


def test_an_iterator_that_ends_too_soon() -> None:
    with pytest.raises(ValueError, match="the iterable ran out of batches"):
        fit(iter(list(Batches(X, Y))), steps_per_epoch=3, epochs=2)


def test_a_validation_that_ends_too_soon_is_named() -> None:
    validation = {"validation_data": iter(list(Batches(X, Y))), "validation_steps": 3}
    with pytest.raises(ValueError, match=r"^validation_data: the iterable ran out of batches"):
        fit(X, Y, epochs=2, **validation)


def test_class_weights_of_a_stream() -> None:
    weights = {0: 2.0, 2: 0.25}
    assert fit(Batches(X, Y), class_weight=weights) == fit(X, Y, class_weight=weights)


@pytest.mark.parametrize("form", [Batches, lambda *parts: list(Batches(*parts)), lambda *_: Numbered()])
def test_every_form_of_batches_validates(form: Callable[..., Any]) -> None:
    model = gpunet.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, validation_data=form(X, Y), epochs=2, verbose=0).history
    loss, accuracy = model.evaluate(X, Y, verbose=0)
    assert history["val_loss"][-1] == pytest.approx(loss, rel=1e-6)
    assert history["val_accuracy"][-1] == pytest.approx(accuracy)


def test_a_list_of_two_or_three_batches_validates() -> None:
    """It isn't mistaken for (x, y) or (x, y, sample_weight)."""
    model = gpunet.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    for count in (1, 2, 3, 4):
        history = model.fit(X, Y, validation_data=[(X, Y)] * count, verbose=0).history
        assert history["val_loss"][-1] == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-6)
    history = model.fit(X, Y, validation_data=[X, Y], verbose=0).history
    assert history["val_loss"][-1] == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-6)


def test_batches_of_growing_sizes() -> None:
    """Buffers grow with the batches, within an epoch, in training and in validation."""
    parts = np.split(np.arange(40), [1, 4, 11])
    batches = [(X[rows], Y[rows]) for rows in parts]
    losses = fit(batches, validation_data=(X, Y))
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Dense(8, "tanh"), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    by_hand = [len(x) * model.train_on_batch(x, y) for x, y in batches]
    assert losses[0] == pytest.approx(sum(by_hand) / 40, rel=1e-6)
    assert model.evaluate(batches[::-1], verbose=0) == pytest.approx(
        model.evaluate(X, Y, verbose=0), rel=1e-6
    )


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
    """A memory map that remembers the sizes of the parts that were taken of it."""

    sizes: ClassVar[list[int]] = []

    def __array_finalize__(self, other: Any) -> None:
        super().__array_finalize__(other)

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        Watched.sizes.append(np.size(part))
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
    model = gpunet.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")

    def sizes(method: str, *arguments: Any, **options: Any) -> list[int]:
        Watched.sizes.clear()
        getattr(model, method)(*arguments, verbose=0, **options)
        return [size // 4 for size in Watched.sizes]

    assert sizes("fit", *mapped, batch_size=16) == [16, 16, 8]
    assert sizes("evaluate", *mapped, batch_size=30) == [30, 10]
    assert sizes("predict", mapped[0], batch_size=25) == [25, 15]
    border, *read = sizes("fit", *mapped, batch_size=16, validation_split=0.25, validation_batch_size=5)
    assert border == 30  # a view, as the one beside it: nothing is read
    assert read == [10, 16, 14, 5, 5]


def test_a_memory_map_is_checked_batch_by_batch(mapped: tuple[np.ndarray, np.ndarray]) -> None:
    mapped[0][20, 2] = np.nan
    with pytest.raises(ValueError, match="x: NaN or infinity at row 20, column 2"):
        fit(*mapped)
    with pytest.raises(ValueError, match="x: NaN or infinity at row 20, column 2"):
        fit(*mapped, shuffle=True)


def test_images_of_bytes_stay_bytes_until_they_are_gathered(backend: Backend) -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 2, 2), dtype=np.uint8)
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Flatten(), layers.Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(images, Y, verbose=0)
    np.testing.assert_allclose(
        model.predict(images, verbose=0), model.predict(images.astype(np.float32), verbose=0)
    )
