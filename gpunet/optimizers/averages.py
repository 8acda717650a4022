"""Fading averages of gradients and of their squares, in place."""

from __future__ import annotations

from typing import Any

from ..backend import Array


def average(xp: Any, mean: Array, x: Array, memory: float, scratch: Array) -> None:
    """Compute ``mean ← memory · mean + (1 - memory) · x`` in place; ``scratch`` is overwritten.

    Example:
        >>> import numpy as np
        >>> mean = np.array([1.0, 2.0])
        >>> average(np, mean, np.array([3.0, 2.0]), 0.75, np.empty(2))
        >>> mean.tolist()
        [1.5, 2.0]
    """
    mean *= memory
    xp.multiply(x, 1 - memory, out=scratch)
    mean += scratch


def average_square(xp: Any, mean: Array, x: Array, memory: float, scratch: Array) -> None:
    """Compute ``mean ← memory · mean + (1 - memory) · x²`` in place; ``scratch`` is overwritten.

    Example:
        >>> import numpy as np
        >>> mean = np.array([1.0])
        >>> average_square(np, mean, np.array([3.0]), 0.75, np.empty(1))
        >>> mean.tolist()
        [3.0]
    """
    mean *= memory
    xp.multiply(x, x, out=scratch)
    scratch *= 1 - memory
    mean += scratch
