"""The arena: every parameter, gradient and optimizer slot as views into one flat, aligned buffer each.

One buffer makes one update of an optimizer one pass (on a GPU: one kernel) over the whole model.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .backend import Array, Backend
from .parameter import Parameter

ALIGNMENT = 256  # bytes between the starts of parameters: vector accesses and matrix products want it


class Segments(NamedTuple):
    """Where the trained parameters lie, for kernels: buffers of the backend that stay where they are.

    Attributes:
        starts: Where each parameter starts, and last where they end.
        owners: Which parameter each 256 bytes belong to.
        decayed: Whether weight decay applies to each 256 bytes; gaps are zero, they decay or not.
    """

    starts: Array
    owners: Array
    decayed: Array


class Arena:
    """Flat storage for parameters; the trainable ones come first.

    Args:
        backend: Where the buffers live.
        parameters: The parameters to move in. Their values are kept, their ``value`` and ``gradient`` become views.
        frozen: Those that are not trained although they could be.
        dtype: The float type of all buffers.

    Attributes:
        values: All parameters, ``trainable_size`` trained elements first; gaps are zero.
        operands: ``values`` as products read them: the same buffer, or under a mixed precision a copy in 16 bits.
        gradients: The gradients of the trained ones.
        decayed: ``(start, stop)`` ranges that weight decay applies to.
        loss_scale: The state of the loss scale, where the backend's precision needs one.
    """

    def __init__(
        self,
        backend: Backend,
        parameters: Sequence[Parameter],
        frozen: Collection[Parameter] = (),
        dtype: Any = np.float32,
    ) -> None:
        self.backend = backend
        self.dtype = np.dtype(dtype)
        self.trainable = _trained(parameters, frozen)
        trained = set(self.trainable)
        self.fixed = [parameter for parameter in parameters if parameter not in trained]
        self._places: dict[Parameter, tuple[int, tuple[int, ...]]] = {}  # where each starts, and its shape
        self.trainable_size = self._place(self.trainable, 0)
        self.values = backend.zeros(self._place(self.fixed, self.trainable_size), self.dtype)
        self.operands = backend.operands(self.values)
        self.loss_scale = self._inherited_loss_scale(parameters)
        self.gradients = backend.zeros(self.trainable_size, self.dtype)
        self.decayed = [(0, self.trainable_size)] if self.trainable_size else []
        self._segments: Segments | None = None
        self._scratch = backend.empty(0, self.dtype)
        for parameter in self._places:
            backend.upload(parameter.numpy(), self.view(self.values, parameter))
        self._attach(self._places)

    def _inherited_loss_scale(self, parameters: Sequence[Parameter]) -> Array | None:
        """Return the loss scale, as it was where the parameters come from."""
        scale = self.backend.loss_scale()
        before = parameters[0].arena if parameters else None
        if scale is not None and before is not None and before.loss_scale is not None:
            self.backend.upload(before.backend.download(before.loss_scale), scale)
        return scale

    def _attach(self, parameters: Collection[Parameter]) -> None:
        trained = set(self.trainable)
        for parameter in parameters:
            parameter.arena, parameter.value = self, self.view(self.values, parameter)
            parameter.operand = self.view(self.operands, parameter)
            parameter.gradient = self.view(self.gradients, parameter) if parameter in trained else None

    def _place(self, parameters: Sequence[Parameter], start: int) -> int:
        step = ALIGNMENT // self.dtype.itemsize
        for parameter in parameters:
            self._places[parameter] = start, parameter.shape
            start += -(-parameter.size // step) * step
        return start

    def view(self, flat: Array, parameter: Parameter) -> Array:
        """Return the part of a flat buffer (values, gradients, a slot) that belongs to ``parameter``."""
        start, shape = self._places[parameter]
        return flat[start : start + math.prod(shape)].reshape(shape)

    def owns(self, parameters: Sequence[Parameter], frozen: Collection[Parameter] = ()) -> bool:
        """Tell whether exactly these parameters, frozen alike, still live here."""
        return (
            all(p.arena is self for p in parameters)
            and len(parameters) == len(self._places)
            and _trained(parameters, frozen) == self.trainable
        )

    def exclude_from_decay(self, excluded: Collection[Parameter]) -> None:
        """Keep weight decay away from these parameters."""
        spared = set(excluded)
        if spared:
            starts = ((self._places[p][0], p.size) for p in self.trainable if p not in spared)
            self.decayed = [(start, start + size) for start, size in starts]
        else:
            self.decayed = [(0, self.trainable_size)] if self.trainable_size else []
        if self._segments is not None:
            self.backend.upload(self._decay_flags(), self._segments.decayed)

    def segments(self) -> Segments:
        """Return the table of segments. A recorded step reads it, so it follows ``exclude_from_decay`` in place."""
        if self._segments is None:
            starts = np.array([*(self._places[p][0] for p in self.trainable), self.trainable_size], np.int64)
            lengths = np.diff(starts) // (ALIGNMENT // self.dtype.itemsize)
            owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
            tables = starts, owners, self._decay_flags()
            self._segments = Segments(*(self.backend.resident(table, table.dtype) for table in tables))
        return self._segments

    def _decay_flags(self) -> np.ndarray[Any, Any]:
        step = ALIGNMENT // self.dtype.itemsize
        flags = np.zeros(self.trainable_size // step, np.bool_)
        for start, stop in self.decayed:
            flags[start // step : -(-stop // step)] = True
        return flags

    def scratch(self, size: int) -> Array:
        """Return a scratch buffer that lives as long as the arena."""
        if len(self._scratch) < size:
            self._scratch = self.backend.empty(size, self.dtype)
        return self._scratch[:size]

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "attached": [p for p in self._places if p.arena is self]}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        """Give the parameters of a copy views into the buffers of the copy."""
        own = dict(state)
        attached = own.pop("attached")
        vars(self).update(own)
        self._attach(attached)


def _trained(parameters: Sequence[Parameter], frozen: Collection[Parameter]) -> list[Parameter]:
    left_alone = set(frozen)
    return [parameter for parameter in parameters if parameter.trainable and parameter not in left_alone]
