"""Optimizers: rules that change parameters by their gradients, and schedules of their learning rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import schedules
from .adadelta import Adadelta
from .adagrad import Adagrad
from .adam import Adam
from .adamax import Adamax
from .adamw import AdamW
from .base import Optimizer, registry
from .nadam import Nadam
from .rmsprop import RMSprop
from .sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "registry",
    "schedules",
    "serialize",
]

serialize = registry.serialize


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the optimizer that ``serialize`` described, its schedule included.

    Args:
        config: A dictionary made by ``serialize``.
        custom_objects: Optimizers, schedules and learning rate functions of the caller's own by their names.

    Raises:
        ValueError: An unknown name, or arguments that the optimizer refuses.

    Example:
        >>> schedule = schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)
        >>> optimizer = deserialize(serialize(SGD(schedule)))
        >>> optimizer.iterations = 20
        >>> optimizer.learning_rate
        0.025
    """
    options = config.get("config") if isinstance(config, Mapping) else None
    if options and isinstance(options.get("learning_rate"), (Mapping, str)):
        rate = schedules.deserialize(options["learning_rate"], custom_objects)
        config = {**config, "config": {**options, "learning_rate": rate}}
    return registry.deserialize(config, custom_objects)


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the optimizer that ``identifier`` stands for.

    Args:
        identifier: ``None`` (returned as it is), a name, a dictionary made by ``serialize``, a class, or an
            ``Optimizer``.
        custom_objects: Names of the caller's own, looked up before the registered ones.

    Raises:
        ValueError: An unknown name, or something that is no optimizer.

    Example:
        >>> get("adam").learning_rate
        0.001
    """
    made = deserialize if isinstance(identifier, Mapping) else registry.get
    optimizer = made(identifier, custom_objects)
    if optimizer is not None and not isinstance(optimizer, Optimizer):
        raise ValueError(f"optimizer: expected a name or an Optimizer, got {identifier!r}.")
    return optimizer
