"""The pace of a run: how many steps to launch before the host looks at the progress again."""

from __future__ import annotations

import time

DUE = 0.1  # seconds between two looks


class Pace:
    """Learns how many steps take about 0.1 s, also where a launch returns before its steps are done.

    A look waits for the device, so the time between two looks is that of the steps between them. Without it the host
    could launch minutes of work in an instant, and neither show progress nor be interrupted until all of it is done.

    Attributes:
        chunk: The number of steps to launch at once.
    """

    def __init__(self) -> None:
        self.chunk = 1
        self._budget = 1  # steps until the next look
        self.start()

    def start(self) -> None:
        """Begin an epoch."""
        self._launched, self._looked = 0, time.perf_counter()

    def launched(self, steps: int, seconds: float) -> None:
        """Take note of a launch and of how long the host was busy with it."""
        self._launched += steps
        if seconds < DUE / 4:
            self.chunk = min(2 * self.chunk, 1 << 20)
        elif seconds > DUE:
            self.chunk = max(self.chunk // 2, 1)

    def left(self) -> int:
        """Return the number of steps until the next look, at least 1."""
        return max(self._budget - self._launched, 1)

    def due(self) -> bool:
        """Tell whether it is time for a look."""
        return self._launched >= self._budget or time.perf_counter() - self._looked > DUE

    def looked(self) -> None:
        """Take note of a look, which has waited for all that was launched."""
        now = time.perf_counter()
        rate = self._launched / max(now - self._looked, 1e-9)
        self._budget = max(1, min(int(rate * DUE), 4 * self._budget))
        self._launched, self._looked = 0, now
