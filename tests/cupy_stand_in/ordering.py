"""Which work is ordered after which: found by clocks, although everything runs at once and in order.

Each stream counts the events recorded on it. Whoever waits for an event knows, from then on, all that came before it.
Work that uses memory which another stream used without such a chain of events in between could run too early on a GPU.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from . import copies
from .errors import MisuseError
from .memory import GARBAGE, Block

if TYPE_CHECKING:
    from .pinned import PinnedMemoryPointer
    from .queues import Queue


class Use(NamedTuple):
    """That a stream used a range of a block, after so many events."""

    stream: int
    time: int
    start: int
    stop: int
    writes: bool


class HostCopy(NamedTuple):
    """A copy that may still be going on, from or to page-locked memory."""

    stream: int
    time: int
    memory: weakref.ref[PinnedMemoryPointer]
    start: int
    data: bytes
    arrives: bool


class Ordering:
    """The uses of device memory that later work could meet, and the copies that the host could meet."""

    def __init__(self) -> None:
        self.host: dict[int, int] = {}
        self._uses: weakref.WeakKeyDictionary[Block, list[Use]] = weakref.WeakKeyDictionary()
        self._copies: list[HostCopy] = []

    def check(self, queue: Queue, reads: Iterable[Any], writes: Iterable[Any]) -> None:
        """Refuse work that isn't ordered after what it depends on, and remember it."""
        known = self._known(queue)
        for used, is_write in [(x, False) for x in reads] + [(x, True) for x in writes]:
            span = used.span
            if span.memory.block is None:
                continue
            use = Use(queue.ptr, queue.clock[queue.ptr], span.start, span.stop, is_write)
            uses = self._uses.setdefault(span.memory.block, [])
            for other in uses:
                overlaps = other.start < use.stop and use.start < other.stop
                if overlaps and (is_write or other.writes) and not _is_before(other, use.stream, known):
                    raise MisuseError(
                        f"stream {use.stream:#x} {'writes' if is_write else 'reads'} memory that stream "
                        f"{other.stream:#x} {'writes' if other.writes else 'reads'}, and waits for no event in between"
                    )
            covered = [o for o in uses if use.start <= o.start and o.stop <= use.stop]
            kept = [o for o in covered if not is_write and (o.writes or o.stream != use.stream)]
            self._uses[span.memory.block] = [o for o in uses if o not in covered] + kept + [use]

    def _known(self, queue: Queue) -> dict[int, int]:
        """Bring a stream up to date with the host and, as the driver does, with the null stream."""
        merge(queue.clock, self.host)
        others = queue.gpu.queues.values() if queue.ptr == 0 else [queue.gpu.null]
        for other in others:
            if queue.blocking and other.blocking and other is not queue:
                other.clock[other.ptr] += 1
                merge(queue.clock, other.clock)
        return queue.clock

    # -- the host ----------------------------------------------------------------------------------------------

    def host_waits(self, queue: Queue) -> None:
        """The host has waited for a stream."""
        self._known(queue)
        queue.clock[queue.ptr] += 1
        self.host_knows(queue.clock)

    def host_knows(self, clock: dict[int, int]) -> None:
        """The host has waited for all that a clock knows: copies that are done are looked at."""
        merge(self.host, clock)
        done = [c for c in self._copies if self.host.get(c.stream, 0) > c.time]
        self._copies = [c for c in self._copies if c not in done]
        for copy in done:
            if not copy.arrives:
                _refuse_change(copy)
            elif copy.memory() is not None:
                copies.view(copy.start, len(copy.data))[:] = memoryview(copy.data)

    def watch(self, queue: Queue, memory: PinnedMemoryPointer, start: int, size: int, arrives: bool) -> None:
        """Page-locked memory takes part in a copy, as its source or, if it ``arrives`` there, as its target.

        Until the host has waited for that, a source must not change, and a target holds garbage.
        """
        for copy in self._copies:
            if not copy.arrives and copy.start < start + size and start < copy.start + len(copy.data):
                _refuse_change(copy)
        place = copies.view(start, size)
        self._copies.append(
            HostCopy(queue.ptr, queue.clock[queue.ptr], weakref.ref(memory), start, bytes(place), arrives)
        )
        if arrives:
            place.fill(GARBAGE)


def _refuse_change(copy: HostCopy) -> None:
    if copy.memory() is not None and bytes(copies.view(copy.start, len(copy.data))) != copy.data:
        raise MisuseError(
            f"page-locked memory at {copy.start:#x} was changed before its copy on stream {copy.stream:#x} "
            "was known to be done"
        )


def _is_before(use: Use, stream: int, known: dict[int, int]) -> bool:
    return use.stream == stream or known.get(use.stream, 0) > use.time


def merge(clock: dict[int, int], other: dict[int, int]) -> None:
    """Let a clock know what another one knows."""
    for stream, time in other.items():
        if clock.get(stream, -1) < time:
            clock[stream] = time
