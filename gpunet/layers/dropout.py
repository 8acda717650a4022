"""Dropout against overfitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import Array
from .base import Layer, is_positive_integer, registry
from .context import Context


@registry.register("dropout")
class Dropout(Layer):
    """Sets a random part of its inputs to zero in training: ``y = x · mask / (1 - rate)``; nothing at inference.

    The mask is new at each step and the same on every backend: a Philox word of (seed, layer, step, element).

    Source: Srivastava et al., "Dropout", JMLR 2014 (here inverted: scaled in training, not at inference).

    Args:
        rate: The part that is dropped, in [0, 1).
        seed: A seed of its own, a non-negative integer; by default the model's.
        **options: What every layer takes, see ``Layer``.

    Raises:
        ValueError: ``rate`` is outside [0, 1), or the seed is no non-negative integer.

    Example:
        >>> Dropout(0.5)([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
    """

    def __init__(self, rate: float, *, seed: int | None = None, **options: Any) -> None:
        if not isinstance(rate, (int, float, np.number)) or not 0 <= rate < 1:
            raise ValueError(f"Dropout: expected a rate in [0, 1), got {rate!r}.")
        if seed is not None and not (is_positive_integer(seed) or seed == 0):
            raise ValueError(f"Dropout: expected a non-negative integer as seed, got {seed!r}.")
        super().__init__(**options)
        self.rate, self.seed = float(rate), None if seed is None else int(seed)

    def alias(self, x: Array, training: bool) -> Array | None:
        return None if training and self.rate > 0 else x

    def forward_into(self, context: Context, x: Array, y: Array) -> None:
        self._drop(context, x, y)

    def backward_into(
        self, context: Context, x: Array, y: Array, gradient: Array, x_gradient: Array | None
    ) -> None:
        if x_gradient is not None:
            self._drop(context, gradient, x_gradient)

    def _drop(self, context: Context, source: Array, out: Array) -> None:
        seed = context.seed if self.seed is None else self.seed
        position = context.positions.get(id(self), 0)
        context.backend.dropout(source, out, self.rate, seed, position, context.counters)
