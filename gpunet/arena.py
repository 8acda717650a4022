"""The arena: every parameter, gradient and optimizer slot as views into one flat, aligned buffer each.

One buffer makes one update of an optimizer one pass (on a GPU: one kernel) over the whole model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from .backend import Array, Backend
from .parameter import Parameter

ALIGNMENT = 256  # bytes between the starts of parameters: vector accesses and matrix products want it


class Arena:
    """Flat storage for parameters; the trainable ones come first.

    Args:
        backend: Where the buffers live.
        parameters: The parameters to move in. Their values are kept, their ``value`` and ``gradient`` become views.
        frozen: Those that are not trained although they could be.
        dtype: The float type of all buffers.

    Attributes:
        values: All parameters, ``trainable_size`` trained elements first; gaps are zero.
        gradients: The gradients of the trained ones.
        decayed: ``(start, stop)`` ranges that weight decay applies to.
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
        fixed = {id(parameter) for parameter in frozen}
        self.trainable = [p for p in parameters if p.trainable and id(p) not in fixed]
        self.fixed = [p for p in parameters if not (p.trainable and id(p) not in fixed)]
        self._starts: dict[int, int] = {}
        self.trainable_size = self._place(self.trainable, 0)
        self.values = backend.zeros(self._place(self.fixed, self.trainable_size), self.dtype)
        self.gradients = backend.zeros(self.trainable_size, self.dtype)
        self.decayed = [(0, self.trainable_size)] if self.trainable_size else []
        self._scratch = backend.empty(0, self.dtype)
        for parameter in [*self.trainable, *self.fixed]:
            view = self.view(self.values, parameter)
            backend.upload(parameter.numpy(), view)
            parameter.value, parameter.arena = view, self
            parameter.gradient = None
        for parameter in self.trainable:
            parameter.gradient = self.view(self.gradients, parameter)

    def _place(self, parameters: Sequence[Parameter], start: int) -> int:
        step = ALIGNMENT // self.dtype.itemsize
        for parameter in parameters:
            self._starts[id(parameter)] = start
            start += -(-parameter.size // step) * step
        return start

    def view(self, flat: Array, parameter: Parameter) -> Array:
        """Return the part of a flat buffer (values, gradients, a slot) that belongs to ``parameter``."""
        start = self._starts[id(parameter)]
        return flat[start : start + parameter.size].reshape(parameter.shape)

    def owns(self, parameters: Sequence[Parameter], frozen: Collection[Parameter] = ()) -> bool:
        """Tell whether exactly these parameters, frozen alike, still live here."""
        fixed = {id(parameter) for parameter in frozen}
        trained = [p for p in parameters if p.trainable and id(p) not in fixed]
        return (
            all(p.arena is self for p in parameters)
            and len(parameters) == len(self._starts)
            and [id(p) for p in trained] == [id(p) for p in self.trainable]
        )

    def exclude_from_decay(self, excluded: Collection[Parameter]) -> None:
        """Keep weight decay away from these parameters."""
        spared = {id(parameter) for parameter in excluded}
        if not spared:
            self.decayed = [(0, self.trainable_size)] if self.trainable_size else []
            return
        self.decayed = [
            (self._starts[id(p)], self._starts[id(p)] + p.size) for p in self.trainable if id(p) not in spared
        ]

    def scratch(self, size: int) -> Array:
        """Return a scratch buffer that lives as long as the arena."""
        if len(self._scratch) < size:
            self._scratch = self.backend.empty(size, self.dtype)
        return self._scratch[:size]
