"""Private copies of what arguments point to, far from one another, so that one past the end is nobody else's.

Arguments that overlap must see what the other one writes: they are views of one copy. Each is mapped to an address of its
own, so that an index which leads from one into the other is out of bounds all the same.
"""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from .arguments import Parameter, Pointer

PAGE = mmap.PAGESIZE
GAP = 256 * PAGE
ROOM = 1 << 36  # bytes of addresses; memory is taken where they are used
NO_RESERVE = 0x4000  # MAP_NORESERVE, which the module mmap doesn't name before Python 3.13


class Views:
    """The views of the arguments of one launch, made known to the checker.

    Args:
        runtime: The checker's library.
        parameters: What the kernel declares.
        arguments: What it is given.

    Attributes:
        arguments: The same with the addresses of the views.
    """

    def __init__(
        self, runtime: ctypes.CDLL, parameters: Sequence[Parameter], arguments: Sequence[Any]
    ) -> None:
        self._runtime, self._parameters = runtime, parameters
        self.arguments = list(arguments)
        self._free = _room().ctypes.data
        self._mapped: list[Any] = []
        self._written: list[tuple[Pointer, Pointer]] = []  # original and view
        users: dict[Pointer, list[int]] = {}
        for position, argument in enumerate(arguments):
            if isinstance(argument, Pointer) and argument.address:
                users.setdefault(argument, []).append(position)
        for piece in _pieces(users):
            self._make(piece, users)

    def copy_back(self) -> None:
        """Bring what the kernel may have written to where the arguments came from."""
        for original, view in self._written:
            ctypes.memmove(original.address, view.address, original.nbytes)

    def _make(self, piece: list[Pointer], users: dict[Pointer, list[int]]) -> None:
        """Make the views of one piece of memory."""
        low, high = piece[0].address, max(original.end for original in piece)
        declared = {
            original: [self._parameters[position] for position in users[original]] for original in piece
        }
        of_piece = [parameter for parameters in declared.values() for parameter in parameters]
        constant, granule = all(one.const for one in of_piece), min(one.size for one in of_piece)
        self._runtime.on_host_piece(ctypes.c_size_t(high - low), granule, not constant)
        sparse = any(original.sparse for original in piece)
        for original, start in zip(piece, self._starts(piece, low, high), strict=True):
            view = original._replace(address=start + original.address - low)
            if not sparse:  # sparse views have one address, and the checker can't tell which of them is meant
                constant = all(parameter.const for parameter in declared[original])
                ctypes.memmove(view.address, original.address, original.nbytes)
                if not constant:
                    self._written.append((original, view))
            for position in users[original]:
                self.arguments[position] = view
            self._runtime.on_host_argument(
                ctypes.c_void_p(view.address),
                ctypes.c_size_t(view.nbytes),
                ctypes.c_void_p(original.address),
                ctypes.c_size_t(original.address - low),
                constant,
                f"argument {' and '.join(map(str, users[original]))}".encode(),
            )

    def _starts(self, piece: list[Pointer], low: int, high: int) -> Iterator[int]:
        """Return where the piece begins, for each of its views; it lies in its page as the original does."""
        if any(original.sparse for original in piece):
            yield from [low] * len(piece)
        elif len(piece) == 1:
            yield self._free + low % PAGE
            self._free += (high - low) // PAGE * PAGE + GAP
        else:
            file, length = os.memfd_create("piece"), high - low + PAGE + 2 * GAP
            os.ftruncate(file, length)
            for _ in piece:
                self._mapped.append(np.frombuffer(mmap.mmap(file, length), np.uint8))
                yield self._mapped[-1].ctypes.data + GAP + low % PAGE
            os.close(file)


@cache
def _room() -> np.ndarray:
    """Return addresses for the copies of a launch; those of the next one will lie in the same memory."""
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | NO_RESERVE
    return np.frombuffer(mmap.mmap(-1, ROOM, flags=flags), np.uint8)


def _pieces(pointers: dict[Pointer, list[int]]) -> list[list[Pointer]]:
    """Return groups of pointers whose memory overlaps, in order of address."""
    pieces: list[list[Pointer]] = []
    end = 0
    for pointer in sorted(pointers):
        if pointer.address >= end:
            pieces.append([])
        pieces[-1].append(pointer)
        end = max(end, pointer.end)
    return pieces
