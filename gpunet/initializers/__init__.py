"""Initializers: the first values of parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .base import Initializer, RandomInitializer, registry
from .constants import Constant, Identity, Ones, Zeros
from .random import Orthogonal, RandomNormal, RandomUniform, TruncatedNormal
from .scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
    compute_fans,
)

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "RandomInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "compute_fans",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "registry",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

zeros, ones, constant, identity = Zeros, Ones, Constant, Identity
random_normal, random_uniform, truncated_normal = RandomNormal, RandomUniform, TruncatedNormal
orthogonal, variance_scaling = Orthogonal, VarianceScaling
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
serialize, deserialize = registry.serialize, registry.deserialize


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the initializer that ``identifier`` stands for.

    Args:
        identifier: ``None`` (returned as it is), a name, a dictionary made by ``serialize``, a class, a function
            ``(shape, dtype) -> array``, or an array: the values themselves.
        custom_objects: Names of the caller's own, looked up before the registered ones.

    Raises:
        ValueError: An unknown name, or something else that can't be called.

    Example:
        >>> get("he_normal")((2, 3)).shape, get(np.eye(2))((2, 2)).tolist()
        ((2, 3), [[1.0, 0.0], [0.0, 1.0]])
    """
    if isinstance(identifier, (np.ndarray, np.generic)):
        return Constant(identifier)
    initializer = registry.get(identifier, custom_objects)
    if initializer is not None and not callable(initializer):
        raise ValueError(f"initializer: expected a name, a function or an array, got {identifier!r}.")
    return initializer
