"""Squared differences."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from ..backend.formulas import EPSILON
from .base import registry
from .in_place import InPlaceLoss, row_dot, unreduced


def mean_squared_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean squared error of each sample, ``L = 1/K Σₖ (fₖ - yₖ)²``, ``∂L/∂fₖ = 2/K (fₖ - yₖ)``.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> mean_squared_error([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
        [5.0]
    """
    return unreduced(MeanSquaredError, y_true, y_pred)


def half_mean_squared_error(y_true: Any, y_pred: Any) -> Array:
    """Return half the squared error of each sample, ``L = 1/2 Σₖ (fₖ - yₖ)²``, ``∂L/∂fₖ = fₖ - yₖ``.

    Its mean over ``m`` samples is the lecture's cost ``1/(2m) Σᵢ (f(xᵢ) - yᵢ)²``. Several outputs are summed, not
    averaged, so that the gradient is the plain difference whatever their number.

    Args:
        y_true: Targets ``y``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> half_mean_squared_error([[0.0, 0.0]], [[1.0, 3.0]]).tolist()
        [5.0]
        >>> half_mean_squared_error([[0.0]], [[3.0]]).tolist()
        [4.5]
    """
    return unreduced(HalfMeanSquaredError, y_true, y_pred)


def mean_squared_logarithmic_error(y_true: Any, y_pred: Any) -> Array:
    """Return the mean squared logarithmic error of each sample, ``L = 1/K Σₖ (log(1 + fₖ) - log(1 + yₖ))²``.

    ``∂L/∂fₖ = 2/K (log(1 + fₖ) - log(1 + yₖ)) / (1 + fₖ)``. Targets and predictions below 1e-7 count as 1e-7;
    the derivative with respect to such a prediction is 0.

    Args:
        y_true: Targets ``y ≥ 0``, shape ``(…, K)``.
        y_pred: Predictions ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> mean_squared_logarithmic_error([[0.0]], [[1.718281828]]).round(5).tolist()
        [1.0]
    """
    return unreduced(MeanSquaredLogarithmicError, y_true, y_pred)


@registry.register("mean_squared_error", "mse", "MSE")
class MeanSquaredError(InPlaceLoss):
    """Mean squared error over a batch, see ``mean_squared_error``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
        5.0
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        xp.subtract(y_pred, y_true, out=gradient)
        values = row_dot(xp, gradient, gradient) / y_pred.shape[-1]
        gradient *= 2 / y_pred.shape[-1]
        return values


@registry.register("half_mean_squared_error")
class HalfMeanSquaredError(InPlaceLoss):
    """The lecture's cost ``1/(2m) Σᵢ (f(xᵢ) - yᵢ)²`` over a batch of ``m`` samples, see ``half_mean_squared_error``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(HalfMeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
        2.5
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        xp.subtract(y_pred, y_true, out=gradient)
        return row_dot(xp, gradient, gradient) / 2


@registry.register("mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(InPlaceLoss):
    """Mean squared logarithmic error over a batch, see ``mean_squared_logarithmic_error``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(MeanSquaredLogarithmicError()([[3.0]], [[3.0]]))
        0.0
    """

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        clipped = xp.maximum(y_pred, EPSILON)
        xp.log1p(clipped, out=gradient)
        gradient -= xp.log1p(xp.maximum(y_true, EPSILON))
        values = row_dot(xp, gradient, gradient) / y_pred.shape[-1]
        gradient *= clipped == y_pred
        clipped += 1
        gradient /= clipped
        gradient *= 2 / y_pred.shape[-1]
        return values
