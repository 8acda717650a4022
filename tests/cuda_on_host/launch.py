"""The arguments of a launch: private copies with gaps around them, so that one past the end is nobody else's."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import build

if TYPE_CHECKING:
    from .module import Parameter

GAP = 4096
SIZES = {"float16": 2, "bfloat16": 2, "bool": 1, "other": 1}


class KernelError(RuntimeError):
    """A kernel did something that it must not, or was launched in a way that no device allows."""


class Pointer(NamedTuple):
    """An argument in memory.

    Attributes:
        address: Where it starts; 0 for a null pointer.
        nbytes: Its size.
        sparse: Whether it is used in place: memory that is mostly untouched.
    """

    address: int
    nbytes: int
    sparse: bool = False


class Arguments:
    """The arguments of one launch.

    Arguments that overlap, such as views of one buffer, share one copy: an index that leads from one into the other is
    not noticed.

    Args:
        where: The kernel, for errors.
        parameters: What it declares.
        given: What it is given.
        checked: Whether pointers are replaced by copies that the checker knows.

    Raises:
        TypeError: Their number or one of their types is wrong.
    """

    def __init__(
        self, where: str, parameters: Sequence[Parameter], given: Sequence[Any], checked: bool
    ) -> None:
        if len(given) != len(parameters):
            wanted = ", ".join(parameter.type for parameter in parameters)
            raise TypeError(f"{where}: expected {len(parameters)} arguments ({wanted}), got {len(given)}")
        self._copies: list[tuple[int, int, int]] = []  # where it came from, where it is, its size
        self._kept: list[Any] = []
        for position, (parameter, argument) in enumerate(zip(parameters, given, strict=True)):
            _check(f"{where}, argument {position}", parameter, argument)
        if checked:
            self._copy(parameters, given)
        self.values = (ctypes.c_void_p * max(len(given), 1))(*map(self._value, given))

    def _copy(self, parameters: Sequence[Parameter], given: Sequence[Any]) -> None:
        """Make a copy of each range of memory that arguments lie in, and tell the checker of it."""
        pointers = [
            (argument.address, argument.address + argument.nbytes, parameter, position)
            for position, (parameter, argument) in enumerate(zip(parameters, given, strict=True))
            if isinstance(argument, Pointer) and argument.nbytes
        ]
        ranges: list[list[Any]] = []
        for low, high, parameter, position in sorted(pointers, key=lambda pointer: pointer[:2]):
            if ranges and low < ranges[-1][1]:
                ranges[-1][1] = max(high, ranges[-1][1])
                ranges[-1][2].append((parameter, position))
            else:
                ranges.append([low, high, [(parameter, position)]])
        for low, high, users in ranges:
            sparse = any(given[position].sparse for _, position in users)
            address = low if sparse else self._private(low, high - low)
            granule = min(SIZES.get(p.type) or np.dtype(p.type).itemsize for p, _ in users)
            name = " and ".join(f"argument {position}" for _, position in users)
            constant = all(parameter.const for parameter, _ in users)
            build.runtime().on_host_region(
                ctypes.c_void_p(address),
                ctypes.c_size_t(high - low),
                granule,
                constant,
                sparse,
                name.encode(),
            )
            self._copies.append((low, address, high - low))

    def _private(self, address: int, size: int) -> int:
        room = np.empty(size + 2 * GAP + 256, np.uint8)
        self._kept.append(room)
        start: int = room.ctypes.data + GAP
        start += (address - start) % 256  # aligned as the original is
        ctypes.memmove(start, address, size)
        return start

    def _value(self, argument: Any) -> int:
        if isinstance(argument, Pointer):
            places = (
                copy + argument.address - low
                for low, copy, size in self._copies
                if low <= argument.address < low + size
            )
            holder: Any = ctypes.c_void_p(next(places, argument.address))
        else:
            holder = ctypes.create_string_buffer(argument.tobytes(), 8)
        self._kept.append(holder)
        return ctypes.addressof(holder)

    def copy_back(self) -> None:
        """Bring what the kernel wrote to where the arguments came from."""
        for address, copy, size in self._copies:
            if address != copy:
                ctypes.memmove(address, copy, size)


def _check(where: str, parameter: Parameter, argument: Any) -> None:
    if parameter.kind == "pointer":
        if not isinstance(argument, Pointer):
            raise TypeError(f"{where}: expected a pointer to {parameter.type}, got {argument!r}")
    elif not isinstance(argument, np.generic) or argument.dtype.name != parameter.type:
        raise TypeError(f"{where}: expected a scalar of {parameter.type}, got {argument!r}")
