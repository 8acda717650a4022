"""Graphs: work that a capturing stream records instead of doing it, and that ``Graph.launch`` does again and again."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .errors import ILLEGAL_STATE, INVALIDATED, UNJOINED, UNMATCHED, CUDARuntimeError, MisuseError
from .memory import Memory, Span

if TYPE_CHECKING:
    from .gpu import Gpu
    from .queues import Queue


class Place(NamedTuple):
    """A span whose memory is not kept: a graph holds bare addresses."""

    memory: weakref.ref[Memory]
    start: int
    stop: int

    @property
    def span(self) -> Span:
        memory = self.memory()
        if memory is None:
            raise MisuseError(
                f"a graph uses the device memory at {self.start:#x}, which was freed after the capture: "
                "whoever keeps the graph must keep its buffers"
            )
        return Span(memory, self.start, self.stop)


class Capture:
    """What streams record between ``begin_capture`` and ``end_capture``.

    Attributes:
        queues: The streams that take part, and the time of the last work of each; the first one began it.
        is_valid: Whether nothing has happened that a capture forbids.
    """

    def __init__(self, origin: Queue) -> None:
        self.origin = origin
        self.queues: dict[Queue, int] = {}
        self.is_valid = self.is_open = True
        self._runs: list[Callable[[], None]] = []
        self._reads: set[Place] = set()
        self._writes: set[Place] = set()
        origin.gpu.captures.append(self)
        self.take_in(origin)

    def take_in(self, queue: Queue) -> None:
        """Let a stream record, too."""
        queue.capture = self
        self.queues[queue] = queue.clock[queue.ptr]

    def add(self, queue: Queue, run: Callable[[], None], reads: Iterable[Any], writes: Iterable[Any]) -> None:
        """Record work."""
        self.queues[queue] = queue.clock[queue.ptr]
        self._runs.append(run)
        self._reads.update(map(_place, reads))
        self._writes.update(map(_place, writes))

    def end(self, queue: Queue) -> Any:
        """Return the graph, and let all streams go back to normal."""
        if queue is not self.origin:
            self.is_valid = False
            raise CUDARuntimeError(UNMATCHED)
        self.is_open = False
        self.origin.gpu.captures.remove(self)
        for taking_part in self.queues:
            taking_part.capture = None
        if not self.is_valid:
            raise CUDARuntimeError(INVALIDATED)
        for other, time in self.queues.items():
            if other is not queue and queue.clock.get(other.ptr, 0) <= time:
                raise CUDARuntimeError(UNJOINED)
        return queue.gpu.graph(self._runs, self._reads, self._writes)


class Graph:
    """``cupy.cuda.Graph``."""

    gpu: Gpu

    def __init__(self, runs: Any = None, reads: Any = None, writes: Any = None) -> None:
        if runs is None:
            raise NotImplementedError(
                "currently this class cannot be initiated by the user and must be created via stream capture"
            )
        self._runs, self._reads, self._writes = runs, reads, writes

    def launch(self, stream: Any = None) -> None:
        """Do the work once."""
        self._spans()
        self.gpu.queue_of(stream).submit(self._replay, self._reads, self._writes)

    def upload(self, stream: Any = None) -> None:
        """Prepare a launch."""
        self._spans()
        self.gpu.queue_of(stream).check()

    def _spans(self) -> list[Span]:
        return [place.span for place in (*self._reads, *self._writes)]

    def _replay(self) -> None:
        self._spans()
        self.gpu.counts.graph_launches += 1
        with np.errstate(all="ignore"):
            for run in self._runs:
                run()


def end_capture(queue: Queue) -> Any:
    """Answer as ``streamEndCapture`` does."""
    if queue.capture is None:
        raise CUDARuntimeError(ILLEGAL_STATE)
    return queue.capture.end(queue)


def _place(used: Any) -> Place:
    memory, start, stop = used.span
    return Place(weakref.ref(memory), start, stop)
