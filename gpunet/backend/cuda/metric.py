"""Launches the kernels of the metrics, which add one batch to the state that a metric keeps on the device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..formulas import Array, inherited, own
from . import catalogue, columns, counts, means
from .kernels import Kernels, is_contiguous

Launch = Callable[[Kernels, Any, Array, Array, Array | None], bool]

LAUNCHES: dict[str, Launch] = {
    "MeanMetricWrapper": means.function,
    "RootMeanSquaredError": means.score,
    "ConfusionMetric": counts.confusion,
    "AUC": counts.area,
    "OperatingPoint": counts.operating_point,
    "R2Score": columns.r2_score,
    "FBetaScore": columns.f_score,
}  # by the class that a metric inherits its ``update_state`` from


def update(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Let a metric take in one batch, see ``Backend.update_metric``.

    Args:
        kernels: The kernels of the device.
        metric: Its state is on the device. The first batch of a metric whose state has the shape of its columns isn't for
            kernels: then the state is made.
        y_true: Targets, in the precision that is computed in, or class indices.
        y_pred: Predictions.
        weight: One weight a sample, or ``None``.
    """
    if not (own(metric) and metric.variables and _fit(y_true, y_pred, weight)):
        return False
    launch = inherited(LAUNCHES, metric)
    return launch is not None and launch(kernels, metric, y_true, y_pred, weight)


def _fit(y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Tell whether kernels can take these arrays: contiguous, not empty, of matching types, a weight a sample."""
    real = np.float64 if y_pred.dtype == np.float64 else np.float32
    return (
        y_pred.dtype.name in catalogue.STORAGE
        and y_true.dtype in (real, np.int64)
        and y_pred.size > 0
        and is_contiguous(y_true, y_pred, weight)
        and (weight is None or (weight.shape, weight.dtype) == (y_pred.shape[:1], real))
    )
