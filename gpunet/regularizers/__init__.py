"""Regularizers: penalties on parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import Regularizer, registry
from .norms import L1, L1L2, L2
from .orthogonal import OrthogonalRegularizer

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "registry",
    "serialize",
]

l1, l2, l1_l2 = L1, L2, L1L2
serialize, deserialize = registry.serialize, registry.deserialize


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the regularizer that ``identifier`` stands for.

    Args:
        identifier: ``None`` (returned as it is), a name, a dictionary made by ``serialize``, a class, or a
            ``Regularizer``.
        custom_objects: Names of the caller's own, looked up before the registered ones.

    Raises:
        ValueError: An unknown name, or something without ``add_gradient``.

    Example:
        >>> get("l2").get_config()
        {'l2': 0.01}
    """
    regularizer = registry.get(identifier, custom_objects)
    if regularizer is not None and not hasattr(regularizer, "add_gradient"):
        raise ValueError(
            f"regularizer: expected a name or a Regularizer, got {identifier!r}. A number needs its norm, as in "
            "L2(0.01); a function of your own needs its gradient: subclass gpunet.regularizers.Regularizer."
        )
    return regularizer
