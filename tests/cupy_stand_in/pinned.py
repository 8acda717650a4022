"""Page-locked host memory."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .gpu import Gpu

UNIT = 512


class PinnedMemory(NamedTuple):
    """``cupy.cuda.pinned_memory.PooledPinnedMemory``."""

    ptr: int
    size: int


class PinnedMemoryPointer(bytearray):
    """``cupy.cuda.PinnedMemoryPointer``: a buffer, for ``numpy.frombuffer``. It is longer than was asked for."""

    gpu: Gpu

    def __init__(self, size: int) -> None:
        units = -(-size // UNIT)
        super().__init__(UNIT * (1 << (units - 1).bit_length() if units else 0))
        self.ptr = ctypes.addressof(ctypes.c_char.from_buffer(self)) if units else 0
        self.mem = PinnedMemory(self.ptr, len(self))
        self.gpu.pinned[self.ptr] = self

    def __int__(self) -> int:
        return self.ptr

    def size(self) -> int:
        """Return how many bytes there are."""
        return len(self)
