"""Quadratic near the target, linear far from it: outliers pull with a limited force."""

from __future__ import annotations

import math
from typing import Any

from ..backend import Array
from .base import registry
from .in_place import InPlaceLoss, row_dot, row_sum, unreduced


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Array:
    """Return the Huber loss of each sample, the mean over ``k`` of ``e²/2`` for ``|e| ≤ δ``, else ``δ|e| - δ²/2``.

    With ``eₖ = fₖ - yₖ``, ``∂L/∂fₖ = 1/K min(δ, max(-δ, eₖ))``.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.
        delta: Where the loss becomes linear, ``δ > 0``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ, or ``delta`` is not positive.

    Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.

    Example:
        >>> huber([[0.0], [0.0]], [[1.0], [3.0]]).tolist()
        [0.5, 2.5]
    """
    return unreduced(Huber, y_true, y_pred, delta=delta)


def log_cosh(y_true: Any, y_pred: Any) -> Array:
    """Return the log-cosh loss of each sample, ``L = 1/K Σₖ log(cosh(fₖ - yₖ))``, ``∂L/∂fₖ = 1/K tanh(fₖ - yₖ)``.

    Computed as ``|e| + log((1 + e^-2|e|) / 2)``, which neither overflows nor cancels.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> log_cosh([[0.0], [0.0]], [[1.0], [1e4]]).round(4).tolist()
        [0.4338, 9999.3069]
    """
    return unreduced(LogCosh, y_true, y_pred)


@registry.register("huber")
class Huber(InPlaceLoss):
    """Huber loss over a batch, see ``huber``.

    Args:
        delta: Where the loss becomes linear, above 0.
        reduction, name, dtype: See ``Loss``.

    Raises:
        ValueError: ``delta`` is not positive.

    Example:
        >>> float(Huber(delta=2.0)([[0.0], [0.0]], [[1.0], [3.0]]))
        2.25
    """

    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: Any = None,
    ) -> None:
        super().__init__(reduction, name, dtype)
        if not 0 < delta < math.inf:
            raise ValueError(f"Huber: expected a finite delta > 0, got {delta}.")
        self.delta = delta

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        error = y_pred - y_true
        xp.clip(error, -self.delta, self.delta, out=gradient)
        error -= gradient / 2  # c (e - c/2) is e²/2 where c = e, and δ|e| - δ²/2 where c = ±δ
        values = row_dot(xp, gradient, error) / y_pred.shape[-1]
        gradient /= y_pred.shape[-1]
        return values

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "delta": self.delta}


@registry.register("log_cosh")
class LogCosh(InPlaceLoss):
    """Log-cosh loss over a batch, see ``log_cosh``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(LogCosh()([[1.0]], [[1.0]]))
        0.0
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        xp.subtract(y_pred, y_true, out=gradient)
        size = xp.abs(gradient)
        rest = -2 * size
        xp.expm1(rest, out=rest)
        rest /= 2
        xp.log1p(rest, out=rest)
        size += rest
        xp.tanh(gradient, out=gradient)
        gradient /= y_pred.shape[-1]
        return row_sum(xp, size) / y_pred.shape[-1]
