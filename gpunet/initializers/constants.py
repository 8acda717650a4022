"""Initializers without randomness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from .base import Initializer, Values, registry


@registry.register("constant")
class Constant(Initializer):
    """The same value everywhere, or given values.

    Args:
        value: A number, or an array of the shape that will be asked for.

    Raises:
        ValueError: At the call, if an array of another shape is asked for.

    Example:
        >>> Constant(0.5)((2,)).tolist(), Constant([1.0, 2.0])((2,)).tolist()
        ([0.5, 0.5], [1.0, 2.0])
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Values:
        if np.ndim(self.value) and np.shape(self.value) != tuple(shape):
            raise ValueError(
                f"Constant: Expected `shape` to be {np.shape(self.value)}, the shape of its value, got {tuple(shape)}."
            )
        return np.full(shape, self.value, dtype or config.floatx())

    def get_config(self) -> dict[str, Any]:
        return {"value": np.asarray(self.value).tolist()}


@registry.register("zeros", "zero")
class Zeros(Initializer):
    """0 everywhere.

    Example:
        >>> Zeros()((2,)).tolist()
        [0.0, 0.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Values:
        return np.zeros(shape, dtype or config.floatx())


@registry.register("ones", "one")
class Ones(Initializer):
    """1 everywhere.

    Example:
        >>> Ones()((2,)).tolist()
        [1.0, 1.0]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Values:
        return np.ones(shape, dtype or config.floatx())


@registry.register("identity", "IdentityInitializer")
class Identity(Initializer):
    """``gain`` on the diagonal of a matrix, 0 elsewhere.

    Args:
        gain: The value on the diagonal.

    Raises:
        ValueError: At the call, if the shape is not that of a matrix.

    Example:
        >>> Identity(gain=2)((2, 2)).tolist()
        [[2.0, 0.0], [0.0, 2.0]]
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Values:
        if len(shape) != 2:
            raise ValueError(f"Identity: expected the shape of a matrix, got {tuple(shape)}.")
        values: Values = self.gain * np.eye(shape[0], shape[1], dtype=dtype or config.floatx())
        return values

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain}
