"""Flat storage: places, views, what is trained and what is not."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gpunet.arena import ALIGNMENT, Arena
from gpunet.backend import Backend, NumpyBackend
from gpunet.parameter import Parameter

SIZES = [0, 1, 31, 33, 64, 127, 1025]


def parameters(trainable: bool = True) -> list[Parameter]:
    return [
        Parameter(f"p{size}", np.random.default_rng(size).standard_normal(size).astype("float32"), trainable)
        for size in SIZES
    ]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_views_start_at_256_bytes_and_keep_the_values(backend: Backend, dtype: str) -> None:
    made = parameters()
    before = [p.numpy() for p in made]
    arena = Arena(backend, made, dtype=dtype)
    step = ALIGNMENT // np.dtype(dtype).itemsize
    assert ALIGNMENT == 256
    assert arena.trainable_size == len(arena.values) == step * sum(-(-size // step) for size in SIZES)
    for parameter, value in zip(made, before, strict=True):
        assert parameter.dtype == dtype
        assert parameter.gradient.dtype == dtype
        np.testing.assert_array_equal(parameter.numpy(), value)


def test_addresses_are_aligned() -> None:
    made = [p for p in parameters() if p.size]
    arena = Arena(NumpyBackend(), made)
    for parameter in made:
        for array in (parameter.value, parameter.gradient, arena.view(arena.values, parameter)):
            assert array.ctypes.data % ALIGNMENT == 0


def test_views_are_views_and_gaps_are_zero(backend: Backend) -> None:
    made = parameters()
    arena = Arena(backend, made)
    values = backend.download(arena.values)
    assert float(abs(values).sum()) == pytest.approx(sum(float(abs(p.numpy()).sum()) for p in made))
    assert not backend.download(arena.gradients).any()
    arena.values.fill(3)
    arena.gradients.fill(4)
    for parameter in made:
        assert (parameter.numpy() == 3).all()
        assert (backend.download(parameter.gradient) == 4).all()
    made[3].value[...] = 5
    assert int((backend.download(arena.values) == 5).sum()) == SIZES[3]


def test_shapes_are_kept(backend: Backend) -> None:
    made = [Parameter("a", np.ones((3, 4, 5))), Parameter("b", np.array(2.0))]
    Arena(backend, made)
    assert [p.value.shape for p in made] == [(3, 4, 5), ()]
    assert [p.gradient.shape for p in made] == [(3, 4, 5), ()]


def test_what_is_not_trained_stands_behind_and_has_no_gradient(backend: Backend) -> None:
    a, b, c, d = (Parameter(name, np.full(70, float(i), "float32")) for i, name in enumerate("abcd"))
    b.trainable = False
    arena = Arena(backend, [a, b, c, d], frozen=[c])
    assert arena.trainable == [a, d]
    assert arena.fixed == [b, c]
    assert arena.trainable_size == len(arena.gradients) == 256
    assert len(arena.values) == 512
    assert b.gradient is None
    assert c.gradient is None
    trained = backend.download(arena.values[: arena.trainable_size])
    assert set(trained.tolist()) == {0.0, 3.0}
    assert [float(p.numpy()[0]) for p in (a, b, c, d)] == [0, 1, 2, 3]


def test_what_is_frozen_later_loses_its_gradient(backend: Backend) -> None:
    a, b = Parameter("a", np.ones(3)), Parameter("b", np.ones(3))
    Arena(backend, [a, b])
    Arena(backend, [a, b], frozen=[b])
    assert a.gradient is not None
    assert b.gradient is None
    Arena(backend, [a, b])
    assert b.gradient is not None


def test_it_knows_whether_it_is_up_to_date(backend: Backend) -> None:
    a, b = Parameter("a", np.zeros(3)), Parameter("b", np.zeros(3))
    arena = Arena(backend, [a, b])
    assert arena.owns([a, b])
    assert not arena.owns([a])
    assert not arena.owns([a, b, Parameter("c", np.zeros(3))])
    assert not arena.owns([b, a])  # the trained ones are in order
    assert not arena.owns([a, b], frozen=[b])
    b.trainable = False
    assert not arena.owns([a, b])
    b.trainable = True
    assert arena.owns([a, b])
    Arena(backend, [b])
    assert not arena.owns([a, b])


def test_a_parameter_moves_with_its_value(backend: Backend) -> None:
    parameter = Parameter("a", np.array([1.0, 2.0]))
    first = Arena(backend, [parameter])
    parameter.assign([3.0, 4.0])
    second = Arena(NumpyBackend(), [parameter])
    assert parameter.numpy().tolist() == [3.0, 4.0]
    parameter.assign([5.0, 6.0])
    assert backend.download(first.values)[:2].tolist() == [3.0, 4.0]
    assert second.values[:2].tolist() == [5.0, 6.0]


def test_without_parameters(backend: Backend) -> None:
    arena = Arena(backend, [])
    assert len(arena.values) == arena.trainable_size == 0
    assert arena.decayed == []
    assert arena.owns([])


def test_weight_decay_reaches_all_but_the_excluded(backend: Backend) -> None:
    a, b, c = (Parameter(name, np.ones(70, "float32")) for name in "abc")
    arena = Arena(backend, [a, b, c], frozen=[c])
    assert arena.decayed == [(0, 256)]
    arena.exclude_from_decay([a, c])
    assert arena.decayed == [(128, 198)]
    arena.exclude_from_decay([])
    assert arena.decayed == [(0, 256)]
    arena.exclude_from_decay([a, b])
    assert arena.decayed == []


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda whole: pickle.loads(pickle.dumps(whole))])
def test_the_parameters_of_a_copy_live_in_the_copy(backend: Backend, copied: Callable[[Any], Any]) -> None:
    made = [*parameters(), Parameter("matrix", np.arange(6.0).reshape(2, 3)), *parameters(trainable=False)]
    arena = Arena(backend, made)
    for whole in (made, arena):  # either end of the circle first
        result = copied(whole)
        twin = result if whole is arena else result[0].arena
        twins = [*twin.trainable, *twin.fixed]
        assert twin is not arena
        assert twin.backend is backend
        assert twin.owns(twins)
        assert arena.owns(made)
        for parameter, own in zip(made, twins, strict=True):
            np.testing.assert_array_equal(own.numpy(), parameter.numpy())
            assert own.shape == parameter.shape
            assert (own.gradient is None) == (parameter.gradient is None)
        before = [parameter.numpy() for parameter in made]
        twin.values.fill(3)
        twin.gradients.fill(4)
        assert all((own.numpy() == 3).all() for own in twins)
        assert all((backend.download(own.gradient) == 4).all() for own in twin.trainable)
        assert all(np.array_equal(p.numpy(), value) for p, value in zip(made, before, strict=True))


def test_a_copy_does_not_call_back_what_has_moved_on(backend: Backend) -> None:
    parameter = Parameter("a", np.array([1.0, 2.0]))
    first = Arena(backend, [parameter])
    second = Arena(backend, [parameter])
    parameter.assign([3.0, 4.0])
    left, moved, entered = copy.deepcopy((first, parameter, second))
    assert moved.arena is entered
    assert moved.numpy().tolist() == [3.0, 4.0]
    assert backend.download(left.values)[:2].tolist() == [1.0, 2.0]


def test_scratch_is_reused(backend: Backend) -> None:
    arena = Arena(backend, parameters(), dtype="float64")
    large = arena.scratch(100)
    assert (large.shape, large.dtype) == ((100,), "float64")
    small = arena.scratch(10)
    large.fill(3)
    assert (backend.download(small) == 3).all()
    assert arena.scratch(200).shape == (200,)
