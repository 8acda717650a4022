"""Streams and events, as CuPy shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .capture import Capture, end_capture
from .errors import CAPTURED_EVENT, ILLEGAL_STATE, CUDARuntimeError

if TYPE_CHECKING:
    from .gpu import Gpu


class Event:
    """``cupy.cuda.Event``."""

    gpu: Gpu

    def __init__(self, block: bool = False, disable_timing: bool = False, interprocess: bool = False) -> None:
        if interprocess and not disable_timing:
            raise ValueError("Timing must be disabled for interprocess events")
        self.capture: Capture | None = None
        self.clock: dict[int, int] | None = None  # what the stream knew when this was recorded

    @property
    def done(self) -> bool:
        """Whether all before it is done: always, as work runs at once. To ask an event of a capture spoils that."""
        if self.capture is not None:
            self.capture.is_valid = False
            return False
        self._wait()
        return True

    def record(self, stream: Any = None) -> None:
        """Record it on a stream, by default the current one."""
        self.gpu.queue_of(stream).record(self)

    def synchronize(self) -> None:
        """Let the host wait for it."""
        self._wait()
        self.gpu.counts.event_waits += 1

    def _wait(self) -> None:
        if self.capture is not None:
            self.capture.is_valid = False
            raise CUDARuntimeError(CAPTURED_EVENT)
        if self.gpu.ordering is not None and self.clock is not None:
            self.gpu.ordering.host_knows(self.clock)


class Stream:
    """``cupy.cuda.Stream``."""

    gpu: Gpu
    null: Stream

    def __init__(
        self, null: bool = False, non_blocking: bool = False, ptds: bool = False, priority: int | None = None
    ) -> None:
        self.queue = self.gpu.null if null else self.gpu.new_queue(blocking=not non_blocking)
        self.ptr = self.queue.ptr
        self.device_id = -1 if null else 0
        self.is_non_blocking = not self.queue.blocking

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Stream) and self.ptr == other.ptr

    def __hash__(self) -> int:
        return self.ptr

    def __enter__(self) -> Stream:
        self.gpu.stack.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.gpu.stack.pop()

    def use(self) -> Stream:
        """Make this the current stream."""
        self.gpu.stack[-1] = self
        return self

    @property
    def done(self) -> bool:
        """Whether all work is done. To ask spoils a capture, without an exception."""
        if self.queue.capture is not None:
            self.queue.capture.is_valid = False
            return False
        return True

    def synchronize(self) -> None:
        """Let the host wait for all work."""
        self.queue.refuse_in_capture()
        self.gpu.wait(self.queue)

    def record(self, event: Event | None = None) -> Event:
        """Record an event."""
        event = event or self.gpu.event()
        self.queue.record(event)
        return event

    def wait_event(self, event: Event) -> None:
        """Let what follows wait for an event."""
        self.queue.wait_for(event)

    def launch_host_func(self, callback: Callable[[Any], None], arg: Any) -> None:
        """Call a function in the stream's order."""
        self.queue.submit(lambda: callback(arg))

    def begin_capture(self, mode: int | None = None) -> None:
        """Record work from now on."""
        if self.ptr == 0:
            raise RuntimeError("cannot capture on the default (legacy) stream")
        if self.queue.capture is not None:
            raise CUDARuntimeError(ILLEGAL_STATE)
        Capture(self.queue)

    def end_capture(self) -> Any:
        """Return what was recorded, as a graph."""
        return end_capture(self.queue)

    def is_capturing(self) -> bool:
        """Tell whether work is being recorded."""
        return self.queue.is_capturing()
