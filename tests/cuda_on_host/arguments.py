"""The arguments of a launch: their types are checked, and what they point to is handed to the checker."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np


class Parameter(NamedTuple):
    """A parameter of a kernel.

    Attributes:
        kind: ``"pointer"`` or ``"value"``.
        const: Whether what it points to is constant.
        type: The (element's) type, by its NumPy name, ``"bfloat16"``, or ``"other"``.
    """

    kind: str
    const: bool
    type: str

    @property
    def size(self) -> int:
        """The bytes of a value or an element, 1 if they aren't known."""
        sizes = {"bfloat16": 2, "other": 1}
        return sizes.get(self.type) or np.dtype(self.type).itemsize


class Pointer(NamedTuple):
    """An argument in memory.

    Attributes:
        address: Where it starts; 0 for a null pointer.
        nbytes: Its size.
        sparse: Whether it is used in place instead of being copied: memory that is mostly untouched.
    """

    address: int
    nbytes: int
    sparse: bool = False

    @property
    def end(self) -> int:
        """The address behind the last byte."""
        return self.address + self.nbytes


def check(kernel: str, parameters: Sequence[Parameter], arguments: Sequence[Any]) -> None:
    """Check that there are as many arguments as parameters, and of the same types.

    Raises:
        TypeError: They don't fit.
    """
    if len(arguments) != len(parameters):
        wanted = ", ".join(parameter.type + "*" * (parameter.kind == "pointer") for parameter in parameters)
        raise TypeError(f"{kernel}: expected {len(parameters)} arguments ({wanted}), got {len(arguments)}")
    for position, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
        where = f"{kernel}, argument {position}"
        if parameter.kind == "pointer":
            if not isinstance(argument, Pointer):
                raise TypeError(f"{where}: expected a pointer to {parameter.type}, got {argument!r}")
        elif not isinstance(argument, np.generic) or argument.dtype.name != parameter.type:
            raise TypeError(f"{where}: expected a scalar of {parameter.type}, got {argument!r}")


def pack(arguments: Sequence[Any]) -> tuple[Any, list[Any]]:
    """Return an array of pointers to the arguments, and what must live as long as it."""
    held: list[Any] = [
        ctypes.c_void_p(argument.address) if isinstance(argument, Pointer) else np.array(argument)
        for argument in arguments
    ]
    addresses = [one.ctypes.data if isinstance(one, np.ndarray) else ctypes.addressof(one) for one in held]
    return (ctypes.c_void_p * max(len(held), 1))(*addresses), held
