"""Updates over the flat arena of a model: gaps, blocks, dtypes, many steps from one table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gpunet import optimizers
from gpunet.arena import Arena
from gpunet.backend import Backend, NumpyBackend, get_backend
from gpunet.backend.numpy_backend import BLOCK
from gpunet.optimizers import Optimizer
from gpunet.parameter import Parameter

SHAPES = [(31, 33), (), (1,), (0, 3), (127,), (1025,), (3, 5, 7)]
OPTIONS = {"weight_decay": 0.01, "global_clipnorm": 1.0, "use_ema": True, "ema_overwrite_frequency": 3}


def arena(backend: Backend, shapes: list[tuple[int, ...]], dtype: str = "float64") -> Arena:
    generator = np.random.default_rng(7)
    parameters = [
        Parameter(f"{index}/kernel", generator.standard_normal(shape)) for index, shape in enumerate(shapes)
    ]
    fixed = Parameter("fixed", np.arange(5.0), trainable=False)
    return Arena(backend, [fixed, *parameters], dtype=dtype)


def train(optimizer: Optimizer, steps: int, seed: int = 0) -> None:
    """Take steps as a training program does: gradients in place, coefficients from one table."""
    own = optimizer.arena
    assert own is not None
    table = own.backend.xp.asarray(optimizer.table(optimizer.iterations, steps))
    counters = own.backend.zeros(3, np.int64)
    with np.errstate(all="ignore"):
        for step in range(steps):
            generator = np.random.default_rng([seed, optimizer.iterations])
            for parameter in own.trainable:
                own.backend.upload(generator.standard_normal(parameter.shape) * 3, parameter.gradient)
            own.backend.update(optimizer, own, optimizer.state, table, counters)
            own.backend.count(counters)
            optimizer.iterations += 1
            assert step + 1 == int(counters[2])


def gaps(own: Arena) -> np.ndarray:
    """Tell which trained elements lie between parameters."""
    used = np.zeros(own.trainable_size, bool)
    for parameter in own.trainable:
        own.view(used, parameter)[...] = True
    return ~used


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gaps_stay_zero(make: Callable[..., Optimizer], dtype: str, backend: Backend) -> None:
    own = arena(backend, SHAPES, dtype)
    between, fixed = gaps(own), own.fixed[0].numpy()
    assert between.sum() > 100
    optimizer = make(learning_rate=0.1, **OPTIONS)
    optimizer.build(own)
    train(optimizer, 7)
    assert not backend.download(own.values)[: own.trainable_size][between].any()
    assert not backend.download(own.gradients)[between].any()
    for slot in optimizer.state.values():
        assert np.isfinite(backend.download(slot)).all()
    assert np.isfinite(backend.download(own.values)).all()
    np.testing.assert_array_equal(own.fixed[0].numpy(), fixed)


@pytest.mark.parametrize("size", [BLOCK - 64, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 64, 2 * BLOCK + 3])
def test_blocks_change_nothing(make: Callable[..., Optimizer], size: int) -> None:
    """NumpyBackend updates block by block, the reference backend all at once."""
    results = []
    for backend in (NumpyBackend(), Backend(np)):
        optimizer = make(learning_rate=0.1)
        optimizer.build(arena(backend, [(7,), (size,), (65,)], "float32"))
        train(optimizer, 3)
        assert optimizer.arena is not None
        results.append([optimizer.arena.values, *optimizer.state.values()])
    for blocked, whole in zip(*results, strict=True):
        np.testing.assert_array_equal(blocked, whole)


def test_a_model_and_plain_arrays_agree(make: Callable[..., Optimizer], backend: Backend) -> None:
    flat, plain = make(learning_rate=0.1, **OPTIONS), make(learning_rate=0.1, **OPTIONS)
    flat.build(arena(backend, SHAPES))
    assert flat.arena is not None
    arrays = [backend.xp.array(parameter.value) for parameter in flat.arena.trainable]
    train(flat, 5)
    for step in range(5):
        generator = np.random.default_rng([0, step])
        gradients = [backend.xp.asarray(generator.standard_normal(shape) * 3) for shape in SHAPES]
        plain.apply_gradients(zip(gradients, arrays, strict=True))
    rounding = (
        1e-12 if backend.name == "compiled" else 0
    )  # it has no arrays of its own: NumPy changes the plain ones
    for parameter, array in zip(flat.arena.trainable, arrays, strict=True):
        np.testing.assert_allclose(
            parameter.numpy(), backend.download(array), rtol=rounding, atol=rounding / 100
        )


def test_single_precision_agrees_with_double(make: Callable[..., Optimizer], backend: Backend) -> None:
    results = []
    for dtype in ("float32", "float64"):
        optimizer = make(learning_rate=0.01, **OPTIONS)
        optimizer.build(arena(backend, SHAPES, dtype))
        train(optimizer, 6)
        assert optimizer.arena is not None
        assert {slot.dtype for slot in optimizer.state.values()} == {np.dtype(dtype)}
        results.append([parameter.numpy() for parameter in optimizer.arena.trainable])
    for single, double in zip(*results, strict=True):
        np.testing.assert_allclose(single, double, rtol=1e-4, atol=1e-4)


def test_one_table_of_many_steps_or_one_of_each(make: Callable[..., Optimizer]) -> None:
    rate = optimizers.schedules.CosineDecayRestarts(0.1, 3)
    results = []
    for pieces in ([7], [1] * 7, [3, 4]):
        optimizer = make(learning_rate=rate, **OPTIONS)
        optimizer.build(arena(get_backend("numpy"), SHAPES))
        for steps in pieces:
            train(optimizer, steps)
        assert optimizer.arena is not None
        results.append(optimizer.arena.values.copy())
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_exclusions_in_an_arena() -> None:
    own = arena(get_backend("numpy"), [(3,), (4,), (5,)])
    optimizer = optimizers.SGD(1.0, weight_decay=0.5)
    optimizer.exclude_from_weight_decay([own.trainable[2]], ["1/k"])
    optimizer.build(own)
    before = [parameter.numpy() for parameter in own.trainable]
    own.backend.update(optimizer, own, optimizer.state, optimizer.table(0, 1), np.zeros(3, np.int64))
    for parameter, old, factor in zip(own.trainable, before, (0.5, 1.0, 1.0), strict=True):
        np.testing.assert_array_equal(parameter.value, factor * old)


def test_a_parameter_that_is_trained_later_starts_its_average_at_its_value() -> None:
    optimizer = optimizers.SGD(0.0, use_ema=True, ema_momentum=0.99)
    optimizer.iterations = 100
    own = arena(get_backend("numpy"), [(3,)])
    optimizer.build(own)
    before = own.trainable[0].numpy()
    train(optimizer, 1)
    optimizer.finalize()
    np.testing.assert_allclose(own.trainable[0].value, before, rtol=1e-15)


def test_nothing_to_train(make: Callable[..., Optimizer]) -> None:
    optimizer = make(**OPTIONS)
    optimizer.build(arena(get_backend("numpy"), []))
    train(optimizer, 2)
    optimizer.finalize()
    assert optimizer.iterations == 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_and_tiny_gradients_make_no_nan(make: Callable[..., Optimizer], dtype: str) -> None:
    weights = np.zeros(4, dtype)
    optimizer = make(learning_rate=1e-3)
    for _ in range(3):
        optimizer.apply_gradients([(np.array([1e18, -1e18, 1e-30, 0.0], dtype), weights)])
    assert np.isfinite(weights).all()
    assert weights[3] == 0.0
