"""The pool that device memory comes from and goes back to."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

from .errors import CUDARuntimeError
from .memory import GARBAGE, UNIT, Block, Memory, MemoryPointer

if TYPE_CHECKING:
    from .gpu import Gpu


class OutOfMemoryError(MemoryError):
    """``cupy.cuda.memory.OutOfMemoryError``."""

    def __init__(self, size: int, total: int, limit: int = 0) -> None:
        limited = f", limit set to: {limit:,} bytes" if limit else ""
        super().__init__(
            f"Out of memory allocating {size:,} bytes (allocated so far: {total:,} bytes{limited})."
        )


class MemoryPool:
    """``cupy.cuda.MemoryPool``, but that free blocks are neither split nor merged: the size must be the same."""

    gpu: Gpu

    def __init__(self) -> None:
        self._free: dict[
            tuple[int, int], list[Block]
        ] = {}  # by stream and size, as CuPy keeps an arena a stream
        self._used = self._total = self._limit = 0

    def malloc(self, size: int) -> MemoryPointer:
        """Return a block of at least ``size`` bytes, with garbage in it."""
        rounded = -(-size // UNIT) * UNIT
        if rounded == 0:
            return self.gpu.pointer(Memory(None, None), 0)
        stream = self.gpu.current.queue.ptr
        free = self._free.get((stream, rounded))
        block = free.pop() if free else self._new(rounded)
        block.bytes.fill(GARBAGE)
        self._used += rounded
        self.gpu.counts.allocations += 1
        return self.gpu.pointer(Memory(self, block, stream), 0)

    def _new(self, size: int) -> Block:
        for attempt in range(2):
            if not self._limit or self._total + size <= self._limit:
                try:
                    block = Block(self.gpu, size)
                except CUDARuntimeError:
                    pass  # until what is free has been released
                else:
                    self._total += size
                    self.gpu.blocks.add(block)
                    return block
            if attempt == 0:
                gc.collect()
                self.free_all_blocks()
        raise OutOfMemoryError(size, self._total, self._limit)

    def take_back(self, block: Block, stream: int) -> None:
        """Keep a block for the next one who wants its size on that stream."""
        block.owner = None
        self._used -= block.size
        self._free.setdefault((stream, block.size), []).append(block)
        self.gpu.counts.frees += 1

    def free_all_blocks(self, stream: Any = None) -> None:
        """Release what is free."""
        for key in list(self._free):
            if stream is None or key[0] == stream.ptr:
                for block in self._free.pop(key):
                    self._total -= block.size
                    self.gpu.allocated -= block.size
                    self.gpu.blocks.remove(block)

    def n_free_blocks(self) -> int:
        return sum(map(len, self._free.values()))

    def used_bytes(self) -> int:
        return self._used

    def free_bytes(self) -> int:
        return self._total - self._used

    def total_bytes(self) -> int:
        return self._total

    def get_limit(self) -> int:
        return self._limit

    def set_limit(self, size: int | None = None, fraction: float | None = None) -> None:
        if size is not None and fraction is not None:
            raise ValueError("size and fraction cannot be specified at one time")
        if fraction is not None and not 0 <= fraction <= 1:
            raise ValueError(f"memory limit fraction out of range: {fraction}")
        if size is not None and size < 0:
            raise ValueError(f"memory limit size out of range: {size}")
        self._limit = int(size if size is not None else (fraction or 0) * self.gpu.total_memory)
