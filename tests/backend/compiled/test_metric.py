"""Kernels of metrics: they leave the state that the reference leaves, and steps with them need no Python."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from metric_batches import batches

pytest.importorskip("numba")
from gpunet import metrics
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.compiled import metric as launches
from gpunet.backend.compiled.recording import Recording
from gpunet.backend.compiled_backend import CompiledBackend

Make = Callable[[], metrics.Metric]

COUNTS: list[tuple[Make, str]] = [
    (metrics.CategoricalAccuracy, "binary"),
    (metrics.SparseCategoricalAccuracy, "labels"),
    (metrics.TruePositives, "binary"),
    (metrics.FalsePositives, "binary"),
    (metrics.TrueNegatives, "binary"),
    (metrics.FalseNegatives, "binary"),
    (partial(metrics.Precision, thresholds=[0.7, 0.1, 0.5]), "one_hot"),
    (partial(metrics.Recall, class_id=0), "one_hot"),
    (metrics.AUC, "binary"),
    (partial(metrics.AUC, thresholds=[0.5, 0.1, 0.7]), "binary"),
    (partial(metrics.AUC, num_thresholds=50, from_logits=True), "scores"),
    (partial(metrics.SpecificityAtSensitivity, 0.5, num_thresholds=1), "binary"),
    (metrics.F1Score, "binary"),
    (partial(metrics.F1Score, average="micro"), "one_hot"),
    (partial(metrics.FBetaScore, beta=2.0, threshold=0.5), "binary"),
    (partial(metrics.PrecisionAtRecall, 0.5, num_thresholds=21, class_id=0), "binary"),
]
SUMS: list[tuple[Make, str]] = [
    (metrics.BinaryAccuracy, "binary"),
    (partial(metrics.BinaryAccuracy, threshold=0.3), "binary"),
    (metrics.MeanSquaredError, "positive"),
    (metrics.RootMeanSquaredError, "positive"),
    (metrics.MeanAbsoluteError, "positive"),
    (metrics.MeanAbsolutePercentageError, "positive"),
    (metrics.MeanSquaredLogarithmicError, "positive"),
    (metrics.LogCoshError, "positive"),
    (metrics.Poisson, "positive"),
    (metrics.KLDivergence, "distributions"),
    (metrics.R2Score, "positive"),
    (partial(metrics.FBetaScore, average="macro"), "positive"),
]
PYTHON: list[tuple[Make, str]] = [
    (partial(metrics.Precision, top_k=2), "binary"),
    (partial(metrics.AUC, num_thresholds=11, multi_label=True, num_labels=10), "binary"),
    (partial(metrics.AUC, label_weights=np.arange(10)), "binary"),
    (metrics.TopKCategoricalAccuracy, "binary"),
]


def state_after(backend: Backend, make: Make, given: list[Any]) -> list[np.ndarray]:
    """Return what a metric has kept of some batches, each a step of a recording."""
    metric = make()
    with np.errstate(all="ignore"):
        metric.update_state(*(array[:1] for array in given[0][:2]))  # makes the state
        metric.reset_state()
        for batch in given:
            backend.record([partial(backend.update_metric, metric, *batch)])(1)
    return list(metric.variables)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(1, 1), (31, 2), (33, 10), (127, 33), (1025, 1)])
@pytest.mark.parametrize(("make", "kind"), [*COUNTS, *SUMS])
def test_states_are_those_of_the_reference(make: Make, kind: str, shape: tuple[int, int], dtype: str) -> None:
    for weighted in (False, True):
        given = batches(kind, shape, dtype, weighted)
        expected = state_after(NumpyBackend(), make, given)
        exact = not weighted and (make, kind) in COUNTS
        tolerance = 0 if exact else 1e-13 if dtype == "float64" or (make, kind) in COUNTS else 2e-6
        for found, value in zip(state_after(CompiledBackend(), make, given), expected, strict=True):
            scale = np.nanmax(np.abs(value), initial=0.0)
            np.testing.assert_allclose(found, value, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize(
    ("make", "kind", "whole"),
    [*((*case, True) for case in (*COUNTS, *SUMS)), *((*case, False) for case in PYTHON)],
)
def test_which_metrics_need_python(make: Make, kind: str, whole: bool) -> None:
    metric, backend = make(), CompiledBackend()
    (batch, _) = batches(kind, (33, 10), "float32", weighted=True)
    with np.errstate(all="ignore"):
        metric.update_state(*batch)
    recording = Recording([partial(backend.update_metric, metric, *batch)], backend.kernels)
    assert recording.whole is whole


@pytest.mark.parametrize("make", [metrics.MeanAbsoluteError, metrics.Precision, metrics.AUC])
def test_kernels_refuse_targets_of_another_type_or_shape(make: Make) -> None:
    backend, y_pred = CompiledBackend(), np.full((4, 2), 0.75)
    for y_true in (np.ones((4, 2), np.int64), np.ones((4, 1))):
        assert not launches.update(backend.kernels, make(), y_true, y_pred, None)
    assert not launches.update(backend.kernels, make(), np.ones((0, 2)), np.ones((0, 2)), None)


@pytest.mark.parametrize("make", [metrics.R2Score, metrics.F1Score])
def test_kernels_refuse_other_columns_than_the_state_has(make: Make) -> None:
    metric = make()
    metric.update_state(np.ones((4, 1)), np.ones((4, 1)))
    assert not launches.update(CompiledBackend().kernels, metric, np.ones((4, 3)), np.ones((4, 3)), None)
