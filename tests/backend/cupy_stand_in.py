"""A stand-in for the module ``cupy``: NumPy behind arrays that are as strict as CuPy's.

A device array can't become a host array unasked, nor be mixed with one; reductions return arrays of no axes, not
numbers. So code that runs here keeps the rules that CuPy sets, without a GPU.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np


class DeviceArray(np.lib.mixins.NDArrayOperatorsMixin):
    """Wraps a host array that plays the memory of a GPU."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, host: np.ndarray) -> None:
        self._host = host

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return self._host.__array_interface__

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`.")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return on_device(getattr(ufunc, method))(*inputs, **options)

    def __array_function__(self, function: Callable[..., Any], _: Any, args: Any, options: Any) -> Any:
        return on_device(function)(*args, **options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # NumPy would read the memory through __array_interface__
            raise AttributeError(name)
        found = getattr(self._host, name)
        return on_device(found) if callable(found) else to_device(found)

    def __getitem__(self, index: Any) -> DeviceArray:
        return on_device(self._host.__getitem__)(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        on_device(self._host.__setitem__)(index, value)

    def __len__(self) -> int:
        return len(self._host)

    def __float__(self) -> float:
        return float(self._host)

    def __int__(self) -> int:
        return int(self._host)

    def __index__(self) -> int:
        return self._host.__index__()

    def __bool__(self) -> bool:
        return bool(self._host)

    def get(self) -> np.ndarray:
        return self._host.copy()

    def set(self, array: np.ndarray) -> None:
        if type(array) is not np.ndarray:
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if array.dtype != self._host.dtype or array.shape != self._host.shape:
            raise ValueError(f"{array.dtype}{array.shape} != {self._host.dtype}{self._host.shape}")
        if not self._host.flags.c_contiguous:
            raise RuntimeError("Cannot set to non-contiguous array")
        self._host[...] = array

    def tolist(self) -> Any:
        return self._host.tolist()


class StandIn(ModuleType):
    """The module: what it doesn't define itself is NumPy's, for device arrays only."""

    ndarray = DeviceArray
    __version__ = "0.stand-in"

    def __init__(self, devices: int = 1) -> None:
        super().__init__("cupy")
        self.cuda = SimpleNamespace(runtime=SimpleNamespace(getDeviceCount=lambda: devices))

    def __getattr__(self, name: str) -> Any:
        found = getattr(np, name)
        return on_device(found) if callable(found) and not isinstance(found, type) else found

    @staticmethod
    def asarray(array: Any, dtype: Any = None, order: Any = None) -> DeviceArray:
        host = array._host if isinstance(array, DeviceArray) else np.array(array)  # from the host: a copy
        return DeviceArray(np.asarray(host, dtype, order=order))

    @staticmethod
    def array(array: Any, dtype: Any = None) -> DeviceArray:
        return DeviceArray(np.array(to_host(array), dtype))

    @staticmethod
    def asnumpy(array: Any) -> np.ndarray:
        return array.get() if isinstance(array, DeviceArray) else np.asarray(array)


def on_device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the NumPy function for device arrays; host arrays are refused."""

    def run(*arguments: Any, **options: Any) -> Any:
        for value in (*arguments, *options.values()):
            if isinstance(value, np.ndarray):
                raise TypeError(f"Unsupported type {type(value)}")
        outs = options.get("out")
        result = function(
            *(to_host(value) for value in arguments),
            **{key: to_host(value) for key, value in options.items()},
        )
        if isinstance(outs, tuple) and len(outs) == 1:
            return outs[0]
        return outs if isinstance(outs, DeviceArray) else to_device(result)

    return run


def to_host(value: Any) -> Any:
    """Return what NumPy can compute with."""
    if isinstance(value, DeviceArray):
        return value._host
    return type(value)(map(to_host, value)) if type(value) in (tuple, list) else value


def to_device(value: Any) -> Any:
    """Return a result as CuPy would: numbers as arrays of no axes."""
    if isinstance(value, (np.ndarray, np.generic)):
        return DeviceArray(np.asarray(value))
    return type(value)(map(to_device, value)) if type(value) in (tuple, list) else value
