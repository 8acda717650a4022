"""Copies between host and device, by address: ``cudaMemcpy`` and its kin."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import INVALID_VALUE, CUDARuntimeError

if TYPE_CHECKING:
    from .gpu import Gpu
    from .queues import Queue

ON_HOST, TO_DEVICE, TO_HOST, ON_DEVICE, DEFAULT = range(5)  # cudaMemcpyKind


def address(memory: Any) -> int:
    """Return the address that CuPy takes as an ``int`` or a ``c_void_p``."""
    return memory if isinstance(memory, int) else memory.value


def view(start: int, size: int) -> np.ndarray[Any, Any]:
    """Return the bytes at an address."""
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(start))


def copy(gpu: Gpu, target: int, source: int, size: int, kind: int, queue: Queue | None = None) -> None:
    """Copy on a stream; without one, as ``cudaMemcpy`` does it: on the null stream, and the host waits."""
    if size == 0:
        return
    to_device, from_device = gpu.find(target, size), gpu.find(source, size)
    for wanted, found in (
        (kind in (TO_DEVICE, ON_DEVICE), to_device),
        (kind in (TO_HOST, ON_DEVICE), from_device),
    ):
        if kind != DEFAULT and wanted != (found is not None):
            raise CUDARuntimeError(INVALID_VALUE)
    waits = queue is None
    queue = queue or gpu.null

    def run() -> None:
        gpu.counts.host_to_device += from_device is None and to_device is not None
        gpu.counts.device_to_host += to_device is None and from_device is not None
        view(target, size)[:] = view(source, size)

    queue.submit(run, reads=(from_device,) if from_device else (), writes=(to_device,) if to_device else ())
    if queue.capture is not None:
        return
    is_within = to_device is not None and from_device is not None
    pinned = None if is_within else gpu.pinned_at(source if to_device else target)
    if waits or (pinned is None and not is_within):
        gpu.wait(queue)
    elif pinned is not None and gpu.ordering is not None:
        start = source if to_device else target
        gpu.ordering.watch(queue, pinned, start, size, arrives=to_device is None)


def fill(gpu: Gpu, target: int, value: int, size: int, queue: Queue) -> None:
    """Set bytes on a stream."""
    if size == 0:
        return
    span = gpu.find(target, size)
    if span is None:
        raise CUDARuntimeError(INVALID_VALUE)
    queue.submit(lambda: view(target, size).fill(value), writes=(span,))
