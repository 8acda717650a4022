"""The NumPy backend: the reference, with what NumPy can do faster in place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from . import blas
from .base import POSITION, STEP, Backend
from .formulas import Array, UpdateFormula
from .precision import Precision

if TYPE_CHECKING:
    from ..arena import Arena

ALIGNMENT = 256  # bytes; also keeps vector loads of every width aligned
FLUSH = 256  # steps between two looks for denormal numbers in slots
BLOCK = 16_384  # elements that a rule updates at once, so that each of its passes finds them in the cache


class NumpyBackend(Backend):
    """Computes on the host with NumPy."""

    name = "numpy"

    def __init__(self) -> None:
        super().__init__(np)
        self._rounded: dict[Precision, Backend] = {}

    def with_precision(self, precision: Precision) -> Backend:
        """Return a backend that rounds to 16 bits for a mixed precision, else this one: NumPy has no products in tf32."""
        if not precision.mixed:
            return self
        if precision not in self._rounded:
            from .rounded_backend import RoundedBackend

            self._rounded[precision] = RoundedBackend(self, precision)
        return self._rounded[precision]

    def empty(self, shape: Sequence[int] | int, dtype: Any) -> Array:
        """Return an aligned buffer with undefined contents."""
        dtype = np.dtype(dtype)
        count = int(np.prod(shape, dtype=np.int64))
        raw = np.empty(count * dtype.itemsize + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        return raw[start : start + count * dtype.itemsize].view(dtype).reshape(shape)

    def resident(self, array: Any, dtype: Any) -> Array:
        """Return the array on the host, fetched from a device if need be."""
        return super().resident(_host(array), dtype)

    def upload(self, array: Any, out: Array) -> None:
        """Copy into a buffer, from a device if need be."""
        super().upload(_host(array), out)

    def matmul(
        self, a: Array, b: Array, out: Array, transpose_a: bool = False, transpose_b: bool = False
    ) -> None:
        """Multiply by ``dot``: ``matmul`` takes five times as long where an inner dimension is 1, as with one sample a step."""
        if not (out.flags.c_contiguous and a.dtype == b.dtype == out.dtype):
            super().matmul(a, b, out, transpose_a, transpose_b)
            return
        a, b = a.T if transpose_a else a, b.T if transpose_b else b
        if blas.SMALLEST < out.size * a.shape[-1] <= blas.ALONE:
            with blas.one_thread():
                np.dot(a, b, out=out)
        else:
            np.dot(a, b, out=out)

    def update(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
    ) -> None:
        """Update; now and then set to 0 what has faded below the normal numbers in the slots, as CuPy's kernels do at once.

        An average of gradients that have ended would stay there for ever (0.9 times four of the smallest steps rounds
        to four of them), and a CPU takes thirty times as long for such numbers.
        """
        super().update(optimizer, arena, slots, table, counters)
        if int(counters[STEP]) % FLUSH == FLUSH - 1:
            for slot in slots.values():
                slot *= np.abs(slot) >= np.finfo(slot.dtype).tiny

    def apply_rule(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], coefficients: dict[str, float]
    ) -> None:
        """Run the rule and the moving average block by block."""
        scratch = arena.scratch(min(BLOCK, arena.trainable_size))
        for start in range(0, arena.trainable_size, BLOCK):
            stop = min(start + BLOCK, arena.trainable_size)
            self._apply(
                optimizer,
                arena.values[start:stop],
                arena.gradients[start:stop],
                {name: slot[start:stop] for name, slot in slots.items()},
                scratch[: stop - start],
                coefficients,
            )

    def gather(self, source: Array, order: Array, counters: Array, stride: int, out: Array) -> None:
        """Copy a batch of rows without a temporary where the dtypes agree."""
        start = int(counters[POSITION]) * stride
        rows = order[start : start + len(out)]
        if source.dtype == out.dtype:
            source.take(rows, axis=0, out=out, mode="clip")  # "raise" would buffer; the order is ours
        else:
            out[...] = source[rows]

    def record(self, operations: Sequence[Callable[[], None]]) -> Callable[[int], None]:
        """Return a plain loop. Overflow and underflow have their IEEE meaning and are no news."""
        run = super().record(operations)

        def launch(repeats: int) -> None:
            with np.errstate(all="ignore"):
                run(repeats)

        return launch


def _host(array: Any) -> Any:
    return array.get() if hasattr(array, "__cuda_array_interface__") else array
