"""Feeds: how the batches of some data reach a program."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend import Array
from .arrays import check_narrowed
from .data import Arrays, Batch, Data, Stream

if TYPE_CHECKING:
    from .program import Operation, Program
    from .trainer import Trainer

Unit = tuple["Program", Callable[[int], None], int, int]  # a program, what runs it, its first batch, how many


class ArrayFeed:
    """Arrays on the backend; a program gathers its own rows by a device-resident order.

    Args:
        trainer: Whose programs are fed.
        data: The samples.
        batch_size: Rows of a step.
    """

    def __init__(self, trainer: Trainer, data: Arrays, batch_size: int) -> None:
        self.trainer, self.backend = trainer, trainer.backend
        self.rows, self.batch_size = data.rows, min(batch_size, data.rows)
        self.x = self._resident(data.x, "x", trainer.dtype)
        self.y = None if data.y is None else self._resident(data.y, "y", trainer.target_dtype)
        self.weight = (
            None if data.weight is None else self._resident(data.weight, "sample_weight", trainer.dtype)
        )
        self.order = self.backend.empty(self.rows, np.int64)
        self._position = 0
        self.restart()
        self._recorded: dict[tuple[str, int], tuple[Program, Callable[[int], None]]] = {}

    @property
    def steps(self) -> int:
        """The number of batches, the short last one included."""
        return math.ceil(self.rows / self.batch_size)

    @property
    def ended(self) -> bool:
        """Whether all batches have been used; the next one is the first again."""
        return self._position == 0

    def restart(self, order: np.ndarray[Any, Any] | None = None) -> None:
        """Start from the first batch, with the rows in this order; ``None`` is the order they have."""
        self._position = 0
        self.backend.upload(np.arange(self.rows) if order is None else order, self.order)

    def units(self, mode: str, steps: int | None = None) -> Iterator[Unit]:
        """Yield the full batches that are left, as many as wanted, as one unit and the short last one as another."""
        full, rest = divmod(self.rows, self.batch_size)
        first, last = self._position, min(self._position + (steps or self.steps), self.steps)
        self._position = last % self.steps
        if first < min(full, last):
            yield (*self._unit(mode, self.batch_size), first, min(full, last) - first)
        if rest and last > full:
            yield (*self._unit(mode, rest), full, 1)

    def _unit(self, mode: str, rows: int) -> tuple[Program, Callable[[int], None]]:
        program = self.trainer.programs.get(mode, rows, self.weight is not None, self.y)
        key = mode, rows
        if key not in self._recorded or self._recorded[key][0] is not program:
            self._recorded[key] = program, program.recorded(self._load(program))
        return self._recorded[key]

    def _load(self, program: Program) -> list[Operation]:
        pairs = ((self.x, program.x), (self.y, program.y), (self.weight, program.weight))
        return [
            partial(self.backend.gather, source, self.order, self.trainer.counters, self.batch_size, out)
            for source, out in pairs
            if source is not None and out is not None
        ]

    def _resident(self, array: Array, what: str, dtype: Any) -> Array:
        check_narrowed(array, dtype, what)
        return self.trainer.shaped(self.backend.resident(array, dtype), what)


class StreamFeed:
    """Batches that the host copies into a program's buffers, one at a time.

    Args:
        trainer: Whose programs are fed.
        data: A stream, or arrays in a memory map, too large for the backend, or for a single step.
        batch_size: Rows of a step, for arrays.
    """

    def __init__(self, trainer: Trainer, data: Data, batch_size: int) -> None:
        self.trainer, self.backend = trainer, trainer.backend
        self.data, self.batch_size = data, batch_size
        self.rows = data.rows
        self._order: np.ndarray[Any, Any] | None = None
        self._running: Iterator[Batch] | None = None
        self._position = 0

    @property
    def steps(self) -> int | None:
        """The number of batches, where it is known."""
        if isinstance(self.data, Stream):
            return self.data.length
        return math.ceil(self.data.rows / self.batch_size)

    @property
    def ended(self) -> bool:
        """Whether all batches have been used, as far as that is known; the next one is the first again."""
        return self._running is None or self._position == self.steps

    def restart(self, order: np.ndarray[Any, Any] | None = None) -> None:
        """Start from the first batch; the order is that of the rows of arrays, a stream has its own."""
        self._order, self._position = order, 0
        self._running = self._batches()

    def units(self, mode: str, steps: int | None = None) -> Iterator[Unit]:
        """Yield each batch that is left, as many as wanted, as a unit of one step, loaded."""
        if self._running is None:
            self.restart()
        assert self._running is not None
        first, last = self._position, None if steps is None else self._position + steps
        for batch in self._running:
            program = self._load(mode, batch)
            self._position += 1
            yield program, program.launch, self._position - 1, 1
            if self._position == last:
                return
        self._running = None
        if self._position == first > 0:  # the batch before was the last one, which only shows now
            yield from self.units(mode, steps)

    def _batches(self) -> Iterator[Batch]:
        if isinstance(self.data, Arrays):
            yield from self.data.batches(self.batch_size, self._order)
        else:
            self.data.restart()
            yield from self.data

    def _load(self, mode: str, batch: Batch) -> Program:
        x = self.trainer.shaped(batch.x, "x")
        y = None
        if mode != "predict":
            self.trainer.check_targets(batch.y)
            y = self.trainer.shaped(batch.y, "y")
        program = self.trainer.programs.get(mode, len(x), batch.weight is not None, y)
        pairs = (("x", x, program.x), ("y", y, program.y), ("sample_weight", batch.weight, program.weight))
        for what, source, buffer in pairs:
            if source is not None and buffer is not None:
                check_narrowed(source, buffer.dtype, what)
                self.backend.upload(source, buffer)
        return program


Feed = ArrayFeed | StreamFeed
