"""Checks of the numbers that optimizers and schedules are made with."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

RANGES: dict[str, Callable[[float], bool]] = {
    "[0, 1]": lambda value: 0 <= value <= 1,
    "[0, 1)": lambda value: 0 <= value < 1,
    "[0, inf)": lambda value: 0 <= value < math.inf,
    "[1, inf)": lambda value: 1 <= value < math.inf,
    "(0, inf)": lambda value: 0 < value < math.inf,
}


def number(owner: object, name: str, value: Any, within: str) -> float:
    """Return ``value`` as a float.

    Args:
        owner: Whose argument it is, for the error message.
        name: The argument's name.
        value: What was given.
        within: One of ``RANGES``.

    Raises:
        ValueError: It is no number, NaN, or out of range.

    Example:
        >>> number("Adam", "epsilon", 1, "(0, inf)")
        1.0
        >>> number("Adam", "beta_1", 1.5, "[0, 1)")
        Traceback (most recent call last):
        ValueError: Adam: `beta_1` must be a float between [0, 1). Received: beta_1=1.5
    """
    real = hasattr(value, "__float__") and not isinstance(value, bool) and np.ndim(value) == 0
    if not real or not RANGES[within](float(value)):
        raise ValueError(
            f"{_name(owner)}: `{name}` must be a float between {within}. Received: {name}={value!r}"
        )
    return float(value)


def count(owner: object, name: str, value: Any) -> int:
    """Return ``value`` as an int.

    Raises:
        ValueError: It is no integer of at least 1.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{_name(owner)}: `{name}` must be an integer >= 1. Received: {name}={value!r}")
    return int(value)


def _name(owner: object) -> str:
    return owner if isinstance(owner, str) else type(owner).__name__
