"""What is behind a stream: work is run when it is enqueued, or recorded while the stream is capturing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from .capture import Capture
from .errors import (
    IMPLICIT,
    INVALIDATED,
    ISOLATION,
    MERGE,
    UNSUPPORTED,
    CUDADriverError,
    CUDARuntimeError,
)
from .ordering import merge

if TYPE_CHECKING:
    from .gpu import Gpu
    from .streams import Event

Error = type[CUDARuntimeError] | type[CUDADriverError]


class Queue:
    """The driver's side of a stream.

    Attributes:
        ptr: Its address; 0 is the null stream, which waits for every blocking stream and is waited for by them.
        blocking: Whether the null stream and this one wait for each other.
        capture: What is being captured, if anything.
        clock: How far this stream is known to be behind each stream, in events recorded there.
    """

    def __init__(self, gpu: Gpu, ptr: int, blocking: bool) -> None:
        self.gpu, self.ptr, self.blocking = gpu, ptr, blocking
        self.capture: Capture | None = None
        self.clock: dict[int, int] = {ptr: 0}

    def submit(self, run: Callable[[], None], reads: Iterable[Any] = (), writes: Iterable[Any] = ()) -> None:
        """Do some work, or record it.

        Args:
            run: Does it.
            reads, writes: Arrays and spans of the memory that it uses.
        """
        self.check(CUDADriverError)
        if self.capture is not None:
            self.capture.add(self, run, reads, writes)
            return
        if self.gpu.ordering is not None:
            self.gpu.ordering.check(self, reads, writes)
        run()

    def check(self, error: Error = CUDARuntimeError) -> None:
        """Refuse any use that a capture forbids."""
        if self.gpu.captures:
            if self.ptr == 0 and (blocking := self._blocking_captures()):
                for capture in blocking:
                    capture.is_valid = False
                raise error(IMPLICIT)
            if self.capture is not None and not self.capture.is_valid:
                raise error(INVALIDATED)

    def is_capturing(self) -> bool:
        """Answer as ``streamIsCapturing`` does."""
        if self.ptr == 0 and self._blocking_captures():
            raise CUDARuntimeError(IMPLICIT)
        if self.capture is not None and not self.capture.is_valid:
            raise RuntimeError("the stream was capturing, but an error has invalidated the capture sequence")
        return self.capture is not None

    def _blocking_captures(self) -> list[Capture]:
        return [c for c in self.gpu.captures if any(queue.blocking for queue in c.queues)]

    def refuse_library(self, name: str) -> None:
        """Refuse a library that CuPy doesn't let a capturing stream call."""
        if self.is_capturing():
            raise NotImplementedError(f"calling {name} API during stream capture is currently unsupported")

    def refuse_in_capture(self) -> None:
        """Refuse what ends a capture: waiting for the stream."""
        self.check()
        if self.capture is not None:
            self.capture.is_valid = False
            raise CUDARuntimeError(UNSUPPORTED)

    def record(self, event: Event) -> None:
        """Let an event stand for all that was enqueued so far."""
        self.check()
        event.capture = self.capture
        self.clock[self.ptr] += 1
        event.clock = dict(self.clock)

    def wait_for(self, event: Event) -> None:
        """Order all that follows after an event; an event of a capture takes the stream into it."""
        self.check()
        if event.clock is None:
            return  # never recorded: nothing to wait for
        if event.capture is not None and event.capture.is_open:
            if self.capture is None:
                event.capture.take_in(self)
            elif self.capture is not event.capture:
                self.capture.is_valid = event.capture.is_valid = False
                raise CUDARuntimeError(MERGE)
        elif self.capture is not None:
            self.capture.is_valid = False
            raise CUDARuntimeError(ISOLATION)
        merge(self.clock, event.clock)
