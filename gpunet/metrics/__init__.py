"""Metrics: numbers that build up over batches, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..losses import (
    binary_crossentropy,
    categorical_crossentropy,
    hinge,
    kl_divergence,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
    poisson,
    sparse_categorical_crossentropy,
    squared_hinge,
)
from .accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from .auc import AUC
from .base import Metric, registry
from .confusion import FalseNegatives, FalsePositives, TrueNegatives, TruePositives
from .f_score import F1Score, FBetaScore
from .hinge import Hinge, SquaredHinge
from .operating_point import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from .precision import Precision, Recall
from .probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from .r2_score import R2Score
from .reduction import Mean, MeanMetricWrapper, Sum
from .regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
    cosine_similarity,
)
from .resolve import RESOLVED_NAMES, resolve
from .top_k import (
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)

__all__ = [
    "AUC",
    "RESOLVED_NAMES",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "cosine_similarity",
    "deserialize",
    "get",
    "hinge",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "registry",
    "resolve",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]

deserialize = registry.deserialize


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the metric that ``identifier`` stands for.

    Args:
        identifier: ``None`` (returned as it is), a name, a dictionary made by ``serialize``, a class, a ``Metric``, or
            a function ``f(y_true, y_pred)``.
        custom_objects: Names of the caller's own, looked up before the registered ones.

    Raises:
        ValueError: An unknown name, or something that can't be called.

    Example:
        >>> get("mse").name, get(Precision).thresholds
        ('mean_squared_error', [0.5])
    """
    metric = registry.get(identifier, custom_objects)
    if metric is not None and not callable(metric):
        raise ValueError(f"metric: expected a name, a Metric or a function, got {identifier!r}.")
    return metric


def serialize(metric: Any) -> Any:
    """Return the JSON-able description of a metric: a name, or ``{"class_name", "config"}``.

    Functions, also those that a ``MeanMetricWrapper`` holds, are described by their names; to read such a description
    ``deserialize`` needs those of one's own among its ``custom_objects``. So it does for losses of one's own.

    Example:
        >>> serialize("accuracy"), serialize(Hinge())["class_name"]
        ('accuracy', 'Hinge')
    """
    description = registry.serialize(metric)
    if isinstance(description, dict) and callable(description["config"].get("fn")):
        description["config"]["fn"] = registry.serialize(description["config"]["fn"])
    return description
