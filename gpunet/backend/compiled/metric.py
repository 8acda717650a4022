"""Which kernel takes in a batch of a metric."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..formulas import Array, inherited, own
from . import columns, counts, means
from .issue import Issue

Launch = Callable[[Issue, Any, Array, Array, Array | None], bool]

LAUNCHES: dict[str, Launch] = {
    **dict.fromkeys(means.KERNELS, means.mean),
    "ConfusionMetric": counts.at_thresholds,
    "AUC": counts.area,
    "OperatingPoint": counts.operating_point,
    "R2Score": columns.r2,
    "FBetaScore": columns.f_beta,
}  # by the class of a metric, or one that it inherits its ``update_state`` from


def update(issue: Issue, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Let a metric take in one batch, see ``Backend.update_metric``."""
    if not own(metric) or y_pred.ndim != 2 or y_pred.size == 0:
        return False
    if weight is not None and weight.shape != y_pred.shape[:1]:
        return False
    launch = inherited(LAUNCHES, metric)
    return launch is not None and launch(issue, metric, y_true, y_pred, weight)
