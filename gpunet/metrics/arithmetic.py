"""Arithmetic and checks that metrics share. Nothing here looks at the values of arrays on the host."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import Array
from ..losses.base import squeeze_or_expand


def divide_no_nan(xp: Any, numerator: Array, denominator: Array) -> Array:
    """Return ``numerator / denominator``, 0 where the denominator is 0.

    Example:
        >>> import numpy as np
        >>> divide_no_nan(np, np.array([1.0, 1.0]), np.array([0.0, 4.0])).tolist()
        [0.0, 0.25]
    """
    zero = denominator == 0
    return xp.where(zero, 0.0, numerator / xp.where(zero, 1.0, denominator))


def as_float(xp: Any, array: Any, dtype: Any) -> Array:
    """Return an array of floats: of ``dtype`` unless it holds floats already."""
    array = xp.asarray(array)
    return array if array.dtype.kind == "f" else array.astype(dtype)


def aligned(owner: str, xp: Any, y_true: Any, y_pred: Any, dtype: Any) -> tuple[Array, Array]:
    """Return targets and predictions (as floats) with equal shapes.

    A last axis of size 1 that only one of them has is mended.

    Args:
        owner: The metric, for the error.
        xp: Its array module.
        y_true: Targets.
        y_pred: Predictions.
        dtype: The float type of predictions that are no floats.

    Raises:
        ValueError: The shapes differ.
    """
    y_true, y_pred = squeeze_or_expand(xp.asarray(y_true), as_float(xp, y_pred, dtype))
    check_shapes(owner, y_true, y_pred)
    return y_true, y_pred


def check_shapes(owner: str, y_true: Array, y_pred: Array) -> None:
    """Check that targets and predictions have the same shape.

    Raises:
        ValueError: They haven't.
    """
    if y_true.shape != y_pred.shape:
        raise ValueError(
            f"{owner}: expected y_true and y_pred of the same shape, got {y_true.shape} and {y_pred.shape}."
        )


def check_columns(owner: str, y_pred: Array, state: Array) -> None:
    """Check that predictions have as many columns as the first ones, which a metric's state was made for.

    Args:
        owner: The metric, for the error.
        y_pred: Predictions ``(rows, columns)``.
        state: One number a column, or ``()`` if columns are not told apart.

    Raises:
        ValueError: They haven't.
    """
    if state.ndim and y_pred.shape[1:] != state.shape:
        raise ValueError(
            f"{owner}: expected predictions with {len(state)} columns, got shape {y_pred.shape}."
        )


def broadcast_weight(owner: str, xp: Any, sample_weight: Any, shape: tuple[int, ...]) -> Array:
    """Return weights in float64, one for each value.

    Args:
        owner: The metric, for the error.
        xp: Its array module.
        sample_weight: A number, one weight a sample ``(rows,)`` or ``(rows, 1)``, or an array with as many axes as
            the values, each of their size or 1.
        shape: The shape of the values, ``(rows, …)``.

    Raises:
        ValueError: They don't fit the values.

    Example:
        >>> import numpy as np
        >>> broadcast_weight("Mean", np, [1, 2], (2, 3)).tolist()
        [[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]
    """
    weight = xp.asarray(sample_weight, dtype="float64")
    if weight.shape == shape:
        return weight
    given, missing = weight.shape, len(shape) - weight.ndim
    if missing == -1 and given[-1] == 1:
        weight = weight[..., 0]
    elif weight.ndim and missing > 0:
        weight = weight.reshape(given + (1,) * missing)
    try:
        return xp.broadcast_to(weight, shape)
    except ValueError:
        raise ValueError(
            f"{owner}: expected sample_weight as one weight a sample or one a value, values have shape {shape}, got "
            f"shape {given}."
        ) from None


def positive_integer(owner: str, name: str, value: Any) -> int:
    """Return the value as an int.

    Raises:
        ValueError: It is no integer of at least 1.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
        raise ValueError(f"{owner}: expected {name} as an integer of at least 1, got {value!r}.")
    return int(value)
