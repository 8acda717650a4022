"""The second passes: they add up any number of partial sums, and nothing that lies around them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_arrays import on

from gpunet.backend import Backend
from gpunet.backend.cuda import mixed, totals

counts = pytest.mark.parametrize("count", [1, 33, 256, 257, 1025])


def between(device: Backend, values: Any, other: float = np.nan) -> Any:
    """Return an array on the device that has another number on each side."""
    return on(device, np.array([other, *np.ravel(values), other]))[1:-1]


def numbers(*shape: int) -> np.ndarray:
    """Return numbers whose sums are exact in any order."""
    return np.random.default_rng(sum(shape)).integers(-9, 10, shape).astype(float)


@counts
def test_totals(device: Backend, count: int) -> None:
    partial, state = numbers(count), between(device, [0.5, 2.0])
    device.kernels.launch("add_totals", (), 1, between(device, partial), count, 32, state)
    assert device.download(state).tolist() == [0.5 + partial.sum(), 34]


@counts
def test_means(device: Backend, count: int) -> None:
    partial, total, weight = numbers(count, 2), between(device, [0.5]), between(device, [2.0])
    device.kernels.launch("add_means", (), 1, between(device, partial), count, 3, 2, total, weight)
    sums = partial.sum(axis=0) * 1.5
    assert [*device.download(total), *device.download(weight)] == [0.5 + sums[0], 2 + sums[1]]


@counts
def test_sums_of_states(device: Backend, count: int) -> None:
    partial = numbers(4, count, 3)
    states = [between(device, [0.5, 1, 2]) for _ in range(4)]
    given = [states[0], states[1], None, states[3]]
    device.kernels.launch("add_sums", (), 12, between(device, partial), count, 3, *given)
    for own, state, sums in zip(given, states, partial.sum(axis=1), strict=True):
        expected = [0.5, 1, 2] if own is None else np.array([0.5, 1, 2]) + sums
        np.testing.assert_array_equal(device.download(state), expected)


@counts
def test_squares(device: Backend, count: int) -> None:
    partial, factors = numbers(2, count) + 10, between(device, [0.0, 0.0])
    device.kernels.launch("add_squares", (), 2, between(device, partial), count, 1.0, factors)
    np.testing.assert_allclose(device.download(factors), 1 / np.sqrt(partial.sum(axis=1)), rtol=1e-15)


@counts
@pytest.mark.parametrize("wrong", [False, True])
def test_whether_all_is_finite(device: Backend, count: int, wrong: bool) -> None:
    for place in {0, count // 2, count - 1}:
        flags, state = np.ones(count), on(device, np.array([8.0, 3.0, 5.0]))
        flags[place] = not wrong
        device.kernels.launch("note_finite", (), 1, between(device, flags, other=0.0), count, state)
        assert device.download(state).tolist() == [8, 3, float(not wrong)]


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 20_000])
def test_measurements_of_a_batch(device: Backend, size: int) -> None:
    weight, labels = numbers(size), np.random.default_rng(size).integers(-1, 4, size)
    for name, template, array, arguments, expected in (
        ("sum_weights", (weight.dtype,), weight, (), weight.sum()),
        ("count_kept_labels", (), labels, (3,), np.sum(labels != 3)),
        ("count_not_binary", (weight.dtype,), weight, (), np.sum((weight != 0) & (weight != 1))),
    ):
        parts = totals.measure(device.kernels, 1, name, template, between_like(device, array), *arguments)
        assert device.download(parts).sum() == expected


def between_like(device: Backend, array: np.ndarray) -> Any:
    """Return an array on the device between two numbers that a sum or a count would show."""
    return on(device, np.concatenate([[100], array, [100]]).astype(array.dtype))[1:-1]


def test_blocks_go_on_where_there_are_not_enough(device: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixed, "BLOCKS", 2)
    values = numbers(64 * 101).astype(np.float32)
    gradients, state = on(device, values), on(device, np.array([8.0, 3.0, 5.0]))
    mixed.unscale(device.kernels, gradients, state)
    np.testing.assert_array_equal(device.download(gradients), values / 8)
    assert device.download(state).tolist() == [8, 3, 1]
    values[-1] = np.inf
    device.upload(values, gradients)
    mixed.unscale(device.kernels, gradients, state)
    assert device.download(state).tolist() == [8, 3, 0]
