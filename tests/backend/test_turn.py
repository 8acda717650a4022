"""The GPU's stream and workspace belong to one thread at a time, whatever stream its caller computes on."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest
from conftest import needs_compiler
from cupy_stand_in import StandIn

import gpunet
from gpunet import layers
from gpunet.backend import CupyBackend
from gpunet.backend.cuda.cublaslt import CublasLt

GENERATOR = np.random.default_rng(0)
X = GENERATOR.standard_normal((160, 8)).astype("float32")
Y = GENERATOR.standard_normal((160, 2)).astype("float32")


def backend_on(module: StandIn) -> CupyBackend:
    return CupyBackend(module, CublasLt(module.cublaslt))


def network(backend: CupyBackend, seed: int = 0) -> gpunet.Sequential:
    gpunet.set_random_seed(seed)
    model = gpunet.Sequential(
        [layers.Input(shape=(8,)), layers.Dense(16, "relu"), layers.Dense(2)], backend=backend
    )
    model.compile("adam", "mse", metrics=["mae"])
    model.get_weights()
    return model


def everything(model: gpunet.Sequential) -> list[Any]:
    """What a training, an evaluation and a prediction return, and the weights."""
    history = model.fit(X, Y, batch_size=16, epochs=2, shuffle=False, verbose=0).history
    batches = [(X[:80], Y[:80]), (X[80:], Y[80:])]
    history |= model.fit(batches, epochs=1, verbose=0).history
    return [history, model.evaluate(X, Y, verbose=0), model.predict(X, verbose=0), *model.get_weights()]


def assert_same(found: list[Any], expected: list[Any]) -> None:
    assert found[:2] == expected[:2]
    for array, other in zip(found[2:], expected[2:], strict=True):
        np.testing.assert_array_equal(array, other)


@pytest.mark.parametrize("blocking", [None, True, False])
def test_the_stream_of_the_caller_makes_no_difference(blocking: bool | None) -> None:
    """The stand-in refuses work that isn't in order with what it depends on."""
    needs_compiler()
    plain = backend_on(StandIn())
    expected = everything(network(plain))
    module = StandIn(ordered=True)
    model = network(backend_on(module))
    with nullcontext() if blocking is None else module.cuda.Stream(non_blocking=not blocking):
        before = module.cuda.get_current_stream()
        assert_same(everything(model), expected)
        assert module.cuda.get_current_stream() == before


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def test_two_threads_train_as_one_after_the_other(switching: None) -> None:
    needs_compiler()
    backend = backend_on(StandIn())
    expected = [everything(network(backend, seed)) for seed in (1, 2)]
    models = [network(backend, seed) for seed in (1, 2)]
    found: dict[int, Any] = {}

    def work(index: int) -> None:
        try:
            found[index] = everything(models[index])
        except BaseException as error:
            found[index] = error

    threads = [threading.Thread(target=work, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index in range(2):
        assert not isinstance(found[index], BaseException), found[index]
        assert_same(found[index], expected[index])
