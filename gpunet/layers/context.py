"""What a layer may use while a program runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import config
from ..backend import Array, Backend


class Context:
    """The surroundings of a forward or backward pass.

    Args:
        backend: Who computes.
        dtype: The float type of parameters and their gradients; values have the backend's storage for it.
        training: Whether this is a training step (dropout is at work) or inference.
        counters: The device-resident counters of the program; the first is the training step.
        seed: The key of the random numbers of this model.
        positions: The number of each layer in the model, by its ``id``: it keeps their random numbers apart.
    """

    def __init__(
        self,
        backend: Backend,
        dtype: Any,
        training: bool = False,
        counters: Array = None,
        seed: int = 0,
        positions: Mapping[int, int] | None = None,
    ) -> None:
        self.backend = backend
        self.dtype, self.storage = dtype, backend.storage(dtype)
        self.training = training
        self.counters = backend.zeros(3, np.int64) if counters is None else counters
        self.seed = seed
        self.positions = positions or {}
        self._buffers: dict[tuple[int, str], Array] = {}

    @classmethod
    def eager(cls, backend: Backend, dtype: Any, training: bool) -> Context:
        """Return the context of a single call outside a program, with random numbers of its own."""
        return cls(backend, dtype, training, seed=config.draw_seed() if training else 0)

    def buffer(self, layer: object, name: str, shape: tuple[int, ...], dtype: Any = None) -> Array:
        """Return a scratch buffer of ``layer`` that is the same at every step: made when first asked for.

        Its dtype is that of values unless it is told.
        """
        key = id(layer), name
        found = self._buffers.get(key)
        if found is None:
            found = self._buffers[key] = self.backend.empty(shape, dtype or self.storage)
        return found
