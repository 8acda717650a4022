"""A terminal that nobody sees, so that a progress bar is drawn."""

from __future__ import annotations

import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ROWS, COLUMNS = 24, 120


@contextmanager
def pseudo_terminal() -> Iterator[bytearray]:
    """Let stderr be a terminal for a while; what is written there is found in what this yields, once it is over."""
    import fcntl
    import pty
    import termios

    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    written = bytearray()
    thread = threading.Thread(target=_drain, args=(reader, written), daemon=True)
    thread.start()
    before = sys.stderr
    try:
        with os.fdopen(writer, "w", encoding="utf-8") as terminal:
            sys.stderr = terminal
            yield written
    finally:
        sys.stderr = before
        thread.join()
        os.close(reader)


def _drain(reader: int, written: bytearray) -> None:
    """Read until the other side is closed, which Linux says by an error."""
    try:
        while piece := os.read(reader, 1 << 16):
            written += piece
    except OSError:
        pass
