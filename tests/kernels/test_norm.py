"""The kernels that clip gradients by their norms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet.arena import Arena
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import update
from gpunet.optimizers import SGD
from gpunet.parameter import Parameter

SIZES = [1025, 0, 1, 31, 33, 127]
LARGE = 2 * update.PART + 77  # three parts

floats = pytest.mark.parametrize("dtype", ["float32", "float64"])


def clipped(
    backend: Backend, gradients: list[np.ndarray], dtype: str = "float64", **options: Any
) -> list[np.ndarray]:
    """Return what gradients are clipped to: minus the step from 0 with the learning rate 1."""
    optimizer = SGD(1.0, **options)
    parameters = [Parameter(f"p{i}", np.zeros(len(gradient))) for i, gradient in enumerate(gradients)]
    arena = Arena(backend, parameters, dtype=dtype)
    optimizer.build(arena)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        backend.upload(gradient, parameter.gradient)
    table = backend.resident(optimizer.table(0, 1), np.float64)
    with np.errstate(all="ignore"):
        backend.update(optimizer, arena, optimizer.state, table, backend.zeros(3, np.int64))
    return [-parameter.numpy() for parameter in parameters]


def normal(sizes: list[int], dtype: str) -> list[np.ndarray]:
    generator = np.random.default_rng(4)
    return [(scale + 1) * generator.standard_normal(size).astype(dtype) for scale, size in enumerate(sizes)]


def assert_all_close(got: list[np.ndarray], expected: list[np.ndarray], dtype: str) -> None:
    tolerance = 4 * float(np.finfo(dtype).eps)
    for own, other in zip(got, expected, strict=True):
        assert own.dtype == dtype
        np.testing.assert_allclose(own, other, rtol=tolerance)


@floats
@pytest.mark.parametrize("sizes", [SIZES, [LARGE, 0, 5], [3, LARGE, update.PART, update.PART + 1]], ids=str)
@pytest.mark.parametrize("limit", [0.5, 3.0, 50.0])
def test_the_norm_of_each_parameter(device: Backend, sizes: list[int], limit: float, dtype: str) -> None:
    gradients = normal(sizes, dtype)
    norms = [np.linalg.norm(gradient.astype("float64")) for gradient in gradients]
    expected = [g * (limit / max(norm, limit)) for g, norm in zip(gradients, norms, strict=True)]
    assert_all_close(clipped(device, gradients, dtype, clipnorm=limit), expected, dtype)


@floats
@pytest.mark.parametrize("sizes", [[1], SIZES, [LARGE, 0, 5], [5, 3 * update.PART]], ids=str)
def test_the_norm_of_all(device: Backend, sizes: list[int], dtype: str) -> None:
    gradients = normal(sizes, dtype)
    norm = np.linalg.norm(np.concatenate(gradients).astype("float64"))
    for limit in (norm / 3, norm * 1.5):
        expected = [gradient * (limit / max(norm, limit)) for gradient in gradients]
        assert_all_close(clipped(device, gradients, dtype, global_clipnorm=limit), expected, dtype)


@pytest.mark.parametrize("blocks", [1, 3, 6, 12])
def test_few_blocks_for_many_parameters(
    device: Backend, blocks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(update, "BLOCKS", blocks)
    gradients = normal([LARGE, 64, 65], "float64")
    expected = [gradient / np.linalg.norm(gradient) for gradient in gradients]
    assert_all_close(clipped(device, gradients, clipnorm=1.0), expected, "float64")


@floats
@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
def test_up_to_the_limit_nothing_changes(device: Backend, option: str, dtype: str) -> None:
    gradients = [np.array([3.0, 0.0, 4.0], dtype), np.zeros(2, dtype)]
    for limit in (5.0, 7.0):
        for own, other in zip(clipped(device, gradients, dtype, **{option: limit}), gradients, strict=True):
            np.testing.assert_array_equal(own, other)
    np.testing.assert_allclose(clipped(device, gradients, dtype, **{option: 2.5})[0], [1.5, 0, 2])


@floats
@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity(device: Backend, option: str, odd: float, dtype: str) -> None:
    gradients = [np.array([1.0, odd, -2.0], dtype), np.array([30.0], dtype)]
    expected = clipped(NumpyBackend(), gradients, dtype, **{option: 10.0})
    for own, other in zip(clipped(device, gradients, dtype, **{option: 10.0}), expected, strict=True):
        np.testing.assert_array_equal(own, other)


def test_squares_that_float32_can_not_hold(device: Backend) -> None:
    got = clipped(device, [np.array([3e30, 4e30], "float32")], "float32", global_clipnorm=1.0)
    np.testing.assert_allclose(got[0], [0.6, 0.8], rtol=1e-6)


@pytest.mark.parametrize("option", ["clipnorm", "global_clipnorm"])
def test_the_bits_repeat(device: Backend, option: str) -> None:
    gradients = normal([LARGE, 33], "float32")
    first, second = (clipped(device, gradients, "float32", **{option: 1.0}) for _ in range(2))
    for own, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(own, other)
