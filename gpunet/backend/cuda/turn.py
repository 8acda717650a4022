"""One thread at a time, in one order, whatever stream the caller computes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .staging import Staging


class Turn:
    """A context for what computes on the device, which may be entered again within.

    All threads share a main stream and its workspace, and what one of them enqueues while another one captures would become
    part of that graph: hence the lock. The main stream is in order with the legacy default stream: hence array functions
    run on that one, after what the caller's own stream has, and before what it gets next.

    Args:
        staging: What has the main stream.
    """

    def __init__(self, staging: Staging) -> None:
        self.staging = staging
        self._lock = threading.RLock()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._lock:
            cuda = self.staging.cupy.cuda
            caller, default = cuda.get_current_stream(), cuda.Stream.null
            if caller.ptr in (default.ptr, self.staging.stream.ptr):
                yield
                return
            default.wait_event(caller.record())
            try:
                with default:
                    yield
            finally:
                caller.wait_event(default.record())
