"""The kernels of mixed precision."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.mixed_precision import LOSS_SCALE_STEPS
from gpunet.backend.precision import POLICIES

SIZES = [0, 64, 128, 64 * 33, 64 * 1025]  # an arena's sizes are multiples of 256 bytes


def arenas(device: Backend, policy: str, values: np.ndarray, scale: float = 1024.0) -> list[Any]:
    """Return a backend and the buffers of an arena, on the host and on the device."""
    found = []
    for backend in (NumpyBackend(), device):
        own = backend.with_precision(POLICIES[policy])
        flat, gradients = own.empty(values.shape, "float32"), own.empty(values.shape, "float32")
        own.upload(values, flat)
        own.upload(values * 1e3, gradients)
        state = own.zeros(3, "float64")
        own.upload(np.array([scale, 5.0, 1.0]), state)
        arena = SimpleNamespace(
            values=flat, gradients=gradients, loss_scale=state, operands=own.operands(flat)
        )
        found.append((own, arena))
    return found


def normal(size: int) -> np.ndarray:
    values = np.random.default_rng(size).standard_normal(size).astype("float32") * 100
    values[: min(size, 6)] = [0.0, -0.0, 70000.0, 1 + 2.0**-11, 1 + 2.0**-8, -1e-6][:size]
    return values


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_parameters_are_rounded(device: Backend, policy: str, size: int) -> None:
    values = normal(size)
    results = []
    for backend, arena in arenas(device, policy, values):
        with np.errstate(over="ignore"):
            backend.refresh(arena)
        results.append(backend.download(arena.operands))
    np.testing.assert_array_equal(*results)
    assert results[1].dtype == np.float32


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("wrong", [None, np.inf, -np.inf, np.nan])
def test_gradients_are_freed_from_the_scale(device: Backend, size: int, wrong: float | None) -> None:
    values = normal(size)
    if wrong is not None:
        values[size // 2 : size // 2 + 1] = wrong
    (host, expected), (own, arena) = arenas(device, "mixed_float16", values)
    for backend, one in ((host, expected), (own, arena)):
        backend.unscale(one)
    np.testing.assert_array_equal(own.download(arena.gradients), expected.gradients)
    np.testing.assert_array_equal(own.download(arena.loss_scale), expected.loss_scale)
    assert expected.loss_scale[2] == (wrong is None or size == 0)


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ([8.0, 0.0, 1.0], [8.0, 1.0, 1.0]),
        ([8.0, 7.0, 0.0], [4.0, 0.0, 0.0]),
        ([8.0, LOSS_SCALE_STEPS - 1, 1.0], [16.0, 0.0, 1.0]),
        ([8.0, LOSS_SCALE_STEPS - 2, 1.0], [8.0, LOSS_SCALE_STEPS - 1, 1.0]),
        ([8.0, LOSS_SCALE_STEPS - 1, 0.0], [4.0, 0.0, 0.0]),
    ],
)
def test_the_scale_adapts(device: Backend, state: list[float], after: list[float]) -> None:
    for backend in (NumpyBackend(), device):
        scale = backend.zeros(3, "float64")
        backend.upload(np.array(state), scale)
        backend.adapt_loss_scale(scale)
        assert backend.download(scale).tolist() == after
