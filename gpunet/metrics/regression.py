"""How far predicted numbers are from their targets."""

from __future__ import annotations

from typing import Any

from .. import losses
from ..backend import Array
from .arithmetic import aligned, divide_no_nan
from .base import registry
from .reduction import FunctionMetric, Mean


@registry.register("mean_squared_error", "mse", "MSE")
class MeanSquaredError(FunctionMetric):
    """The mean of ``(f - y)²``, see ``losses.mean_squared_error``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(MeanSquaredError()([[0.0], [0.0]], [[1.0], [3.0]]))
        5.0
    """

    def __init__(self, name: str | None = "mean_squared_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_error, name, dtype)


@registry.register("mean_absolute_error", "mae", "MAE")
class MeanAbsoluteError(FunctionMetric):
    """The mean of ``|f - y|``, see ``losses.mean_absolute_error``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(MeanAbsoluteError()([[0.0], [0.0]], [[1.0], [3.0]]))
        2.0
    """

    def __init__(self, name: str | None = "mean_absolute_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_error, name, dtype)


@registry.register("mean_absolute_percentage_error", "mape", "MAPE")
class MeanAbsolutePercentageError(FunctionMetric):
    """The mean of ``100 |f - y| / |y|``, see ``losses.mean_absolute_percentage_error``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]]))
        25.0
    """

    def __init__(self, name: str | None = "mean_absolute_percentage_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_absolute_percentage_error, name, dtype)


@registry.register("mean_squared_logarithmic_error", "msle", "MSLE")
class MeanSquaredLogarithmicError(FunctionMetric):
    """The mean of ``(log(1 + f) - log(1 + y))²``, see ``losses.mean_squared_logarithmic_error``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> round(float(MeanSquaredLogarithmicError()([[0.0]], [[1.718281828]])), 5)
        1.0
    """

    def __init__(self, name: str | None = "mean_squared_logarithmic_error", dtype: Any = None) -> None:
        super().__init__(losses.mean_squared_logarithmic_error, name, dtype)


@registry.register("log_cosh_error")
class LogCoshError(FunctionMetric):
    """The mean of ``log(cosh(f - y))``, see ``losses.log_cosh``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> round(float(LogCoshError()([[0.0], [0.0]], [[1.0], [0.0]])), 4)
        0.2169
    """

    def __init__(self, name: str | None = "logcosh", dtype: Any = None) -> None:
        super().__init__(losses.log_cosh, name, dtype)


def cosine_similarity(y_true: Any, y_pred: Any, axis: int = -1) -> Array:
    """Return the cosine of the angle between target and prediction: 1 for the same direction, -1 for the opposite.

    It is minus the loss of the same name, as in Keras.

    Args:
        y_true: Targets, ``(…, K)``.
        y_pred: Predictions, ``(…, K)``.
        axis: The axis of the vectors.

    Returns:
        One value a sample, ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [-1.0, 0.0]]).tolist()
        [1.0, -1.0]
    """
    return -losses.cosine_similarity(y_true, y_pred, axis=axis)


@registry.register("cosine_similarity")
class CosineSimilarity(FunctionMetric):
    """The mean cosine of the angle between target and prediction, see ``cosine_similarity``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.
        axis: The axis of the vectors.

    Example:
        >>> float(CosineSimilarity()([[0.0, 2.0], [1.0, 0.0]], [[0.0, 3.0], [-1.0, 0.0]]))
        0.0
    """

    direction = "up"

    def __init__(self, name: str | None = "cosine_similarity", dtype: Any = None, axis: int = -1) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)
        self.axis = axis


@registry.register("root_mean_squared_error")
class RootMeanSquaredError(Mean):
    """``√(Σ wᵢ (fᵢ - yᵢ)² / Σ wᵢ)``: the root is taken once, over all batches.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> float(RootMeanSquaredError()([0.0, 0.0], [3.0, -3.0]))
        3.0
    """

    direction = "down"

    def __init__(self, name: str | None = "root_mean_squared_error", dtype: Any = None) -> None:
        super().__init__(name, dtype)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in one batch.

        Args:
            y_true: Targets ``(rows, …)``.
            y_pred: Predictions of the same shape.
            sample_weight: A number, one weight a sample or one weight a value.

        Raises:
            ValueError: The shapes don't fit.
        """
        y_true, y_pred = aligned(type(self).__name__, self.xp, y_true, y_pred, self.dtype)
        error = self.xp.subtract(y_pred, y_true, dtype="float64")
        error *= error
        super().update_state(error, sample_weight)

    def result(self) -> Array:
        """Return the root of the mean so far."""
        return self.xp.sqrt(divide_no_nan(self.xp, self.total, self.count)).astype(self.dtype)
