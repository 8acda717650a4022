"""Mixed precision on the host: NumPy in float32, rounded to 16 bits wherever a GPU would store a number in 16 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .base import Backend
from .formulas import ActivationFormula, Array, Below, LossFormula, UpdateFormula
from .numpy_backend import NumpyBackend
from .precision import Precision

if TYPE_CHECKING:
    from ..arena import Arena


class RoundedBackend(NumpyBackend):
    """The reference of the mixed precisions; it saves neither time nor memory.

    Args:
        plain: The backend without rounding.
        precision: A policy whose storage has 16 bits.
    """

    def __init__(self, plain: NumpyBackend, precision: Precision) -> None:
        super().__init__()
        self.plain, self.precision = plain, precision
        self.round = {"float16": round_to_float16, "bfloat16": round_to_bfloat16}[precision.storage]

    def with_precision(self, precision: Precision) -> Backend:
        """Return the backend of another precision."""
        return self.plain.with_precision(precision)

    def rounded(self, array: Array) -> Array:
        """Return a rounded copy."""
        copy = array.copy()
        self.round(copy)
        return copy

    def operands(self, values: Array) -> Array:
        """Return a buffer for the rounded copy."""
        return self.zeros(values.shape, values.dtype)

    def refresh(self, arena: Arena) -> None:
        """Round the parameters anew."""
        arena.operands[...] = arena.values
        self.round(arena.operands)

    def loss_scale(self) -> Array | None:
        """Return the state of the loss scale: only float16 needs one."""
        return self.initial_loss_scale() if self.precision.storage == "float16" else None

    def dense(
        self,
        x: Array,
        kernel: Array,
        bias: Array | None,
        activation: ActivationFormula | None,
        preactivation: Array,
        out: Array,
        auxiliary: Array | None = None,
    ) -> None:
        """Compute in float32 and round the output; on a GPU the input is rounded as it is gathered."""
        super().dense(self.rounded(x), kernel, bias, activation, preactivation, out)
        self.round(preactivation)
        self.round(out)

    def dense_backward(
        self,
        x: Array,
        kernel: Array,
        activation: ActivationFormula | None,
        preactivation: Array,
        y: Array,
        gradient: Array,
        kernel_gradient: Array | None,
        bias_gradient: Array | None,
        x_gradient: Array | None,
        below: Below | None = None,
    ) -> None:
        """Round the gradients of activations; those of parameters stay in float32."""
        if activation is not None:
            self.activate_backward(activation, preactivation, y, gradient, gradient)
        super().dense_backward(
            self.rounded(x),
            kernel,
            None,
            preactivation,
            y,
            gradient,
            kernel_gradient,
            bias_gradient,
            x_gradient,
            below,
        )
        if x_gradient is not None:
            self.round(x_gradient)

    def activate(self, activation: ActivationFormula, x: Array, out: Array) -> None:
        """Activate and round."""
        super().activate(activation, x, out)
        self.round(out)

    def activate_backward(
        self, activation: ActivationFormula, x: Array, y: Array, gradient: Array, out: Array
    ) -> None:
        """Go back through an activation and round."""
        super().activate_backward(activation, x, y, gradient, out)
        self.round(out)

    def dropout(self, x: Array, out: Array, rate: float, seed: int, layer: int, counters: Array) -> None:
        """Drop out and round."""
        super().dropout(x, out, rate, seed, layer, counters)
        self.round(out)

    def loss(
        self,
        loss: LossFormula,
        y_true: Array,
        y_pred: Array,
        weight: Array | None,
        predictions: Array | None,
        gradient: Array,
        totals: Array,
        scale: Array | None = None,
    ) -> None:
        """Compute in float32, round predictions and gradient."""
        super().loss(loss, y_true, y_pred, weight, predictions, gradient, totals, scale)
        self.round(gradient)
        if predictions is not None:
            self.round(predictions)

    def update(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
    ) -> None:
        """Update the parameters and round them anew."""
        super().update(optimizer, arena, slots, table, counters)
        self.refresh(arena)


def round_to_float16(array: np.ndarray[Any, Any]) -> None:
    """Round to the nearest float16, ties to even, in place.

    Example:
        >>> x = np.array([1 + 2.0**-11, 70000.0], "float32")
        >>> with np.errstate(over="ignore"):
        ...     round_to_float16(x)
        >>> x.tolist()
        [1.0, inf]
    """
    array[...] = array.astype(np.float16)


def round_to_bfloat16(array: np.ndarray[Any, Any]) -> None:
    """Round float32 to the nearest bfloat16, ties to even, in place.

    Example:
        >>> x = np.array([1 + 2.0**-8, 1 + 3 * 2.0**-8, np.inf, np.nan], "float32")
        >>> round_to_bfloat16(x)
        >>> x.tolist()
        [1.0, 1.015625, inf, nan]
    """
    bits = array.view(np.uint32)
    nan = np.isnan(array)
    bits += 0x7FFF + ((bits >> 16) & 1)
    bits &= 0xFFFF0000
    array[nan] = np.nan
