"""``keras.src.ops``: the few array functions that the tests make their data with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .backend import Array, convert_to_tensor

__all__ = [
    "arange",
    "array",
    "cast",
    "convert_to_tensor",
    "full",
    "log",
    "one_hot",
    "ones",
    "shape",
    "transpose",
    "zeros",
]

array = cast = convert_to_tensor
log, shape, transpose = np.log, np.shape, np.transpose


def _narrow(function: Callable[..., Array]) -> Callable[..., Array]:
    """Return a function of NumPy's whose results are as wide as Keras' are by default."""

    def narrowed(*arguments: Any, dtype: Any = None) -> Array:
        return convert_to_tensor(function(*arguments).tolist(), dtype)

    return narrowed


arange, full, ones, zeros = _narrow(np.arange), _narrow(np.full), _narrow(np.ones), _narrow(np.zeros)


def one_hot(x: Any, num_classes: int) -> Array:
    return np.eye(num_classes, dtype="float32")[np.asarray(x)]
