"""A loss on the device and by its Python formula, for kernel tests."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from device_arrays import EPSILON, computed, on, stored

from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import loss as launches
from gpunet.losses import Loss

SIZES = [0, 1, 31, 33, 127, 1025]


class Result(NamedTuple):
    """What a loss leaves behind, in numbers that are computed with."""

    gradient: np.ndarray
    predictions: np.ndarray | None
    totals: np.ndarray


class Case(NamedTuple):
    """A batch: targets and weights as they are computed with, predictions or logits as they are stored."""

    y_true: np.ndarray
    y_pred: np.ndarray
    weight: np.ndarray | None = None
    fused: bool = False
    loss_scale: float | None = None

    def on_host(self, loss: Loss, times: int = 1) -> Result:
        """Compute as the Python formula says; 16-bit formats in float32."""
        y_pred = computed(self.y_pred)
        gradient, predictions = np.empty_like(y_pred), np.empty_like(y_pred) if self.fused else None
        totals = np.array([1.5, 2.0])
        scale = None if self.loss_scale is None else np.array([self.loss_scale, 0, 1])
        with np.errstate(all="ignore"):
            for _ in range(times):
                NumpyBackend().loss(
                    loss, self.y_true, y_pred, self.weight, predictions, gradient, totals, scale
                )
        return Result(gradient, predictions, totals)

    def on_device(
        self, device: Backend, loss: Loss, times: int = 1, offset: int = 0, wants_gradient: bool = True
    ) -> Result:
        """Compute with the kernel, on arrays that start some elements beyond an aligned address."""
        y_true, y_pred = on(device, self.y_true, offset), on(device, self.y_pred, offset)
        weight = None if self.weight is None else on(device, self.weight, offset)
        unset = stored(np.full(self.y_pred.shape, 7.0), self.y_pred.dtype.name)
        gradient = on(device, unset, offset) if wants_gradient else None
        predictions = on(device, unset, offset) if self.fused else None
        totals = on(device, np.array([1.5, 2.0]))
        scale = None if self.loss_scale is None else on(device, np.array([self.loss_scale, 0, 1]))
        for _ in range(times):
            assert launches.loss(
                device.kernels, loss, y_true, y_pred, weight, predictions, gradient, totals, scale
            )
        for array, before in ((y_true, self.y_true), (y_pred, self.y_pred), (weight, self.weight)):
            if before is not None:
                np.testing.assert_array_equal(device.download(array), before)
        return Result(
            computed(device.download(gradient) if wants_gradient else unset),
            None if predictions is None else computed(device.download(predictions)),
            device.download(totals),
        )

    def assert_agrees(self, device: Backend, loss: Loss, units: float = 16, offset: int = 0) -> Result:
        """Compare host and device: to some units in the last place of the largest numbers."""
        expected, found = self.on_host(loss), self.on_device(device, loss, offset=offset)
        dtype = self.y_pred.dtype.name
        precision = units * EPSILON["float64" if dtype == "float64" else "float32"]
        assert_close(found.gradient, expected.gradient, precision, dtype)
        if expected.predictions is not None:
            assert_close(found.predictions, expected.predictions, precision, dtype)
        np.testing.assert_allclose(found.totals, expected.totals, rtol=precision, atol=precision)
        return found


def assert_close(
    found: np.ndarray | None,
    expected: np.ndarray,
    precision: float,
    dtype: str,
    axis: int | None = None,
    least: float = 0.0,
) -> None:
    """Compare relative to each number and to the largest one: the others may be differences of numbers of that size.

    The largest of all or along an axis, or ``least`` where all are smaller. What is stored in 16 bits may be one unit off,
    where the host was about to round the other way.
    """
    assert found is not None
    size = np.abs(np.where(np.isfinite(expected), expected, 0))
    margin = precision * (size + size.max(axis=axis, keepdims=True, initial=least))
    with np.errstate(over="ignore", invalid="ignore"):
        if EPSILON[dtype] > EPSILON["float32"]:
            expected = computed(stored(expected, dtype))
            margin = margin + EPSILON[dtype] * size + (2.0**-24 if dtype == "float16" else 0)
        close = np.abs(found - expected) <= margin
    wrong = ~(close | (found == expected) | (np.isnan(found) & np.isnan(expected)))
    assert not wrong.any(), (
        f"{wrong.sum()} of {wrong.size}, such as {found[wrong][0]}, not {expected[wrong][0]}"
    )
