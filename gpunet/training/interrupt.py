"""Ctrl-C between steps instead of within one."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """Holds Ctrl-C back until ``check`` is called, so that a model is never left half updated.

    A second Ctrl-C is not held back. Outside the main thread, where signals can't be caught, it does nothing.
    """

    def __init__(self) -> None:
        self.pending = False
        self._previous: Any = None

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.getsignal(signal.SIGINT)
            if self._previous is signal.default_int_handler:
                signal.signal(signal.SIGINT, self._hold)
            else:  # somebody else's handler stays in charge
                self._previous = None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
        if kind is None:
            self.check()  # what came after the last step, while callbacks had the word

    def _hold(self, number: int, frame: FrameType | None) -> None:
        if self.pending:
            raise KeyboardInterrupt
        self.pending = True

    def check(self) -> None:
        """Raise the ``KeyboardInterrupt`` that was held back, if any."""
        if self.pending:
            self.pending = False
            raise KeyboardInterrupt
