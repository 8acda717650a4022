"""The programs of a trainer: one for each kind of batch, over buffers that all of them share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend import Array, Backend
from .options import options
from .program import Program

if TYPE_CHECKING:
    from .trainer import Trainer

KEPT = 64  # programs: each number of rows has its own


class Pool:
    """Buffers by name with room for a number of rows; smaller programs use the first rows."""

    def __init__(self, backend: Backend, rows: int) -> None:
        self.backend, self.rows = backend, rows
        self._buffers: dict[Any, Array] = {}

    def take(self, key: Any, rows: int, shape: Sequence[int], dtype: Any) -> Array:
        """Return the first ``rows`` rows of the buffer ``key``."""
        key = (key, tuple(shape), np.dtype(dtype))
        if key not in self._buffers:
            self._buffers[key] = self.backend.empty((self.rows, *shape), dtype)
        return self._buffers[key][:rows]

    @property
    def size(self) -> int:
        """The bytes of all buffers."""
        return sum(buffer.nbytes for buffer in self._buffers.values())


class Programs:
    """Makes programs when they are first needed, and anew where options have changed or a batch needs larger buffers.

    Args:
        trainer: Whose programs these are.

    Attributes:
        pool: The buffers.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.pool = Pool(trainer.backend, 0)
        self._programs: dict[Any, Program] = {}
        self._options: tuple[Any, ...] = ()
        self._owners: list[Any] = []

    def renew(self) -> None:
        """Let programs be made with the options as they are now, whoever changed them."""
        trainer, layers = self.trainer, self.trainer.model.layers
        activations = [getattr(layer, "activation", None) for layer in layers]
        regularizers = [parameter.regularizer for parameter in trainer.model.weights]
        owners = [trainer.optimizer, trainer.loss, *layers, *activations, *regularizers]
        now = options(*owners)
        if now != self._options:
            self._programs.clear()
            self._options, self._owners = now, owners

    def reserve(self, rows: int) -> None:
        """Make room for batches of so many rows; programs whose buffers were smaller are made anew."""
        if rows > self.pool.rows:
            self.pool = Pool(self.trainer.backend, rows)
            self._programs.clear()

    def get(self, mode: str, rows: int, weighted: bool, y: Array | None) -> Program:
        """Return the program for a batch like this; made when first needed, and kept as long as it is among the last."""
        self.reserve(rows)
        weighted = weighted and mode != "predict"
        target_shape = () if y is None or mode == "predict" else tuple(y.shape[1:])
        key = mode, rows, weighted, target_shape
        if key not in self._programs:
            try:
                self._programs[key] = Program(self.trainer, *key)
            except MemoryError as error:
                self.release()
                raise MemoryError(self._too_large(*key)) from error
        self._programs[key] = self._programs.pop(key)
        if len(self._programs) > KEPT:
            del self._programs[next(iter(self._programs))]
        return self._programs[key]

    def release(self) -> None:
        """Give the buffers of all programs back."""
        self.pool = Pool(self.trainer.backend, 0)
        self._programs.clear()

    def _too_large(self, mode: str, rows: int, *rest: Any) -> str:
        self.pool = Pool(self.trainer.backend, 1)
        Program(self.trainer, mode, 1, *rest)
        row = self.pool.size
        self.release()
        free = self.trainer.backend.free_memory()
        if free is None:
            return f"batch_size={rows}: a step needs {row * rows / 1e9:.1f} GB for its buffers; choose a smaller batch."
        fitting = min(free // row, rows - 1)
        advice = f"batch_size={1 << fitting.bit_length() - 1} would fit." if fitting > 0 else "No batch fits."
        return f"batch_size={rows}: a step needs {row * rows / 1e9:.1f} GB for its buffers, {free / 1e9:.1f} GB are free; {advice}"
