"""The GPU that the stand-in plays: its memory, its streams, and what was counted on it."""

from __future__ import annotations

import itertools
import threading
import weakref
from bisect import bisect, insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .counts import Counts
from .errors import INVALID_VALUE, CUDARuntimeError, MisuseError
from .memory import Block, Memory, MemoryPointer, Span
from .ordering import Ordering
from .pool import MemoryPool
from .queues import Queue

if TYPE_CHECKING:
    from .arrays import DeviceArray
    from .capture import Capture
    from .pinned import PinnedMemoryPointer


class Blocks:
    """The blocks of device memory in order of their addresses."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._blocks: dict[int, Block] = {}

    def add(self, block: Block) -> None:
        insort(self._starts, block.ptr)
        self._blocks[block.ptr] = block

    def remove(self, block: Block) -> None:
        self._starts.remove(block.ptr)
        del self._blocks[block.ptr]

    def at(self, address: int) -> Block | None:
        """Return the block that an address is in."""
        index = bisect(self._starts, address) - 1
        if index < 0:
            return None
        block = self._blocks[self._starts[index]]
        return block if address < block.ptr + block.size else None


class Gpu:
    """One device.

    Args:
        checked: Whether the accesses of kernels are checked, which takes its time.
        ordered: Whether work must be ordered after what other streams and the host did to the memory it uses.
        total_memory: Bytes; can be set at any time.
        capability: The major and the minor number.
        processors: The number of multiprocessors.
    """

    shared_memory_per_block = 232_448  # what a kernel may ask for at most: 227 KiB on compute capability 9.0

    def __init__(
        self, checked: bool, ordered: bool, total_memory: int, capability: tuple[int, int], processors: int
    ) -> None:
        self.checked, self.total_memory = checked, total_memory
        self.capability, self.processors = capability, processors
        self.counts = Counts()
        self.allocated = 0
        self.blocks = Blocks()
        self.pinned: weakref.WeakValueDictionary[int, PinnedMemoryPointer] = weakref.WeakValueDictionary()
        self.ordering = Ordering() if ordered else None
        self.captures: list[Capture] = []
        self.null = Queue(self, 0, blocking=True)
        self.queues = {0: self.null}
        self._pointers = itertools.count(0x5000, 0x10)
        self._local = threading.local()
        self.pointer: type[MemoryPointer] = self.bind(MemoryPointer)
        self.pool: MemoryPool = self.bind(MemoryPool)()
        self.array: type[DeviceArray]
        self.default_stream: Any

    def bind(self, kind: type) -> Any:
        """Return a class of this GPU: CuPy's classes find theirs in the process, of which there is only one here."""
        return type(kind.__name__, (kind,), {"gpu": self, "__module__": kind.__module__})

    # -- streams -----------------------------------------------------------------------------------------------

    def new_queue(self, blocking: bool) -> Queue:
        """Make what is behind a stream."""
        queue = Queue(self, next(self._pointers), blocking)
        self.queues[queue.ptr] = queue
        return queue

    @property
    def stack(self) -> list[Any]:
        """The current stream of this thread, and those that it will return to."""
        try:
            return self._local.stack
        except AttributeError:
            self._local.stack = [self.default_stream]
            return self._local.stack

    @property
    def current(self) -> Any:
        """The current stream of this thread."""
        return self.stack[-1]

    def queue_of(self, stream: Any) -> Queue:
        """Return the queue of a stream; of the current one for ``None``, of that address for a number."""
        if isinstance(stream, int):
            return self.queues[stream]
        return (self.current if stream is None else stream).queue

    def wait(self, queue: Queue) -> None:
        """Let the host wait for all that a stream was given so far."""
        self.counts.synchronisations += 1
        if self.ordering is not None:
            self.ordering.host_waits(queue)

    # -- memory ------------------------------------------------------------------------------------------------

    def allocate(self, size: int) -> MemoryPointer:
        """Call the current allocator."""
        return self.allocator(size)

    @property
    def allocator(self) -> Callable[[int], MemoryPointer]:
        """The current allocator of this thread."""
        return getattr(self._local, "allocator", None) or self.pool.malloc

    @contextmanager
    def using_allocator(self, allocator: Callable[[int], MemoryPointer]) -> Iterator[None]:
        """Use another allocator in this thread for a while."""
        previous = getattr(self._local, "allocator", None)
        self._local.allocator = allocator
        try:
            yield
        finally:
            self._local.allocator = previous

    def find(self, start: int, size: int) -> Span | None:
        """Return the device memory at an address, or ``None`` where that is the host's."""
        block = self.blocks.at(start)
        if block is None:
            return None
        if start + size > block.ptr + block.size:
            raise CUDARuntimeError(INVALID_VALUE)
        memory: Memory | None = block.owner() if block.owner else None
        if memory is None:
            raise MisuseError(f"the device memory at {start:#x} was freed")
        return Span(memory, start, start + size)

    def pinned_at(self, start: int) -> PinnedMemoryPointer | None:
        """Return the page-locked memory that an address is in."""
        return next((m for m in list(self.pinned.values()) if m.ptr <= start < m.ptr + len(m)), None)
