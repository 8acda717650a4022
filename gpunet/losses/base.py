"""What a loss is: one value a sample, its gradient with respect to the prediction, and a reduction over the batch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from ..backend import Array, backend_of
from ..registry import Configurable, Registry, snake_case, suggest

registry: Registry[Loss] = Registry("loss")

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


class Loss(Configurable):
    """A loss ``L(y_true, y_pred)``.

    A subclass of your own writes ``call`` and ``gradient``; that is enough to train with it.

    Args:
        name: A name for logs; the snake-case class name by default.
        reduction: ``"sum_over_batch_size"`` (or ``"mean"``: the mean over samples), ``"sum"``,
            ``"mean_with_sample_weight"`` (the sum divided by the weights of all values), or ``"none"``/``None`` (no
            reduction).
        dtype: The float type to compute in; ``config.floatx()`` by default.

    Raises:
        ValueError: An unknown reduction, or a dtype that is no float type.

    Example:
        >>> class Cubed(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return (abs(y_pred - y_true) ** 3).mean(axis=-1)
        ...     def gradient(self, y_true, y_pred):
        ...         difference = y_pred - y_true
        ...         return 3 * difference * abs(difference) / difference.shape[-1]
        >>> float(Cubed()([[0.0], [0.0]], [[1.0], [2.0]]))
        4.5
    """

    integer_targets: bool = False  # class indices instead of values shaped like the prediction
    target_range: tuple[float, float] = (-math.inf, math.inf)  # the values that targets may have in training
    fuses: str | None = None  # the last activation that can be computed together with this loss
    from_logits: bool = False

    def __init__(
        self, name: str | None = None, reduction: str | None = "sum_over_batch_size", dtype: Any = None
    ) -> None:
        kind = type(self).__name__
        reduction = "none" if reduction is None else reduction
        if reduction not in REDUCTIONS:
            raise ValueError(
                f'{kind}: Invalid value for argument `reduction`: "{reduction}". '
                f"{suggest(str(reduction), REDUCTIONS)}"
            )
        self.reduction = reduction
        self.name = name or snake_case(kind)
        self.dtype = str(np.dtype(dtype or config.floatx()))
        if np.dtype(self.dtype).kind != "f":
            raise ValueError(f'{kind}: expected a float type as dtype, got "{self.dtype}".')
        self._own_dtype = dtype is not None

    @property
    def depends_on_batches(self) -> bool:
        """Whether the loss over many batches depends on how many rows each has."""
        return self.reduction in ("sum", "mean_with_sample_weight")

    # -- what a loss of one's own defines ----------------------------------------------------------------------

    def call(self, y_true: Array, y_pred: Array) -> Array:
        """Return one value a sample, shape ``y_pred.shape[:-1]``."""
        raise NotImplementedError(f"{type(self).__name__} defines no call(y_true, y_pred).")

    def gradient(self, y_true: Any, y_pred: Any) -> Array:
        """Return the derivative of each sample's value with respect to its prediction, shaped like ``y_pred``."""
        raise NotImplementedError(
            f"{type(self).__name__} defines no gradient(y_true, y_pred): it can be evaluated but not trained."
        )

    # -- what a backend runs -----------------------------------------------------------------------------------

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        """Return the value of each sample and write its derivative to ``gradient``, in one go where that saves passes."""
        if type(self).gradient is not Loss.gradient:  # without one a loss can still be evaluated
            gradient[...] = self.gradient(y_true, y_pred)
        return self.call(y_true, y_pred)

    def fused_values_and_gradient(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array:
        """Do the same from logits, for the activation that ``fuses`` names; write its output to ``predictions``."""
        raise NotImplementedError(f"{type(self).__name__} has no fused form.")

    def check_targets(self, y: Array, output_shape: Sequence[int | None]) -> None:
        """Check targets before a model is trained or evaluated with them.

        Args:
            y: Targets ``(rows, …)``, of any real dtype.
            output_shape: The shape of the predictions, ``(None, …)``.

        Raises:
            ValueError: Their shape or their values don't fit; the message says what would.
        """
        expected = tuple(output_shape[1:])
        if tuple(y.shape[1:]) != expected and not (y.ndim == 1 and expected == (1,)):
            raise ValueError(
                f"{type(self).__name__}: expected targets of shape {(None, *expected)}, got {tuple(y.shape)}."
            )
        low, high = self.target_range
        outside = [value for value in _extremes(y) if not low <= value <= high]
        if outside:
            wanted = f"in [{low:g}, {high:g}]" if high < math.inf else f"of at least {low:g}"
            raise ValueError(f"{type(self).__name__}: expected targets {wanted}, got {outside[0]:g}.")

    # -- what people call --------------------------------------------------------------------------------------

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Array:
        """Return the reduced loss.

        Args:
            y_true: Targets, shaped like ``y_pred`` (class indices for sparse losses).
            y_pred: Predictions ``(rows, …)``.
            sample_weight: One weight a sample, or shaped like the values; ``None`` for equal weights.

        Raises:
            ValueError: The shapes of targets, predictions and weights don't fit each other.
        """
        xp = backend_of(y_pred).xp
        y_true, y_pred = self.prepare(xp, y_true, y_pred)
        with np.errstate(all="ignore"):
            return self.reduce(xp, self.call(y_true, y_pred), sample_weight)

    def prepare(self, xp: Any, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        """Return both as arrays of this loss' float type, with a missing or superfluous last axis of 1 mended."""
        y_pred = xp.asarray(y_pred, dtype=self.dtype)
        return squeeze_or_expand(xp.asarray(y_true, dtype=self.dtype), y_pred)

    def reduce(self, xp: Any, values: Array, sample_weight: Any = None) -> Array:
        """Return the values weighted and reduced over the batch."""
        weight_sum: Any = values.size
        if sample_weight is not None:
            weight = xp.asarray(sample_weight, dtype=values.dtype)
            if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
                weight = weight[..., 0]
            pairs = zip(weight.shape, values.shape, strict=False)
            if weight.ndim > values.ndim or any(given not in (1, wanted) for given, wanted in pairs):
                wanted = " or ".join(dict.fromkeys((str(values.shape[:1]), str(values.shape))))
                raise ValueError(
                    f"{type(self).__name__}: expected sample_weight of shape {wanted}, got {weight.shape}."
                )
            weight = xp.broadcast_to(
                weight.reshape(weight.shape + (1,) * (values.ndim - weight.ndim)), values.shape
            )
            values = values * weight
            if self.reduction == "mean_with_sample_weight":
                weight_sum = weight.sum()
        if self.reduction == "none":
            return values
        total = values.sum()
        if self.reduction == "sum":
            return total
        return total / weight_sum if weight_sum != 0 else total * 0

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments; the dtype only where it was given, so that the default stays a default."""
        config = {"name": self.name, "reduction": self.reduction}
        return {**config, "dtype": self.dtype} if self._own_dtype else config


def squeeze_or_expand(first: Array, second: Array) -> tuple[Array, Array]:
    """Mend a last axis of size 1 that only one of the two has: it is added to a vector and taken off otherwise."""
    if first.ndim == second.ndim + 1:
        second, first = squeeze_or_expand(second, first)
    elif second.ndim == first.ndim + 1 and second.shape[-1] == 1:
        if first.ndim == 1:
            first = first[:, None]
        else:
            second = second[..., 0]
    return first, second


def _extremes(y: Array) -> tuple[float, ...]:
    return (float(y.min()), float(y.max())) if y.size else ()
