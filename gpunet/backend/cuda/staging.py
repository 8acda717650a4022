"""Uploads that wait for nothing: pinned host buffers and device buffers in turns, filled on a stream of their own.

    host array → (converted) pinned buffer → copy stream → device buffer → main stream → where it is wanted

While the main stream computes, the next upload travels; the host comes back as soon as its own copy is made.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ..formulas import Array

SLOTS = 4
PIECE = 8 << 20  # bytes at a time: larger arrays go through the slots in pieces


class Slot:
    """A pinned buffer, its counterpart on the device, and the events that say when each may be used."""

    def __init__(self, cupy: Any, size: int) -> None:
        self.pinned = np.frombuffer(cupy.cuda.alloc_pinned_memory(size), np.uint8, size)
        self.device = cupy.empty(size, np.uint8)
        self.arrived, self.released = (cupy.cuda.Event(disable_timing=True) for _ in range(2))


class Staging:
    """Copies host arrays to the device.

    Args:
        cupy: The module.
    """

    def __init__(self, cupy: Any) -> None:
        self.cupy = cupy
        self._slots: list[Slot | None] = [None] * SLOTS
        self._turn = 0

    @cached_property
    def stream(self) -> Any:
        """The main stream, that of programs: what is enqueued on it after an upload sees the upload.

        It waits for the default stream and is waited for, so that array functions, which run there, fit in.
        """
        return self.cupy.cuda.Stream()

    @cached_property
    def copies(self) -> Any:
        """The stream that uploads travel on."""
        return self.cupy.cuda.Stream(non_blocking=True)

    def upload(self, array: Any, out: Array) -> None:
        """Copy a host array of any real dtype to a contiguous device buffer of the same shape."""
        host = np.broadcast_to(np.asarray(array), out.shape).reshape(-1)
        flat = out.reshape(-1)
        step = PIECE // out.itemsize
        for start in range(0, out.size, step):
            self._piece(host[start : start + step], flat[start : start + step])

    def _piece(self, host: np.ndarray[Any, Any], out: Array) -> None:
        slot = self._slot(out.nbytes)
        np.copyto(slot.pinned[: out.nbytes].view(out.dtype), host, casting="unsafe")
        slot.device.data.copy_from_host_async(slot.pinned.ctypes.data, out.nbytes, self.copies)
        slot.arrived.record(self.copies)
        self.stream.wait_event(slot.arrived)
        out.data.copy_from_device_async(slot.device.data, out.nbytes, self.stream)
        slot.released.record(self.stream)

    def _slot(self, size: int) -> Slot:
        self._turn = (self._turn + 1) % SLOTS
        slot = self._slots[self._turn]
        if slot is not None:
            slot.released.synchronize()  # done long ago, unless the host is four uploads ahead of the device
        if slot is None or len(slot.pinned) < size:
            slot = self._slots[self._turn] = Slot(self.cupy, 1 << max(size - 1, 255).bit_length())
            self.copies.wait_event(self.stream.record())  # the memory may have been somebody's a moment ago
        return slot
