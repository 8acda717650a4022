"""``keras.src.backend``: variables, on NumPy."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy
import numpy as np
from numpy import shape

from gpunet.config import floatx, set_floatx

__all__ = [
    "Variable",
    "backend",
    "convert_to_numpy",
    "convert_to_tensor",
    "floatx",
    "numpy",
    "random",
    "set_floatx",
    "shape",
    "standardize_dtype",
]

Array = np.ndarray[Any, Any]
random = SimpleNamespace(SeedGenerator=np.random.default_rng)


def backend() -> str:
    return "gpunet"


def convert_to_tensor(x: Any, dtype: Any = None) -> Array:
    """Return an array; as in Keras, Python's numbers become 32 bits wide."""
    array = np.asarray(x)
    if dtype is None and not hasattr(x, "dtype"):
        dtype = {"f": floatx(), "i": "int32"}.get(array.dtype.kind)
    return np.asarray(array, dtype)


def convert_to_numpy(x: Any) -> Array:
    return np.array(x)


def standardize_dtype(dtype: Any) -> str:
    return np.dtype(dtype).name


class Variable(np.ndarray[Any, Any]):
    """An array with a name that can be assigned to."""

    name: str

    def __new__(
        cls, initial: Any, dtype: Any = None, trainable: bool = True, name: str = "variable"
    ) -> Variable:
        variable = np.array(convert_to_tensor(initial, dtype)).view(cls)
        variable.name = name
        return variable

    def assign(self, value: Any) -> None:
        self[...] = value

    def numpy(self) -> Array:
        return np.array(self)
