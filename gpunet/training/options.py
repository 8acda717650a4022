"""The options that a step is recorded with."""

from __future__ import annotations

from typing import Any

import numpy as np

CHANGING = "iterations", "_learning_rate"  # what a recorded step is told each time


def options(*owners: Any) -> tuple[Any, ...]:
    """Return which objects a step is made of, and the numbers and words among their attributes.

    Args:
        owners: Optimizers, losses, layers and the like, or ``None``. Who compares keeps them: another object may get the
            number of one that is gone.

    Example:
        >>> from gpunet.losses import Huber
        >>> ("delta", 0.5) in options(Huber(0.5))
        True
    """
    found: list[Any] = []
    for owner in owners:
        found.append(id(owner))
        found += [
            (name, value)
            for name, value in (vars(owner).items() if owner is not None else ())
            if isinstance(value, (bool, int, float, str, np.generic)) and name not in CHANGING
        ]
    return tuple(found)
