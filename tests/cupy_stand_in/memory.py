"""Device memory: blocks of the host's memory that know whether they were freed."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import copies
from .errors import OUT_OF_MEMORY, CUDARuntimeError

if TYPE_CHECKING:
    from .gpu import Gpu
    from .pool import MemoryPool

UNIT = 512  # bytes that a block is rounded up and aligned to
GARBAGE = 0xFF  # in new memory: NaN in every floating-point type


class Block:
    """What ``cudaMalloc`` returns; a pool hands it out again and again.

    Attributes:
        bytes: The memory.
        ptr: Its address.
        size: Its length in bytes.
        owner: The ``Memory`` that has it now, or ``None`` while it is free.
    """

    def __init__(self, gpu: Gpu, size: int) -> None:
        if gpu.allocated + size > gpu.total_memory:
            raise CUDARuntimeError(OUT_OF_MEMORY)
        gpu.allocated += size
        raw = np.empty(size + UNIT, np.uint8)
        start = -raw.ctypes.data % UNIT
        self.bytes = raw[start : start + size]
        self.ptr, self.size = int(self.bytes.ctypes.data), size
        self.owner: weakref.ref[Memory] | None = None


class Memory:
    """``cupy.cuda.memory.PooledMemory``: the right to a block, given up when nothing refers to it any more."""

    device_id = 0

    def __init__(self, pool: MemoryPool | None, block: Block | None, stream: int = 0) -> None:
        self.pool, self.block, self._stream = pool, block, stream
        self.ptr, self.size = (block.ptr, block.size) if block else (0, 0)
        if block is not None:
            block.owner = weakref.ref(self)

    def __del__(self) -> None:
        if self.pool is not None and self.block is not None:
            self.pool.take_back(self.block, self._stream)


class Span(NamedTuple):
    """A range of addresses in one memory: what work reads or writes."""

    memory: Memory
    start: int
    stop: int

    @property
    def span(self) -> Span:
        """Itself: arrays have such a property too."""
        return self


class MemoryPointer:
    """``cupy.cuda.MemoryPointer``: a place in a memory."""

    gpu: Gpu

    def __init__(self, mem: Memory, offset: int) -> None:
        assert mem.ptr != 0 or offset == 0
        self.mem, self.ptr, self.device_id = mem, mem.ptr + offset, 0

    def __int__(self) -> int:
        return self.ptr

    def __add__(self, offset: int) -> MemoryPointer:
        assert self.ptr != 0 or offset == 0
        return type(self)(self.mem, self.ptr - self.mem.ptr + offset)

    def __sub__(self, offset: int) -> MemoryPointer:
        return self + -offset

    def copy_from_host(self, mem: Any, size: int) -> None:
        self._refuse_capture(None, "synchronous API calls")
        copies.copy(self.gpu, self.ptr, copies.address(mem), size, copies.TO_DEVICE)

    def copy_from_host_async(self, mem: Any, size: int, stream: Any = None) -> None:
        queue = self._refuse_capture(stream, "H2D transfers")
        copies.copy(self.gpu, self.ptr, copies.address(mem), size, copies.TO_DEVICE, queue)

    def copy_to_host(self, mem: Any, size: int) -> None:
        self._refuse_capture(None, "synchronous API calls")
        copies.copy(self.gpu, copies.address(mem), self.ptr, size, copies.TO_HOST)

    def copy_to_host_async(self, mem: Any, size: int, stream: Any = None) -> None:
        queue = self._refuse_capture(stream, "D2H transfers")
        copies.copy(self.gpu, copies.address(mem), self.ptr, size, copies.TO_HOST, queue)

    def copy_from_device(self, src: MemoryPointer, size: int) -> None:
        self._refuse_capture(None, "synchronous API calls")
        copies.copy(self.gpu, self.ptr, src.ptr, size, copies.ON_DEVICE)

    def copy_from_device_async(self, src: MemoryPointer, size: int, stream: Any = None) -> None:
        copies.copy(self.gpu, self.ptr, src.ptr, size, copies.ON_DEVICE, self.gpu.queue_of(stream))

    def memset(self, value: int, size: int) -> None:
        self._refuse_capture(None, "synchronous API calls")
        copies.fill(self.gpu, self.ptr, value, size, self.gpu.null)

    def memset_async(self, value: int, size: int, stream: Any = None) -> None:
        copies.fill(self.gpu, self.ptr, value, size, self.gpu.queue_of(stream))

    def _refuse_capture(self, stream: Any, what: str) -> Any:
        queue = self.gpu.queue_of(stream)
        if queue.is_capturing():
            raise RuntimeError(f"the current stream is capturing, so {what} are disallowed")
        return queue
