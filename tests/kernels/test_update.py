"""The kernels of the optimizers."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from gpunet import optimizers
from gpunet.arena import Arena
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import catalogue, update
from gpunet.backend.precision import POLICIES
from gpunet.optimizers import SGD, Adam, Optimizer, RMSprop
from gpunet.parameter import Parameter

SIZES = [0, 1, 31, 33, 127, 1025]
STEPS = 5
KINDS = sorted(
    {type(optimizers.get(name)) for name in optimizers.registry.names()}, key=lambda kind: kind.__name__
)
RATE = optimizers.schedules.InverseTimeDecay(0.1, decay_steps=1, decay_rate=0.5)
SHARED: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.3},
    {"clipvalue": 0.7},
    {"clipnorm": 0.5},
    {"global_clipnorm": 0.5},
    {"use_ema": True, "ema_momentum": 0.9},
    {"use_ema": True, "ema_momentum": 0.9, "ema_overwrite_frequency": 2},
    {"weight_decay": 0.3, "clipnorm": 0.5, "use_ema": True, "ema_overwrite_frequency": 3},
]

floats = pytest.mark.parametrize("dtype", ["float32", "float64"])


def variants() -> list[Any]:
    """Every optimizer, with every combination of its switches, and with and without momentum."""
    found = []
    for kind in KINDS:
        defaults = {name: one.default for name, one in inspect.signature(kind).parameters.items()}
        choices = {name: (False, True) for name, default in defaults.items() if default is False}
        if "momentum" in defaults:
            choices["momentum"] = (0.0, 0.9, 1.0)  # type: ignore[assignment]
        for values in itertools.product(*choices.values()):
            options = dict(zip(choices, values, strict=True))
            found.append(pytest.param(kind, options, id=f"{kind.__name__}-{options}"))
    return found


def built(backend: Backend, optimizer: Optimizer, dtype: str, sizes: list[int] = SIZES) -> Arena:
    """Return an arena with gaps and with something behind that isn't trained."""
    generator = np.random.default_rng(1)
    parameters = [Parameter(f"p{size}", generator.standard_normal(size)) for size in sizes]
    arena = Arena(backend, [Parameter("fixed", np.ones(65), trainable=False), *parameters], dtype=dtype)
    optimizer.build(arena)
    return arena


def gradients(arena: Arena, step: int) -> None:
    generator = np.random.default_rng([2, step])
    for parameter in arena.trainable:
        arena.backend.upload(generator.standard_normal(parameter.shape), parameter.gradient)


def train(arena: Arena, optimizer: Optimizer, steps: int = STEPS) -> None:
    """Take some steps, all from one table."""
    backend = arena.backend
    table = backend.resident(optimizer.table(optimizer.iterations, steps), np.float64)
    counters = backend.zeros(3, np.int64)
    backend.upload(np.array([70, 50, 0]), counters)
    for step in range(steps):
        gradients(arena, step)
        backend.update(optimizer, arena, optimizer.state, table, counters)
        backend.count(counters)
    optimizer.iterations += steps


def results(arena: Arena, optimizer: Optimizer) -> dict[str, np.ndarray]:
    arrays = {"values": arena.values, **optimizer.state}
    return {name: arena.backend.download(array) for name, array in arrays.items()}


def assert_close(got: dict[str, np.ndarray], expected: dict[str, np.ndarray], units: int = 8) -> None:
    """Compare within so many units in the last place of the numbers around."""
    assert got.keys() == expected.keys()
    for name, array in expected.items():
        unit = float(np.finfo(array.dtype).eps)
        largest = float(np.nanmax(abs(array), initial=0.0, where=np.isfinite(array)))
        assert got[name].dtype == array.dtype
        np.testing.assert_allclose(
            got[name], array, rtol=units * unit, atol=units * unit * largest, err_msg=name
        )


def compare(device: Backend, make: Callable[[], Optimizer], dtype: str) -> None:
    """Train on the device and on NumPy."""
    pairs = []
    for backend in (device, NumpyBackend()):
        optimizer = make()
        arena = built(backend, optimizer, dtype)
        train(arena, optimizer)
        pairs.append(results(arena, optimizer))
    assert_close(*pairs)
    between = np.ones(len(pairs[0]["values"]), bool)
    for parameter in (*arena.trainable, *arena.fixed):
        arena.view(between, parameter)[...] = False
    assert between.sum() > 100
    assert not pairs[0]["values"][between].any()


def test_every_optimizer_has_a_functor() -> None:
    assert sorted(catalogue.functors("Optimizer")) == [kind.__name__ for kind in KINDS]


def test_the_kernel_has_room_for_the_slots_and_options_of_every_optimizer() -> None:
    made = [parameter.values[0](**parameter.values[1]) for parameter in variants()]
    assert max(len(optimizer.slots) for optimizer in made) == update.SLOTS
    assert max(len(optimizer.constants) for optimizer in made) == update.CONSTANTS


@floats
@pytest.mark.parametrize(("kind", "options"), variants())
def test_the_rule_is_the_numpy_backends(
    device: Backend, kind: type[Optimizer], options: dict[str, Any], dtype: str
) -> None:
    compare(device, lambda: kind(learning_rate=RATE, **options), dtype)


@floats
@pytest.mark.parametrize("options", SHARED, ids=str)
@pytest.mark.parametrize("kind", [SGD, Adam])
def test_the_shared_options_are_the_numpy_backends(
    device: Backend, kind: type[Optimizer], options: dict[str, Any], dtype: str
) -> None:
    compare(device, lambda: kind(learning_rate=RATE, **options), dtype)


@pytest.mark.parametrize("size", [*SIZES, 64, 1024])
def test_any_size(device: Backend, size: int) -> None:
    for sizes in ([size], [size, size]):
        optimizer = SGD(0.5, weight_decay=0.5, clipnorm=1e6)
        arena = built(device, optimizer, "float32", sizes)
        before = [parameter.numpy() for parameter in arena.trainable]
        gradients(arena, 0)
        steps = [device.download(parameter.gradient) for parameter in arena.trainable]
        train(arena, optimizer, 1)
        for parameter, old, step in zip(arena.trainable, before, steps, strict=True):
            np.testing.assert_allclose(parameter.numpy(), 0.75 * old - 0.5 * step, rtol=1e-6, atol=1e-6)
        assert (arena.fixed[0].numpy() == 1).all()


def test_nothing_to_train(device: Backend) -> None:
    optimizer = Adam(clipnorm=1.0, weight_decay=0.1, use_ema=True)
    arena = built(device, optimizer, "float32", [])
    train(arena, optimizer)
    assert (arena.fixed[0].numpy() == 1).all()


@floats
def test_the_bits_repeat(device: Backend, dtype: str) -> None:
    first, second = (
        built_and_trained(device, Adam(learning_rate=RATE, global_clipnorm=0.5, weight_decay=0.1), dtype)
        for _ in range(2)
    )
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])


def built_and_trained(device: Backend, optimizer: Optimizer, dtype: str) -> dict[str, np.ndarray]:
    arena = built(device, optimizer, dtype)
    train(arena, optimizer)
    return results(arena, optimizer)


def test_the_table_of_segments_is_changed_in_place(device: Backend) -> None:
    arena = built(device, SGD(), "float32", [65, 0, 1, 64])
    starts, owners, decayed = table = arena.segments()
    assert device.download(starts).tolist() == [0, 128, 128, 192, 256]
    assert device.download(owners).tolist() == [0, 0, 2, 3]
    assert device.download(decayed).tolist() == [True] * 4
    arena.exclude_from_decay([arena.trainable[2]])
    assert arena.segments() is table
    assert device.download(decayed).tolist() == [True, True, False, True]


@floats
def test_exclusions_from_weight_decay_and_changes_of_them(device: Backend, dtype: str) -> None:
    pairs = []
    for backend in (device, NumpyBackend()):
        optimizer = SGD(learning_rate=0.1, weight_decay=0.5)
        arena = built(backend, optimizer, dtype)
        for names in ([], ["p31", "p127"], ["p1"], []):  # "p1" is a part of "p127", too
            optimizer.exclude_from_weight_decay(var_names=names)
            train(arena, optimizer, 1)
        pairs.append(results(arena, optimizer))
    assert_close(*pairs)


def test_a_recorded_step_follows_exclusions(device: Backend) -> None:
    pairs = []
    for backend in (device, NumpyBackend()):
        optimizer = SGD(learning_rate=1.0, weight_decay=0.5)
        arena = built(backend, optimizer, "float32")
        table, counters = backend.resident(optimizer.table(0, 1), np.float64), backend.zeros(3, np.int64)
        launch = backend.record([partial(backend.update, optimizer, arena, optimizer.state, table, counters)])
        launch(2)
        optimizer.exclude_from_weight_decay(var_names=["p33", "p1025"])
        launch(2)
        pairs.append(results(arena, optimizer))
    assert_close(*pairs)


@floats
def test_clipping_by_value_keeps_nan(device: Backend, dtype: str) -> None:
    optimizer = SGD(1.0, clipvalue=2.0)
    arena = built(device, optimizer, dtype, [6])
    device.upload(np.zeros(6), arena.trainable[0].value)
    device.upload(np.array([np.nan, np.inf, -np.inf, 2.5, -2.0, 0.5]), arena.trainable[0].gradient)
    table = device.resident(optimizer.table(0, 1), np.float64)
    device.update(optimizer, arena, optimizer.state, table, device.zeros(3, np.int64))
    np.testing.assert_array_equal(arena.trainable[0].numpy(), [np.nan, -2, 2, -2, 2, -0.5])


@pytest.mark.parametrize("kind", [*KINDS, partial(SGD, nesterov=True)])
def test_nan_and_infinity_end_up_where_numpy_has_them(
    device: Backend, kind: Callable[..., Optimizer]
) -> None:
    pairs = []
    for backend in (device, NumpyBackend()):
        optimizer = kind(learning_rate=0.1)
        arena = built(backend, optimizer, "float64", [6])
        table, counters = backend.resident(optimizer.table(0, 2), np.float64), backend.zeros(3, np.int64)
        for numbers in ([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], [1.0, 1.0, 1.0, 1.0, np.nan, 1.0]):
            backend.upload(np.array(numbers), arena.trainable[0].gradient)
            with np.errstate(all="ignore"):
                backend.update(optimizer, arena, optimizer.state, table, counters)
            backend.count(counters)
        pairs.append(results(arena, optimizer))
    assert_close(*pairs)


def test_a_variance_below_zero_counts_as_zero(device: Backend) -> None:
    optimizer = RMSprop(centered=True)
    arena = built(device, optimizer, "float32", [5])
    before = arena.trainable[0].numpy()
    optimizer.state["average_gradient"].fill(3)
    table = device.resident(optimizer.table(0, 1), np.float64)
    device.update(optimizer, arena, optimizer.state, table, device.zeros(3, np.int64))
    np.testing.assert_array_equal(arena.trainable[0].numpy(), before)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_rounded_to_what_products_read(
    device: Backend, kind: type[Optimizer], policy: str
) -> None:
    own = device.with_precision(POLICIES[policy])
    optimizer = kind(learning_rate=RATE, use_ema=True, ema_overwrite_frequency=2)
    arena = built(own, optimizer, "float32")
    train(arena, optimizer)
    operands = own.download(arena.operands)[: arena.trainable_size]
    own.refresh(arena)
    np.testing.assert_array_equal(operands, own.download(arena.operands)[: arena.trainable_size])
    plain = kind(learning_rate=RATE, use_ema=True, ema_overwrite_frequency=2)
    expected = built(NumpyBackend(), plain, "float32")
    train(expected, plain)
    assert_close(results(arena, optimizer), results(expected, plain))


@pytest.mark.parametrize("finite", [True, False])
def test_gradients_that_are_not_finite_change_nothing_but_the_scale(device: Backend, finite: bool) -> None:
    own = device.with_precision(POLICIES["mixed_float16"])
    optimizer = Adam(learning_rate=0.1, weight_decay=0.5, global_clipnorm=1.0, use_ema=True)
    arena = built(own, optimizer, "float32")
    own.refresh(arena)
    own.upload(np.array([8.0, 3.0, float(finite)]), arena.loss_scale)
    before = {**results(arena, optimizer), "operands": own.download(arena.operands)}
    train(arena, optimizer, 1)
    after = {**results(arena, optimizer), "operands": own.download(arena.operands)}
    assert [name for name in before if not np.array_equal(before[name], after[name])] == (
        list(before) if finite else []
    )
    assert own.download(arena.loss_scale).tolist() == ([8, 4, 1] if finite else [4, 0, 0])


def test_a_subclass_of_ones_own_runs_its_own_rule(device: Backend) -> None:
    def ascend(self: Any, xp: Any, value: Any, gradient: Any, *_: Any) -> None:
        value += gradient

    optimizer = type("SGD", (SGD,), {"update": ascend, "__module__": __name__})(0.1)
    arena = built(device, optimizer, "float64", [3])
    before = arena.trainable[0].numpy()
    gradients(arena, 0)
    step = device.download(arena.trainable[0].gradient)
    train(arena, optimizer, 1)
    np.testing.assert_array_equal(arena.trainable[0].numpy(), before + step)
