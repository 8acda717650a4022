"""The kernel of the penalties against the Python classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_arrays import on

from gpunet import regularizers
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda import penalty as launches
from gpunet.backend.cuda import totals as sums
from gpunet.regularizers import L1, L1L2, L2, OrthogonalRegularizer, Regularizer

WITHOUT_KERNEL = {"OrthogonalRegularizer": "products of all rows with all rows: no sum over the elements"}
KINDS = {type(regularizers.get(name)).__name__ for name in regularizers.registry.names()}
MEMBERS = [L1(0.3), L2(0.02), L1L2(0.1, 0.2), L1L2(0.1, 0.0), L1L2(0.0, 0.2), L1(0.0), L2(0.0), L1L2()]
SHAPES = [(0,), (1,), (31,), (33, 1), (3, 127), (1025,), (1025, 5), (300, 200)]

every = pytest.mark.parametrize(
    "regularizer", MEMBERS, ids=lambda one: f"{type(one).__name__}({one.l1}, {one.l2})"
)
floats = pytest.mark.parametrize("dtype", ["float32", "float64"])


def both(
    device: Backend,
    regularizer: Regularizer,
    value: np.ndarray,
    offset: int = 0,
    wants_gradient: bool = True,
    times: int = 1,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return gradient and totals of the host and of the device."""
    start = np.linspace(-1, 1, value.size, dtype=value.dtype).reshape(value.shape)
    gradient, totals = start.copy(), np.array([0.75, 2.0])
    with np.errstate(all="ignore"):
        for _ in range(times):
            NumpyBackend().penalty(regularizer, value, gradient if wants_gradient else None, 32, totals)
    own = on(device, value, offset), on(device, start, offset), on(device, np.array([0.75, 2.0]))
    for _ in range(times):
        assert launches.penalty(
            device.kernels, regularizer, own[0], own[1] if wants_gradient else None, 32, own[2]
        )
    np.testing.assert_array_equal(device.download(own[0]), value)
    return [(gradient, totals), (device.download(own[1]), device.download(own[2]))]


def test_which_regularizers_have_a_kernel() -> None:
    assert set(catalogue.functors("Regularizer")) == KINDS - set(WITHOUT_KERNEL)


@every
@floats
@pytest.mark.parametrize("offset", [0, 1])
def test_value_and_gradient_are_those_of_the_class(
    device: Backend, regularizer: Regularizer, dtype: str, offset: int
) -> None:
    epsilon = np.finfo(dtype).eps
    for shape in SHAPES:
        value = np.random.default_rng(1).standard_normal(shape).astype(dtype)
        value.flat[: value.size // 3] = 0
        (gradient, totals), found = both(device, regularizer, value, offset)
        np.testing.assert_allclose(found[0], gradient, rtol=4 * epsilon, atol=4 * epsilon)
        np.testing.assert_allclose(found[1], totals, rtol=16 * epsilon)


def test_blocks_go_on_where_there_are_not_enough(device: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sums, "BLOCKS", 3)
    (gradient, totals), found = both(device, L2(0.1), np.random.default_rng(1).standard_normal(5000))
    np.testing.assert_allclose(found[0], gradient, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(found[1], totals, rtol=1e-13)


@every
@floats
def test_nan_and_infinity_have_the_values_of_the_class(
    device: Backend, regularizer: Regularizer, dtype: str
) -> None:
    for special in (np.nan, np.inf, -np.inf):
        value = np.array([0.5, special, -0.0], dtype)
        (gradient, totals), found = both(device, regularizer, value)
        np.testing.assert_allclose(found[0], gradient, rtol=1e-6)
        np.testing.assert_allclose(found[1], totals, rtol=1e-6)


@every
@floats
@pytest.mark.parametrize("size", [33, 60_000])
def test_no_gradient_is_written_where_none_is_wanted(
    device: Backend, regularizer: Regularizer, dtype: str, size: int
) -> None:
    value = np.random.default_rng(1).standard_normal(size).astype(dtype)
    (untouched, totals), found = both(device, regularizer, value, wants_gradient=False)
    np.testing.assert_array_equal(found[0], untouched)
    np.testing.assert_allclose(found[1], totals, rtol=16 * np.finfo(dtype).eps)


@pytest.mark.parametrize("size", [33, 60_000])
def test_penalties_add_up_and_repeat_to_the_bit(device: Backend, size: int) -> None:
    value = np.random.default_rng(1).standard_normal(size)
    (gradient, totals), found = both(device, L1L2(0.1, 0.2), value, times=2)
    np.testing.assert_allclose(found[0], gradient, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(found[1], totals, rtol=1e-13)
    again = both(device, L1L2(0.1, 0.2), value, times=2)[1]
    np.testing.assert_array_equal(again[0], found[0])
    np.testing.assert_array_equal(again[1], found[1])


def test_a_penalty_by_hand(device: Backend) -> None:
    (_, totals), found = both(device, L1L2(0.5, 2.0), np.array([1.0, -2.0]))
    assert found[1].tolist() == totals.tolist() == [0.75 + 32 * (0.5 * 3 + 2 * 5), 2.0]
    assert found[0].tolist() == [-1 + 0.5 + 4, 1 - 0.5 - 8]


class Tripled(L2):
    def __call__(self, x: Any) -> Any:
        return 3 * super().__call__(x)


@pytest.mark.parametrize("regularizer", [Tripled(0.1), OrthogonalRegularizer(0.1)])
def test_what_has_no_kernel_is_left_to_the_class(device: Backend, regularizer: Regularizer) -> None:
    value, totals = np.random.default_rng(1).standard_normal((4, 3)), np.zeros(2)
    gradient = np.zeros_like(value)
    NumpyBackend().penalty(regularizer, value, gradient, 32, totals)
    own = on(device, value), on(device, np.zeros_like(value)), on(device, np.zeros(2))
    assert not launches.penalty(device.kernels, regularizer, own[0], own[1], 32, own[2])
    device.penalty(regularizer, own[0], own[1], 32, own[2])
    np.testing.assert_allclose(device.download(own[1]), gradient, rtol=1e-12)
    np.testing.assert_allclose(device.download(own[2]), totals, rtol=1e-12)


@pytest.mark.parametrize("wrong", [0, 1])
def test_arrays_that_do_not_fit_are_refused(device: Backend, wrong: int) -> None:
    for bad in (device.zeros((4, 6), "float32")[:, ::2], device.zeros((4, 3), "float64")):
        arrays = [device.zeros((4, 3), "float32"), device.zeros((4, 3), "float32")]
        arrays[wrong] = bad
        assert not launches.penalty(device.kernels, L2(), *arrays, 32, device.zeros(2, "float64"))


def test_the_backend_takes_the_kernel(device: Backend) -> None:
    value = np.random.default_rng(1).standard_normal(5000)
    _, found = both(device, L2(0.1), value)
    gradient, totals = on(device, np.linspace(-1, 1, 5000)), on(device, np.array([0.75, 2.0]))
    device.penalty(L2(0.1), on(device, value), gradient, 32, totals)
    np.testing.assert_array_equal(device.download(gradient), found[0])
    np.testing.assert_array_equal(device.download(totals), found[1])
