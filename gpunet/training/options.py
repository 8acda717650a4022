"""The options that a step is recorded with."""

from __future__ import annotations

from typing import Any

CHANGING = "iterations", "_learning_rate"  # what a recorded step is told each time


def options(*owners: Any) -> tuple[tuple[str, float], ...]:
    """Return the numbers among the attributes of optimizers, losses, layers and the like.

    Example:
        >>> from gpunet.losses import Huber
        >>> ("delta", 0.5) in options(Huber(0.5))
        True
    """
    return tuple(
        (name, value)
        for owner in owners
        if owner is not None
        for name, value in vars(owner).items()
        if isinstance(value, (bool, int, float)) and name not in CHANGING
    )
