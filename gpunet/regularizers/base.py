"""What a regularizer is: a penalty on a parameter, and its gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..backend import Array
from ..registry import Configurable, Registry

registry: Registry[Regularizer] = Registry("regularizer")


class Regularizer(Configurable):
    """A penalty ``R(W)`` that is added to the loss.

    Example:
        >>> import numpy as np
        >>> class Cubed(Regularizer):
        ...     def __call__(self, x):
        ...         return (abs(x) ** 3).sum()
        ...     def add_gradient(self, xp, value, gradient):
        ...         gradient += 3 * value * abs(value)
        >>> float(Cubed()(np.array([1.0, -2.0])))
        9.0
    """

    def __call__(self, x: Any) -> Any:
        """Return the penalty of the parameter ``x``, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(x).")

    def add_gradient(self, xp: Any, value: Array, gradient: Array) -> None:
        """Add ``∂R/∂W`` at ``value`` to ``gradient``, in place."""
        raise NotImplementedError(f"{type(self).__name__} defines no add_gradient(xp, value, gradient).")


def validate_float_arg(value: Any, name: str) -> float:
    """Return ``value`` as a float.

    Raises:
        ValueError: It is not a finite number of at least 0.
    """
    if not isinstance(value, (int, float, np.integer, np.floating)) or not 0 <= value < math.inf:
        raise ValueError(
            f"Invalid value for argument {name}: expected a non-negative float. Received: {name}={value}"
        )
    return float(value)
