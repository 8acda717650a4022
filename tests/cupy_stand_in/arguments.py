"""The arguments of a kernel: what CuPy would pass as other bytes than the kernel reads is refused."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import DeviceArray
from .memory import MemoryPointer, Span

STORAGE = {"uint16": ("uint16", "bfloat16"), "bool": ("bool", "uint8"), "uint8": ("bool", "uint8")}
SCALARS = {bool: np.bool_, int: np.int64, float: np.float64}  # what CuPy makes of Python's numbers


def convert(kernel: str, parameters: tuple[Any, ...], arguments: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Return the arguments as the host tool takes them, and what the kernel may read and write."""
    if len(arguments) != len(parameters):
        listed = ", ".join(parameter.type for parameter in parameters)
        raise TypeError(f"{kernel}: expected {len(parameters)} arguments ({listed}), got {len(arguments)}")
    converted, reads, writes = [], [], []
    for position, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
        where = f"{kernel}, argument {position}: "
        if parameter.kind == "pointer":
            pointer, span = _pointer(where, parameter, argument)
            converted.append(pointer)
            if span is not None:
                (reads if parameter.const else writes).append(span)
        else:
            converted.append(_scalar(where, parameter, argument))
    return converted, reads, writes


def _pointer(where: str, parameter: Any, argument: Any) -> tuple[Any, Any]:
    from cuda_on_host import Pointer

    if argument is None or (isinstance(argument, (np.uintp, np.intp)) and argument == 0):
        return Pointer(0, 0), None
    if isinstance(argument, MemoryPointer):
        size = argument.mem.ptr + argument.mem.size - argument.ptr
        return Pointer(argument.ptr, size), Span(argument.mem, argument.ptr, argument.ptr + size)
    if isinstance(argument, np.ndarray):
        raise TypeError(
            f"{where}You are trying to pass a numpy.ndarray of shape {argument.shape} as a kernel parameter. "
            "If you meant to pass a pointer to __global__ memory, you need to pass a cupy.ndarray instead."
        )
    if not isinstance(argument, DeviceArray):
        raise TypeError(f"{where}expected an array for {parameter.type}*, got {argument!r}")
    if parameter.type not in STORAGE.get(argument.dtype.name, (argument.dtype.name,)):
        raise TypeError(f"{where}expected an array of {parameter.type}, got {argument.dtype}")
    if not argument.flags.c_contiguous:
        raise TypeError(f"{where}expected a C-contiguous array; a kernel sees no strides")
    return Pointer(argument.data.ptr, argument.nbytes), argument


def _scalar(where: str, parameter: Any, argument: Any) -> np.generic:
    """Return a scalar of exactly the parameter's type: CuPy passes its bytes, whatever the kernel expects."""
    passed = SCALARS[type(argument)](argument) if type(argument) in SCALARS else argument
    if not isinstance(passed, np.generic) or passed.dtype.name != parameter.type:
        given = type(argument).__name__
        raise TypeError(
            f"{where}expected a scalar of {parameter.type}, got {given}, which CuPy would pass as other bytes"
        )
    return passed
