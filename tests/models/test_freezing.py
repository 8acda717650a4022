"""Layers that training leaves alone: before compile, after it, in turn, and in files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import gpunet
from gpunet import optimizers
from gpunet.backend import Backend
from gpunet.models import load_model

Make = Callable[..., gpunet.Sequential]


def changed(model: gpunet.Sequential, before: list[np.ndarray]) -> list[bool]:
    """Tell which of the two layers' kernels and biases have changed."""
    return [bool((old != new).any()) for old, new in zip(before, model.get_weights(), strict=True)]


@pytest.mark.parametrize("optimizer", [optimizers.Adam, optimizers.SGD, optimizers.AdamW])
def test_in_turn_without_compiling_again(
    make: Make, x: np.ndarray, y: np.ndarray, backend: Backend, optimizer: type[optimizers.Optimizer]
) -> None:
    """First the last layer learns, then the first one, then none, then both."""
    model = make(optimizer=optimizer(0.1))
    first, last = model.layers[0], model.layers[-1]
    for first.trainable, last.trainable in ((False, True), (True, False), (False, False), (True, True)):
        before = model.get_weights()
        model.fit(x, y, verbose=0)
        assert changed(model, before) == [first.trainable] * 2 + [last.trainable] * 2
        assert len(model.trainable_weights) == 2 * first.trainable + 2 * last.trainable
        assert len(model.non_trainable_weights) == 4 - len(model.trainable_weights)


def test_what_the_optimizer_knows_stays_with_what_goes_on_learning(
    make: Make, x: np.ndarray, y: np.ndarray
) -> None:
    model = make(optimizer=optimizers.SGD(0.1, momentum=0.9))
    model.fit(x, y, verbose=0)
    assert model.optimizer is not None
    slots = model.optimizer.get_state()["slots"]
    (name,) = slots
    model.layers[0].trainable = False
    model.arena()
    kept = model.optimizer.get_state()["slots"][name]
    assert set(kept) == {"dense_1/kernel", "dense_1/bias"}
    for path, slot in kept.items():
        np.testing.assert_array_equal(slot, slots[name][path])
    assert model.optimizer.iterations == 2


def test_a_model_with_nothing_to_learn_can_be_evaluated_and_fitted(
    make: Make, x: np.ndarray, y: np.ndarray
) -> None:
    model = make(metrics=[])
    for layer in model.layers:
        layer.trainable = False
    before = model.get_weights()
    loss = model.evaluate(x, y, verbose=0)
    assert model.fit(x, y, verbose=0, epochs=2).history["loss"] == pytest.approx([loss, loss], rel=1e-6)
    assert changed(model, before) == [False] * 4


def test_a_whole_model_is_frozen_and_thawed(
    make: Make, x: np.ndarray, y: np.ndarray, backend: Backend, tmp_path: Path
) -> None:
    model, path = make(optimizer=optimizers.SGD(0.1, momentum=0.9)), tmp_path / "model.safetensors"
    assert model.trainable
    model.fit(x, y, verbose=0)
    for model.trainable in (False, True):
        before = model.get_weights()
        assert [layer.trainable for layer in model.layers] == [model.trainable] * 3
        assert len(model.trainable_weights) == 4 * model.trainable
        model.fit(x, y, verbose=0)
        assert changed(model, before) == [model.trainable] * 4
        model.save(path)
        assert load_model(path).trainable == model.trainable
    model.trainable = False
    model.layers[-1].trainable = True  # to fine-tune
    assert model.trainable
    assert gpunet.Sequential().trainable


def test_a_frozen_layer_comes_back_frozen(make: Make, x: np.ndarray, y: np.ndarray, tmp_path: Path) -> None:
    model, path = make(), tmp_path / "model.safetensors"
    model.fit(x, y, verbose=0)
    model.layers[0].trainable = False
    model.fit(x, y, verbose=0)
    model.save(path)
    again = load_model(path)
    before = again.get_weights()
    again.fit(x, y, verbose=0)
    assert changed(again, before) == [False, False, True, True]
    again.layers[0].trainable = True
    again.fit(x, y, verbose=0)
    assert changed(again, before) == [True] * 4
