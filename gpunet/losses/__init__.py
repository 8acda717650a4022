"""Losses: functions with one value a sample, and classes that reduce them and know their gradient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .absolute import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    mean_absolute_error,
    mean_absolute_percentage_error,
)
from .base import Loss, registry
from .binary import BinaryCrossentropy, binary_crossentropy
from .categorical import CategoricalCrossentropy, categorical_crossentropy
from .cosine import CosineSimilarity, cosine_similarity
from .divergence import KLDivergence, Poisson, kl_divergence, poisson
from .hinge import Hinge, SquaredHinge, hinge, squared_hinge
from .robust import Huber, LogCosh, huber, log_cosh
from .sparse import SparseCategoricalCrossentropy, sparse_categorical_crossentropy
from .squared import (
    HalfMeanSquaredError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    half_mean_squared_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CosineSimilarity",
    "HalfMeanSquaredError",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "binary_crossentropy",
    "categorical_crossentropy",
    "cosine_similarity",
    "deserialize",
    "get",
    "half_mean_squared_error",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "registry",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
]

serialize, deserialize = registry.serialize, registry.deserialize

_OF_FUNCTION = {globals()[name]: name for name in registry.names() if name in globals()}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the loss that ``identifier`` stands for, ready to train with.

    Args:
        identifier: ``None`` (returned as it is), a name, a dictionary made by ``serialize``, a class, a ``Loss``, or
            one of the functions here (its class is meant).
        custom_objects: Names of the caller's own, looked up before the registered ones.

    Raises:
        ValueError: An unknown name, or a function of one's own: it has no gradient.

    Example:
        >>> get("mse").get_config()
        {'name': 'mean_squared_error', 'reduction': 'sum_over_batch_size'}
        >>> get(huber).delta
        1.0
    """
    if callable(identifier) and not isinstance(identifier, (type, Loss)):
        identifier = _OF_FUNCTION.get(identifier, identifier)
    loss = registry.get(identifier, custom_objects)
    if loss is not None and not isinstance(loss, Loss):
        raise ValueError(
            f"loss: expected a name or a Loss, got {loss!r}. A function of your own has no gradient: subclass "
            "gpunet.losses.Loss with call and gradient."
        )
    return loss
