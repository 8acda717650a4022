"""What the compiled backend records: whole steps without Python, and what needs Python between them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")
from device_activations import elementwise

import gpunet
from gpunet import layers
from gpunet.activations import Activation
from gpunet.backend import blas, compiled_backend
from gpunet.backend.compiled import kernel
from gpunet.backend.compiled.recording import Recording
from gpunet.backend.compiled_backend import CompiledBackend
from gpunet.optimizers import SGD, Adam, RMSprop


class Doubling(layers.Layer):
    """A layer in array functions that counts how often it is asked."""

    calls = 0

    def forward(self, x: Any, training: bool = False) -> Any:
        Doubling.calls += 1
        return x * 2

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        return gradient * 2


@pytest.fixture
def recordings(monkeypatch: pytest.MonkeyPatch) -> list[Recording]:
    """Those that are made."""
    made: list[Recording] = []

    def record(*arguments: Any) -> Recording:
        made.append(Recording(*arguments))
        return made[-1]

    monkeypatch.setattr(compiled_backend, "Recording", record)
    return made


def train(*hidden: layers.Layer, loss: str, outputs: int, optimizer: Any = "adam", **options: Any) -> Any:
    """Train two epochs of three and a half batches on the compiled backend; return the history."""
    generator = np.random.default_rng(1)
    x = generator.standard_normal((28, 5))
    y = generator.integers(0, max(outputs, 2), 28)
    last = layers.Dense(outputs, activation="softmax" if outputs > 1 else "sigmoid")
    model = gpunet.Sequential([*hidden, last], backend="compiled")
    model.compile(optimizer, loss, metrics=["accuracy"], **options)
    return model.fit(x, y, batch_size=8, epochs=2, verbose=0)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh", "sigmoid", "elu", "selu", "silu", None])
@pytest.mark.parametrize(
    ("loss", "outputs"), [("binary_crossentropy", 1), ("sparse_categorical_crossentropy", 3)]
)
def test_steps_of_the_usual_networks_run_without_python(
    activation: str | None, loss: str, outputs: int, recordings: list[Recording]
) -> None:
    dense = layers.Dense(7, activation=activation, kernel_regularizer="l2")
    train(dense, layers.Dropout(0.2), loss=loss, outputs=outputs)
    assert len(recordings) == 2  # of 8 rows, and of the 4 that are left
    assert all(recording.whole for recording in recordings)


@pytest.mark.parametrize("activation", [one for one in elementwise() if one.differentiable], ids=repr)
def test_so_do_those_with_every_elementwise_activation(
    activation: Activation, recordings: list[Recording]
) -> None:
    train(layers.Dense(7, activation=activation), loss="binary_crossentropy", outputs=1)
    assert all(recording.whole for recording in recordings)


@pytest.mark.parametrize(
    "optimizer",
    ["sgd", "adam", "adamw", "adagrad", "adadelta", "rmsprop", "nadam", "adamax", Adam(clipnorm=0.1)],
)
def test_so_do_those_of_every_optimizer(optimizer: Any, recordings: list[Recording]) -> None:
    train(layers.Dense(4), loss="mean_squared_error", outputs=1, optimizer=optimizer)
    assert all(recording.whole for recording in recordings)


def test_a_layer_of_ones_own_is_asked_at_every_step(recordings: list[Recording]) -> None:
    Doubling.calls = 0
    train(layers.Dense(4), Doubling(), loss="binary_crossentropy", outputs=1)
    assert Doubling.calls == 2 * 4
    assert not any(recording.whole for recording in recordings)


def test_an_operation_that_is_refused_halfway_leaves_nothing_recorded() -> None:
    backend = CompiledBackend()
    counters = backend.zeros(3, np.int64)

    def halfway() -> None:
        backend.count(counters)
        backend.array_functions("something")
        counters[0] += 10

    launch = backend.record([partial(backend.count, counters), halfway])
    launch(3)
    assert counters.tolist() == [36, 6, 6]


def test_recording_runs_nothing() -> None:
    backend = CompiledBackend()
    counters = backend.zeros(3, np.int64)
    launch = backend.record([partial(backend.count, counters)])
    launch(0)
    assert counters.tolist() == [0, 0, 0]
    launch(5)
    assert counters.tolist() == [5, 5, 5]


def test_without_a_known_library_numpy_multiplies(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = train(layers.Dense(4), loss="binary_crossentropy", outputs=1).history["loss"]
    monkeypatch.setattr(blas, "routine", lambda dtype: 0)
    gpunet.set_random_seed(0)
    found = train(layers.Dense(4), loss="binary_crossentropy", outputs=1).history["loss"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_library_of_numpy_is_known_here() -> None:
    assert blas.routine(np.dtype("float32"))
    assert blas.routine(np.dtype("float64"))


def test_where_nothing_can_be_kept_kernels_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = kernel.cfunc

    def refuse(*arguments: Any, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return compiler(*arguments, **options)

    monkeypatch.setattr(kernel, "cfunc", refuse)
    counters = np.zeros(3, np.int64)
    fresh = kernel.Kernel(compiled_backend.data.advance.function)
    kernel.Call(fresh, np.dtype("float64"), (counters,)).run()
    assert counters.tolist() == [1, 1, 1]


def test_so_are_the_loops_around_them(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = kernel.njit

    def refuse(signature: str, cache: bool, nogil: bool) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return compiler(signature, nogil=nogil)

    monkeypatch.setattr(kernel, "njit", refuse)
    assert kernel.kept_on_disk("int64(int64)")(lambda number: number + 1)(2) == 3


@pytest.mark.parametrize(
    "arrays",
    [
        (np.zeros((2, 3), "float32").T, np.zeros((3, 2), "float32")),
        (np.zeros(3, "float32"), np.zeros(3, "float64")),
        (np.zeros(3, "float16"),),
    ],
)
def test_kernels_take_contiguous_arrays_of_one_precision(arrays: tuple[Any, ...]) -> None:
    assert kernel.precision_of(arrays) is None


@pytest.mark.parametrize(
    "optimizer",
    ["adam", "nadam", "adamax", "adadelta", "rmsprop", SGD(momentum=0.9), RMSprop(momentum=0.9)],
)
def test_what_fades_becomes_0_at_once(optimizer: Any) -> None:
    backend = CompiledBackend()
    model = gpunet.Sequential([layers.Input(shape=(1,)), layers.Dense(1)], backend=backend)
    model.compile(optimizer, "mean_squared_error")
    model.fit([[1.0]], [[0.0]], verbose=0)
    optimizer = model.optimizer
    smallest = np.finfo("float32").tiny
    for slot in optimizer.state.values():
        slot.fill(smallest)
    optimizer.arena.gradients.fill(0)
    table, counters = optimizer.table(1, 1), backend.zeros(3, np.int64)
    backend.update(optimizer, optimizer.arena, optimizer.state, table, counters)
    assert all((slot == 0).all() for slot in optimizer.state.values())


def test_bytes_are_gathered_without_python(recordings: list[Recording]) -> None:
    """Pictures and classes as data sets have them."""
    generator = np.random.default_rng(1)
    x, y = generator.integers(0, 256, (28, 5), np.uint8), generator.integers(0, 3, 28, np.uint8)
    losses = []
    for dtypes in ((np.uint8, np.uint8), (np.float32, np.int64)):
        gpunet.set_random_seed(2)
        model = gpunet.Sequential([layers.Dense(3, activation="softmax")], backend="compiled")
        model.compile("adam", "sparse_categorical_crossentropy")
        history = model.fit(x.astype(dtypes[0]), y.astype(dtypes[1]), batch_size=8, epochs=2, verbose=0)
        losses.append(history.history["loss"])
    assert losses[0] == losses[1]
    assert all(recording.whole for recording in recordings)
