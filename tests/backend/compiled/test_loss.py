"""Kernels of losses: the value and the gradient of the reference, without Python in the step."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from metric_batches import batches

pytest.importorskip("numba")
from gpunet import losses
from gpunet.backend import NumpyBackend
from gpunet.backend.compiled.recording import Recording
from gpunet.backend.compiled_backend import CompiledBackend

LOSSES = [
    losses.MeanSquaredError(),
    losses.HalfMeanSquaredError(),
    losses.MeanSquaredLogarithmicError(reduction="sum"),
    losses.MeanAbsoluteError(),
    losses.MeanAbsolutePercentageError(),
    losses.Huber(delta=0.3),
    losses.LogCosh(reduction="mean_with_sample_weight"),
    losses.Poisson(),
    losses.KLDivergence(),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (31, 2), (33, 10), (127, 33), (1025, 1)])
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_values_and_gradients_are_those_of_the_reference(
    loss: Any, shape: tuple[int, int], dtype: str
) -> None:
    tolerance = 1e-12 if dtype == "float64" else 2e-5
    for kind in ("positive", "binary", "distributions"):  # "binary" has predictions of 0, NaN and -∞
        for weighted in (False, True):
            y_true, y_pred, weight = batches(kind, shape, dtype, weighted)[0]
            compiled, reference = (
                (np.full(shape, 7, dtype), np.array([1.5, 2.0])) for _ in ("compiled", "reference")
            )
            backend = CompiledBackend()
            operation = partial(backend.loss, loss, y_true, y_pred, weight, None, *compiled)
            recording = Recording([operation], backend.kernels)
            with np.errstate(all="ignore"):
                recording(1)
                NumpyBackend().loss(loss, y_true, y_pred, weight, None, *reference)
            assert recording.whole
            for found, expected in zip(compiled, reference, strict=True):
                scale = np.nanmax(np.abs(expected[np.isfinite(expected)]), initial=0.0)
                np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance * scale)
