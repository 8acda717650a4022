"""Sums and means over all batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .. import losses
from ..backend import Array
from .arithmetic import broadcast_weight, divide_no_nan
from .base import Metric, registry


@registry.register("sum")
class Sum(Metric):
    """``Σ wᵢ vᵢ`` over all values of all batches.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> metric = Sum(); metric.update_state([1, 3, 5, 7], sample_weight=[1, 1, 0, 0]); float(metric.result())
        4.0
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "total")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Add the values of one batch.

        Args:
            values: Numbers of any shape.
            sample_weight: A number, one weight a sample or one weight a value.

        Raises:
            ValueError: The weights don't fit the values.
        """
        values = self.xp.asarray(values)
        if sample_weight is not None:
            values = values * broadcast_weight(self.name, self.xp, sample_weight, values.shape)
        self.total += values.sum(dtype="float64")

    def result(self) -> Array:
        """Return the sum so far."""
        return self.total.astype(self.dtype)


@registry.register("mean")
class Mean(Metric):
    """``Σ wᵢ vᵢ / Σ wᵢ`` over the samples of all batches; the value of a sample is the mean over its axes.

    A batch with a single number as weight counts as one sample of that weight, as in Keras. The mean of nothing is 0.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> metric = Mean(); metric.update_state([1, 3, 5, 7]); float(metric.result())
        4.0
        >>> metric.update_state([10, 0], sample_weight=[4, 0]); float(metric.result())
        7.0
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.total = self.add_variable((), "total")
        self.count = self.add_variable((), "count")

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in the values of one batch.

        Args:
            values: Numbers, ``(rows, …)``; truth values count as 0 and 1.
            sample_weight: A number, one weight a sample or one weight a value.

        Raises:
            ValueError: The weights don't fit the values.
        """
        xp, total, count = self.xp, self.total, self.count  # locals: += is in place and passes __setattr__ by
        values = xp.asarray(values)
        samples = values.shape[0] if values.ndim else 1
        if sample_weight is None:
            added = xp.count_nonzero(values) if values.dtype.kind == "b" else values.sum(dtype="float64")
            weight = values.size
        else:
            weights = xp.asarray(sample_weight, dtype="float64")
            samples = samples if weights.ndim else 1
            weights = broadcast_weight(self.name, xp, weights, values.shape)
            added, weight = (values * weights).sum(), weights.sum()
        if values.size != samples:
            added = added * samples / max(values.size, 1)
            weight = weight * samples / max(values.size, 1)
        total += added
        count += weight

    def result(self) -> Array:
        """Return the mean so far."""
        return divide_no_nan(self.xp, self.total, self.count).astype(self.dtype)


@registry.register("mean_metric_wrapper")
class MeanMetricWrapper(Mean):
    """The mean over all samples of a function's values.

    Args:
        fn: ``fn(y_true, y_pred, **kwargs)`` that returns one value a sample, with functions that NumPy and CuPy share.
            Of losses less is better (``direction``); of any other function that isn't known.
        name: The key in logs; the snake-case class name by default.
        dtype: The float type of the result.
        **kwargs: Further arguments for ``fn``.

    Example:
        >>> import numpy as np
        >>> def largest_error(y_true, y_pred):
        ...     return abs(np.asarray(y_pred) - np.asarray(y_true)).max(axis=-1)
        >>> metric = MeanMetricWrapper(largest_error, name="largest_error")
        >>> float(metric([[0.0, 0.0], [0.0, 0.0]], [[1.0, -3.0], [0.0, 1.0]]))
        2.0
    """

    def __init__(
        self, fn: Callable[..., Any], name: str | None = None, dtype: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        self.fn = fn
        self.options = kwargs
        if isinstance(fn, losses.Loss) or any(fn is member for member in vars(losses).values()):
            self.direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in one batch.

        Args:
            y_true: Targets.
            y_pred: Predictions ``(rows, …)``.
            sample_weight: A number, one weight a sample or one weight a value.

        Raises:
            ValueError: Targets or weights don't fit the predictions.
        """
        super().update_state(self.fn(y_true, y_pred, **self.options), sample_weight)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments, the function itself among them; ``serialize`` writes its name."""
        return {**super().get_config(), "fn": self.fn, **self.options}

    @classmethod
    def from_config(cls, config: Any) -> Any:
        """Make a metric from what ``get_config`` returned; a function may be given by its name, a loss be described."""
        config = dict(config)
        if isinstance(config.get("fn"), Mapping):
            config["fn"] = losses.deserialize(config["fn"])
        elif isinstance(config.get("fn"), str):
            found = registry.get(config["fn"])
            config["fn"] = getattr(found, "fn", found)
        return cls(**config)


class FunctionMetric(MeanMetricWrapper):
    """A ``MeanMetricWrapper`` whose class fixes the function."""

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["fn"]
        return config
