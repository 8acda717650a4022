"""What happens when a data set or a batch is too large for the memory of a backend."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet.backend import Backend, NumpyBackend
from gpunet.layers import Dense, Dropout, Input
from gpunet.training.program import Program
from gpunet.training.programs import KEPT


class Small(NumpyBackend):
    """A backend with little memory."""

    def __init__(self, share: int = 1 << 40, free: int = 1 << 40) -> None:
        super().__init__()
        self.share, self.free = share, free
        self.asked: list[int] = []

    def fits(self, size: int) -> bool:
        self.asked.append(size)
        return size <= self.share

    def free_memory(self) -> int:
        return self.free

    def empty(self, shape: Sequence[int] | int, dtype: Any) -> Any:
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        if size > self.free:
            raise MemoryError(f"out of memory allocating {size:,} bytes")
        self.free -= size
        return super().empty(shape, dtype)


def trained(backend: NumpyBackend, x: np.ndarray, y: np.ndarray) -> tuple[list[float], list[np.ndarray]]:
    gpunet.set_random_seed(1)
    model = gpunet.Sequential(
        [Input(shape=x.shape[1:]), Dense(8, activation="tanh"), Dropout(0.3), Dense(3, activation="softmax")],
        backend=backend,
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(x, y, epochs=3, batch_size=16, validation_split=0.2, verbose=0)
    return [*history.history["loss"], *history.history["val_accuracy"]], model.get_weights()


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_a_data_set_that_does_not_fit_trains_the_same(dtype: str) -> None:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 9, (101, 5)).astype(dtype)
    y = generator.integers(0, 3, 101)
    streamed = Small(share=0)
    expected, got = trained(NumpyBackend(), x, y), trained(streamed, x, y)
    assert expected[0] == got[0]
    for a, b in zip(expected[1], got[1], strict=True):
        np.testing.assert_array_equal(a, b)
    assert streamed.asked[0] == 80 * (5 * (1 if dtype == "uint8" else 4) + 8)  # 80 of 101 rows are trained on


def test_a_batch_that_does_not_fit_names_one_that_would() -> None:
    model = gpunet.Sequential([Input(shape=(1000,)), Dense(1000)], backend=Small(free=40_000_000))
    model.compile("sgd", "mse")
    x = np.zeros((16_384, 1000), "float32")
    weights = model.get_weights()
    with pytest.raises(
        MemoryError, match=r"batch_size=16384: .* GB are free; batch_size=(\d+) would fit"
    ) as caught:
        model.fit(x, x, batch_size=16_384, verbose=0)
    fitting = int(str(caught.value).rpartition("batch_size=")[2].split()[0])
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    model.fit(x[: 2 * fitting], x[: 2 * fitting], batch_size=fitting, verbose=0)


def test_without_a_number_the_advice_is_a_smaller_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Small(free=1_000_000)
    monkeypatch.setattr(backend, "free_memory", lambda: None)
    model = gpunet.Sequential([Input(shape=(1000,)), Dense(10)], backend=backend)
    with pytest.raises(
        MemoryError, match=r"batch_size=1024: a step needs 0.0 GB for its buffers; choose a smaller"
    ):
        model.predict(np.zeros((1024, 1000), "float32"), verbose=0)


def test_batches_of_many_sizes_leave_a_few_programs(backend: Backend) -> None:
    gc.collect()
    before = sum(type(one) is Program for one in gc.get_objects())
    model = gpunet.Sequential([Input(shape=(3,)), Dense(2)])
    x = np.random.default_rng(0).standard_normal((2 * KEPT, 3))
    expected = model.predict(x, verbose=0)
    for rows in range(1, len(x)):
        np.testing.assert_allclose(model.predict(x[:rows], verbose=0), expected[:rows], rtol=1e-4, atol=1e-6)
    gc.collect()
    assert sum(type(one) is Program for one in gc.get_objects()) - before <= KEPT
