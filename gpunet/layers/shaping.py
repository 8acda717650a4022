"""Layers that only say or change shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..backend import Array
from .base import Layer, Shape, registry


@registry.register("input")
class Input(Layer):
    """Tells a model the shape of one sample; it computes nothing.

    Args:
        shape: The shape without the batch: ``(64,)``.
        batch_shape: The shape with it: ``(None, 64)``; instead of ``shape``.
        **options: What every layer takes, see ``Layer``.

    Raises:
        ValueError: Neither shape or both are given, or a size is not a positive integer.

    Example:
        >>> Input(shape=(64,)).sample_shape
        (64,)
    """

    def __init__(
        self,
        shape: Sequence[int] | None = None,
        batch_shape: Sequence[int | None] | None = None,
        **options: Any,
    ) -> None:
        if (shape is None) == (batch_shape is None):
            raise ValueError("Input: expected either shape=(features,) or batch_shape=(None, features).")
        sample: Any = shape if batch_shape is None else tuple(batch_shape)[1:]
        super().__init__(input_shape=sample, **options)

    def alias(self, x: Array, training: bool) -> Array | None:
        return x

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "shape": list(self.sample_shape or ())}


@registry.register("flatten")
class Flatten(Layer):
    """Makes one row of each sample: ``(rows, a, b, …)`` becomes ``(rows, a·b·…)``.

    Example:
        >>> Flatten()([[[1.0, 2.0], [3.0, 4.0]]]).tolist()
        [[1.0, 2.0, 3.0, 4.0]]
    """

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (None, math.prod(size or 0 for size in input_shape[1:]))

    def alias(self, x: Array, training: bool) -> Array | None:
        return x.reshape(len(x), math.prod(x.shape[1:]))
