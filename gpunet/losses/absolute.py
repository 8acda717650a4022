"""Absolute differences."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from ..backend.formulas import EPSILON
from .base import registry
from .in_place import InPlaceLoss, row_sum, unreduced


def mean_absolute_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean absolute error of each sample, ``L = 1/K Σₖ |fₖ - yₖ|``, ``∂L/∂fₖ = 1/K sign(fₖ - yₖ)``.

    The derivative at ``fₖ = yₖ`` is taken as 0.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> mean_absolute_error([[0.0, 0.0]], [[1.0, -3.0]]).tolist()
        [2.0]
    """
    return unreduced(MeanAbsoluteError, y_true, y_pred)


def mean_absolute_percentage_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean absolute percentage error of each sample, ``L = 100/K Σₖ |fₖ - yₖ| / |yₖ|``.

    ``∂L/∂fₖ = 100/K sign(fₖ - yₖ) / |yₖ|``, 0 at ``fₖ = yₖ``. A ``|yₖ|`` below 1e-7 counts as 1e-7.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, in percent, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> mean_absolute_percentage_error([[4.0, -2.0]], [[5.0, -2.0]]).tolist()
        [12.5]
    """
    return unreduced(MeanAbsolutePercentageError, y_true, y_pred)


@registry.register("mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(InPlaceLoss):
    """Mean absolute error over a batch, see ``mean_absolute_error``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [-3.0]]))
        2.0
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        xp.subtract(y_pred, y_true, out=gradient)
        values = row_sum(xp, xp.abs(gradient)) / y_pred.shape[-1]
        xp.sign(gradient, out=gradient)
        gradient /= y_pred.shape[-1]
        return values


@registry.register("mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(InPlaceLoss):
    """Mean absolute percentage error over a batch, see ``mean_absolute_percentage_error``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(MeanAbsolutePercentageError()([[4.0], [2.0]], [[5.0], [2.0]]))
        12.5
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        scale = xp.abs(y_true)
        xp.maximum(scale, EPSILON, out=scale)
        xp.subtract(y_pred, y_true, out=gradient)
        values = row_sum(xp, xp.abs(gradient) / scale) * (100 / y_pred.shape[-1])
        xp.sign(gradient, out=gradient)
        gradient /= scale
        gradient *= 100 / y_pred.shape[-1]
        return values
