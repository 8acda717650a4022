"""Feeds: how the batches of some data reach a program."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from ..backend import Array
from .arrays import check_finite, check_narrowed
from .data import Arrays, Batch, Data, Stream

if TYPE_CHECKING:
    from .program import Operation, Program
    from .trainer import Trainer

Unit = tuple["Program", Callable[[int], None], int]  # a program, what runs it, and how often it is to run


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
        self.set_order(None)
        self._recorded: dict[int, tuple[Program, Callable[[int], None]]] = {}

    @property
    def steps(self) -> int:
        """The number of batches, the short last one included."""
        return math.ceil(self.rows / self.batch_size)

    def set_order(self, order: np.ndarray[Any, Any] | None) -> None:
        """Set the order of the rows; ``None`` is the order they have."""
        self.backend.upload(np.arange(self.rows) if order is None else order, self.order)

    def units(self, mode: str, steps: int | None = None) -> Iterator[Unit]:
        """Yield the full batches as one unit and the short last one as another."""
        full, rest = divmod(self.rows, self.batch_size)
        steps = self.steps if steps is None else steps
        if min(full, steps):
            yield (*self._unit(mode, self.batch_size), min(full, steps))
        if rest and steps > full:
            yield (*self._unit(mode, rest), 1)

    def _unit(self, mode: str, rows: int) -> tuple[Program, Callable[[int], None]]:
        program = self.trainer.program(mode, rows, self.weight is not None, self.y)
        if id(program) not in self._recorded:
            self._recorded[id(program)] = program, program.recorded(self._load(program))
        return self._recorded[id(program)]

    def _load(self, program: Program) -> list[Operation]:
        pairs = ((self.x, program.x), (self.y, program.y), (self.weight, program.weight))
        return [
            partial(self.backend.gather, source, self.order, self.trainer.counters, self.batch_size, out)
            for source, out in pairs
            if source is not None and out is not None
        ]

    def _resident(self, array: Array, what: str, dtype: Any) -> Array:
        with np.errstate(over="ignore"):
            resident = self.backend.resident(array, dtype)
        check_narrowed(array, resident, what)
        return self.trainer.shaped(resident, what)


class StreamFeed:
    """Batches that the host copies into a program's buffers, one at a time.

    Args:
        trainer: Whose programs are fed.
        data: A stream, or arrays in a memory map.
        batch_size: Rows of a step, for a memory map.
    """

    def __init__(self, trainer: Trainer, data: Data, batch_size: int) -> None:
        self.trainer, self.backend = trainer, trainer.backend
        self.data, self.batch_size = data, batch_size
        self.rows = data.rows
        self._order: np.ndarray[Any, Any] | None = None
        self._recorded: dict[int, tuple[Program, Callable[[int], None]]] = {}

    @property
    def steps(self) -> int | None:
        """The number of batches, where it is known."""
        if isinstance(self.data, Stream):
            return self.data.length
        return math.ceil(self.data.rows / self.batch_size)

    def set_order(self, order: np.ndarray[Any, Any] | None) -> None:
        """Set the order of the rows of a memory map; a stream has its own."""
        self._order = order

    def units(self, mode: str, steps: int | None = None) -> Iterator[Unit]:
        """Yield each batch as a unit of one step, loaded."""
        for index, batch in enumerate(self._batches()):
            program = self._load(mode, batch)
            if id(program) not in self._recorded:
                self._recorded[id(program)] = program, program.recorded()
            yield (*self._recorded[id(program)], 1)
            if index + 1 == steps:
                return

    def _batches(self) -> Iterator[Batch]:
        if isinstance(self.data, Arrays):
            for batch in self.data.batches(self.batch_size, self._order):
                check_finite(batch.x, "x")
                if batch.y is not None:
                    check_finite(batch.y, "y")
                yield batch
        else:
            self.data.restart()
            yield from self.data

    def _load(self, mode: str, batch: Batch) -> Program:
        x = self.trainer.shaped(batch.x, "x")
        y = None
        if mode != "predict":
            self.trainer.check_targets(batch.y)
            y = self.trainer.shaped(batch.y, "y")
        program = self.trainer.program(mode, len(x), batch.weight is not None, y)
        pairs = (("x", x, program.x), ("y", y, program.y), ("sample_weight", batch.weight, program.weight))
        for what, source, buffer in pairs:
            if source is not None and buffer is not None:
                with np.errstate(over="ignore"):
                    self.backend.upload(source, buffer)
                check_narrowed(source, buffer, what)
        return program


Feed = ArrayFeed | StreamFeed
