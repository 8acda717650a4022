"""Activation functions: callable on plain arrays, each with its derivative."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Activation, register, registry
from .exponential_units import celu, elu, selu
from .gated import gelu, hard_silu, mish, silu
from .linear import exponential, linear
from .rectifiers import leaky_relu, relu, relu6, threshold
from .shrinking import hard_shrink, soft_shrink, tanh_shrink
from .sigmoids import hard_sigmoid, hard_tanh, sigmoid, softsign, sparse_sigmoid, tanh
from .softmax import log_softmax, softmax, sparsemax
from .softplus import log_sigmoid, softplus, sparse_plus, squareplus
from .step import step

__all__ = [
    "Activation",
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "register",
    "registry",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "step",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

swish, hard_swish = silu, hard_silu
serialize, deserialize = registry.serialize, registry.deserialize


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the activation that ``identifier`` stands for.

    Args:
        identifier: ``None`` (``linear``), a name, a dictionary made by ``serialize``, a class, or a function.
        custom_objects: Names of the caller's own, looked up before the registered ones.

    Raises:
        ValueError: An unknown name, or something that can't be called.

    Example:
        >>> get("relu") is relu, get(None) is linear
        (True, True)
    """
    if identifier is None:
        return linear
    activation = registry.get(identifier, custom_objects)
    if not callable(activation):
        raise ValueError(f"activation: expected a name or a function, got {identifier!r}.")
    return activation
