"""Where batches come from: arrays in memory, which a program gathers by itself, or a stream that the host feeds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..backend import Array, backend_of, is_device_array
from .arrays import as_array, check_finite, check_rows, class_weights, is_memory_map

INFERENCE_BATCH = 1024  # rows at a time where nobody said otherwise; the results don't depend on it


class Batch(NamedTuple):
    """Inputs, targets and sample weights; the latter two may be ``None``."""

    x: Array
    y: Array | None = None
    weight: Array | None = None


class Arrays:
    """Samples held in memory, checked as a whole.

    Args:
        x: ``(rows, …)``.
        y: ``(rows, …)`` or ``None``.
        sample_weight: ``(rows,)`` or ``None``.
        class_weight: Weights by class index, multiplied with the sample weights.

    Raises:
        ValueError, TypeError: See ``as_array``, ``check_rows``, ``check_finite``.
    """

    def __init__(self, x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> None:
        self.x = as_array(x, "x")
        self.y = None if y is None else as_array(y, "y")
        self.weight = self.sample_weight = (
            None if sample_weight is None else _weight_rows(as_array(sample_weight, "sample_weight"))
        )
        self.rows = check_rows({"x": self.x, "y": self.y, "sample_weight": self.weight})
        self.mapped = is_memory_map(self.x) or is_memory_map(self.y)
        for what, array in (("x", self.x), ("y", self.y), ("sample_weight", self.weight)):
            if array is not None and (what == "sample_weight" or not is_memory_map(array)):
                check_finite(array, what)
        if class_weight is not None:
            if self.y is None:
                raise ValueError("class_weight: expected targets y to look the classes up in, got none.")
            weights = class_weights(self.y, class_weight)
            self.weight = weights if self.weight is None else self.weight * weights

    def batches(self, batch_size: int, order: np.ndarray[Any, Any] | None = None) -> Iterator[Batch]:
        """Yield batches one by one, where they are: how a memory map is read, whose batches are checked here.

        Raises:
            ValueError: See ``check_finite``.
        """
        for start in range(0, self.rows, batch_size):
            part = slice(start, start + batch_size)
            rows: Any = range(self.rows)[part] if order is None else order[part]
            chosen: Any = part if order is None else rows  # a slice is read without a copy
            batch = Batch(*(_rows(a, chosen) for a in (self.x, self.y, self.weight)))
            if self.mapped:  # other arrays were checked as a whole
                check_finite(batch.x, "x", rows)
                if batch.y is not None:
                    check_finite(batch.y, "y", rows)
            yield batch

    def split(self, fraction: float) -> tuple[Arrays, Arrays]:
        """Return the first part and the last ``fraction`` of the samples; class weights are only for the first.

        Raises:
            ValueError: No fraction, or one of the parts would be empty.
        """
        if not isinstance(fraction, (int, float, np.number)) or not 0 < fraction < 1:
            raise ValueError(f"validation_split: expected a fraction between 0 and 1, got {fraction!r}.")
        border = int(self.rows * (1 - fraction))
        if border in (0, self.rows):
            raise ValueError(f"validation_split={fraction} of {self.rows} samples leaves one part empty.")
        return (
            self._part(slice(0, border), self.weight),
            self._part(slice(border, None), self.sample_weight),
        )

    def _part(self, rows: slice, weight: Array | None) -> Arrays:
        part = object.__new__(Arrays)
        part.x, part.y, part.weight = (None if a is None else a[rows] for a in (self.x, self.y, weight))
        part.sample_weight = part.weight
        part.rows, part.mapped = len(part.x), self.mapped
        return part


class Stream:
    """Batches from an iterable of ``x``, ``(x, y)`` or ``(x, y, sample_weight)``.

    An iterator (a generator) is read on across epochs; anything else is started anew at each.
    """

    rows: int | None = None

    def __init__(self, batches: Iterable[Any], class_weight: Any = None) -> None:
        self.source = batches
        self.class_weight = class_weight
        self.once = isinstance(batches, Iterator)
        self._first: list[Batch] = []
        self._running: Iterator[Any] | None = None

    def __len__(self) -> int:
        return len(self.source)  # type: ignore[arg-type]

    @property
    def length(self) -> int | None:
        """The number of batches, where the source knows it."""
        return len(self) if hasattr(self.source, "__len__") else None

    def peek(self) -> Batch:
        """Return the first batch without using it up.

        Raises:
            ValueError: There is none.
        """
        if not self._first:
            iterator = self._iterator()
            try:
                self._first.append(self._checked(next(iterator)))
            except StopIteration:
                raise ValueError("x: expected at least one batch, got an empty iterable.") from None
            self._running = iterator
        return self._first[0]

    def restart(self) -> None:
        """Start a new epoch, where the source can be started anew."""
        if not self.once and not self._first:
            self._running = None

    def __iter__(self) -> Iterator[Batch]:
        while True:
            if self._first:
                yield self._first.pop()
                continue
            if self._running is None:
                self._running = self._iterator()
            try:
                batch = next(self._running)
            except StopIteration:
                return
            yield self._checked(batch)

    def _iterator(self) -> Iterator[Any]:
        if not self.once and not hasattr(self.source, "__iter__"):  # a Sequence in Keras' sense
            return (self.source[index] for index in range(len(self)))  # type: ignore[index]
        return iter(self.source)

    def _checked(self, batch: Any) -> Batch:
        parts = batch if isinstance(batch, (tuple, list)) else (batch,)
        if not 1 <= len(parts) <= 3:
            raise ValueError(f"Expected batches (x, y) or (x, y, sample_weight), got {len(parts)} parts.")
        x, y, weight = (*parts, None, None)[:3]
        checked = Arrays(x, y, weight, self.class_weight if y is not None else None)
        return Batch(checked.x, checked.y, checked.weight)


Data = Arrays | Stream


def adapt(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Data:
    """Return checked data from what ``fit``, ``evaluate`` and ``predict`` take.

    Raises:
        ValueError: An iterable of batches comes with ``y`` or weights of its own beside it.
    """
    if isinstance(x, (Arrays, Stream)):
        return x
    arraylike = hasattr(x, "__array__") or hasattr(x, "__dlpack__") or hasattr(x, "__cuda_array_interface__")
    plain = isinstance(x, (list, tuple, int, float, complex, str)) and not is_list_of_batches(x)
    if arraylike or plain or x is None:
        if x is None:
            raise ValueError("x: expected an array or an iterable of batches, got None.")
        return Arrays(x, y, sample_weight, class_weight)
    if isinstance(x, Mapping) or (not hasattr(x, "__iter__") and not hasattr(x, "__getitem__")):
        raise TypeError(f"x: expected an array or an iterable of batches, got {type(x).__name__}.")
    if y is not None or sample_weight is not None:
        raise ValueError(
            "x is an iterable of batches: y and sample_weight belong into it, as (x, y, sample_weight)."
        )
    return Stream(x, class_weight)


def is_list_of_batches(value: Any) -> bool:
    """Tell whether a list holds batches, tuples of arrays, and not the rows of one array."""
    first = value[0] if isinstance(value, list) and value else None
    return (
        isinstance(first, tuple)
        and bool(first)
        and hasattr(first[0], "__array__")
        and getattr(first[0], "ndim", 1) > 0  # a NumPy number is part of a row
    )


def _rows(array: Array | None, chosen: Any) -> Array | None:
    """Return some rows; those of a memory map as a plain array."""
    if array is None:
        return None
    if is_device_array(array):
        return array[chosen if isinstance(chosen, slice) else backend_of(array).xp.asarray(chosen)]
    return np.asarray(array[chosen])


def _weight_rows(weight: Array) -> Array:
    if weight.ndim == 2 and weight.shape[1] == 1:
        weight = weight[:, 0]
    if weight.ndim != 1:
        raise ValueError(f"sample_weight: expected one weight a sample, shape (rows,), got {weight.shape}.")
    return weight
