"""What a matrix product needs of CuPy, over host memory."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from .work import Work


class DeviceArray:
    """An array that tells where it is, and nothing else that a product might use."""

    def __init__(self, host: np.ndarray) -> None:
        self.host = host
        self.shape, self.strides, self.dtype = host.shape, host.strides, host.dtype
        self.size, self.itemsize, self.nbytes = host.size, host.itemsize, host.nbytes
        self.data = SimpleNamespace(ptr=host.ctypes.data)

    def fill(self, value: float) -> None:
        self.host.fill(value)


class MinimalCupy:
    """Streams, devices and memory.

    Attributes:
        stream: The address of the current stream.
        graph: What the current stream has captured; ``None`` while it doesn't capture.
        device: The number of the current device.
        allocated: The size of each buffer so far.
    """

    def __init__(self, capability: str = "90") -> None:
        self.stream, self.device = 0x5EED, 0
        self.graph: list[Work] | None = None
        self.allocated: list[int] = []
        self.cuda = SimpleNamespace(
            Device=lambda: SimpleNamespace(id=self.device, compute_capability=capability),
            get_current_stream=lambda: SimpleNamespace(
                ptr=self.stream, is_capturing=lambda: self.graph is not None
            ),
        )

    def empty(self, size: int, dtype: Any) -> DeviceArray:
        self.allocated.append(size)
        return aligned(np.full(size, 0xAA, dtype))

    def defer(self, work: Work) -> bool:
        if self.graph is not None:
            self.graph.append(work)
        return self.graph is not None


def aligned(values: Any, gap: int = 0, offset: int = 0) -> DeviceArray:
    """Return a copy ``offset`` elements after a multiple of 256 bytes, with ``gap`` elements of NaN after each row."""
    values = np.asarray(values)
    *rows, columns = values.shape
    shape = *rows, columns + gap
    size = math.prod(shape) * values.itemsize
    memory = np.full(size + offset * values.itemsize + 256, 0xFF, np.uint8)
    start = -memory.ctypes.data % 256 + offset * values.itemsize
    taken = memory[start : start + size].view(values.dtype).reshape(shape)[..., :columns]
    taken[...] = values
    return DeviceArray(taken)
