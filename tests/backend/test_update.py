"""What all optimizers share: clipping, decay, the moving average, the coefficients of a step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet.arena import Arena
from gpunet.backend import Backend, NumpyBackend
from gpunet.parameter import Parameter


class Descent:
    """``θ ← θ - learning_rate · g``, and a slot that counts."""

    def __init__(self, **options: Any) -> None:
        self.clipvalue = self.clipnorm = self.global_clipnorm = self.weight_decay = None
        self.use_ema = False
        vars(self).update(options)

    def row(self, values: Any) -> dict[str, float]:
        return dict(zip(("learning_rate", "ema_momentum", "ema_overwrite"), values.tolist(), strict=True))

    def update(
        self, xp: Any, value: Any, gradient: Any, slots: Any, scratch: Any, coefficients: dict[str, float]
    ) -> None:
        xp.multiply(gradient, coefficients["learning_rate"], out=scratch)
        value -= scratch
        slots["count"] += 1


def run(
    backend: Backend,
    optimizer: Descent,
    values: list[list[float]],
    gradients: list[list[float]],
    row: tuple[float, float, float] = (1.0, 0.0, 0.0),
    excluded: tuple[int, ...] = (),
) -> tuple[list[np.ndarray], dict[str, np.ndarray]]:
    """Take one step; return the parameters and the slots."""
    parameters = [Parameter(f"p{i}", np.array(value)) for i, value in enumerate(values)]
    arena = Arena(backend, parameters, dtype=np.float64)
    arena.exclude_from_decay([parameters[i] for i in excluded])
    for parameter, gradient in zip(parameters, gradients, strict=True):
        backend.upload(np.array(gradient), parameter.gradient)
    slots = {name: backend.zeros(arena.trainable_size, "float64") for name in ("count", "average")}
    table = backend.xp.asarray(np.array([[np.nan] * 3, row]))
    backend.update(optimizer, arena, slots, table, backend.xp.asarray(np.array([5, 6, 1])))
    return [p.numpy() for p in parameters], {name: backend.download(slot) for name, slot in slots.items()}


def test_the_coefficients_are_those_of_the_row(backend: Backend) -> None:
    values, slots = run(backend, Descent(), [[1.0, 2.0]], [[2.0, -2.0]], (0.25, 0, 0))
    assert values[0].tolist() == [0.5, 2.5]
    assert (slots["count"] == 1).all()
    assert not slots["average"].any()


def test_clipping_by_value(backend: Backend) -> None:
    values, _ = run(backend, Descent(clipvalue=1.5), [[0.0, 0.0], [0.0]], [[1.0, 4.0], [-4.0]])
    assert [v.tolist() for v in values] == [[-1, -1.5], [1.5]]


def test_clipping_by_the_norm_of_each_parameter(backend: Backend) -> None:
    values, _ = run(backend, Descent(clipnorm=2.5), [[0.0, 0.0], [0.0]], [[3.0, 4.0], [-2.0]])
    np.testing.assert_allclose(values[0], [-1.5, -2])
    assert values[1].tolist() == [2]  # below the limit: untouched


def test_clipping_by_the_norm_of_all(backend: Backend) -> None:
    values, _ = run(backend, Descent(global_clipnorm=1.0), [[0.0, 0.0], [0.0]], [[3.0, 0.0], [4.0]])
    np.testing.assert_allclose(np.concatenate(values), [-0.6, 0, -0.8])
    values, _ = run(backend, Descent(global_clipnorm=5.0), [[0.0, 0.0], [0.0]], [[3.0, 0.0], [4.0]])
    np.testing.assert_array_equal(np.concatenate(values), [-3, 0, -4])


def test_weight_decay_is_decoupled_and_spares_the_excluded(backend: Backend) -> None:
    optimizer = Descent(weight_decay=0.5)
    values, _ = run(backend, optimizer, [[4.0], [4.0]], [[1.0], [1.0]], (0.5, 0, 0), excluded=(1,))
    assert [v.tolist() for v in values] == [[2.5], [3.5]]  # 4 · (1 - 0.5 · 0.5) - 0.5 and 4 - 0.5


def test_the_moving_average_and_its_overwriting(backend: Backend) -> None:
    optimizer = Descent(use_ema=True)
    values, slots = run(backend, optimizer, [[4.0]], [[0.0]], (1.0, 0.75, 0))
    assert (values[0].tolist(), slots["average"][0]) == ([4], 1)  # 0.75 · 0 + 0.25 · 4
    values, _ = run(backend, optimizer, [[4.0]], [[0.0]], (1.0, 0.75, 1))
    assert values[0].tolist() == [1]


@pytest.mark.parametrize("size", [1, 31, 127, 16_384, 16_385, 40_000])
def test_large_arenas_are_updated_to_the_last_element(backend: Backend, size: int) -> None:
    values, slots = run(backend, Descent(), [[1.0] * size], [[0.25] * size])
    assert (values[0] == 0.75).all()
    assert (slots["count"] == 1).all()


@pytest.mark.parametrize("size", [1, 16_384, 16_385])
def test_the_moving_average_reaches_the_last_element(backend: Backend, size: int) -> None:
    values, slots = run(backend, Descent(use_ema=True), [[4.0] * size], [[2.0] * size], (0.5, 0.75, 1))
    assert (slots["average"][:size] == 0.75).all()  # 0.25 · (4 - 0.5 · 2)
    assert (values[0] == 0.75).all()


def test_what_has_faded_to_a_denormal_number_becomes_zero() -> None:
    class Fading(Descent):
        def update(self, xp: Any, value: Any, gradient: Any, slots: Any, *_: Any) -> None:
            slots["momentum"] *= 0.9

    backend, smallest = NumpyBackend(), np.finfo("float32").tiny
    arena = Arena(backend, [Parameter("a", np.zeros(64, "float32"))])
    momentum = backend.zeros(64, "float32")
    momentum[:4] = 1e-3, -1e-3, np.nan, -np.inf
    kept, table = np.float32(1e-3), np.zeros((1, 3))
    for step in range(1024):
        backend.update(Fading(), arena, {"momentum": momentum}, table, np.array([step, 0, 0]))
        kept *= np.float32(0.9)
        if step == 511:
            assert kept > smallest
            assert momentum[:2].tolist() == [kept, -kept]
    assert 0 < kept < smallest  # where it would stay
    assert momentum[:2].tolist() == [0, 0]
    assert np.isnan(momentum[2])
    assert momentum[3] == -np.inf


def test_nothing_to_train(backend: Backend) -> None:
    assert run(backend, Descent(global_clipnorm=1.0, use_ema=True), [], [])[0] == []
