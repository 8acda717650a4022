"""From what ``compile`` was given to the metric that fits the model's output and targets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..losses import Loss
from ..registry import snake_case
from .accuracy import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from .base import Metric, registry
from .probabilistic import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy
from .reduction import MeanMetricWrapper

_ACCURACY: dict[str, type[Metric]] = {
    "binary": BinaryAccuracy,
    "categorical": CategoricalAccuracy,
    "sparse": SparseCategoricalAccuracy,
}
_CROSSENTROPY: dict[str, Callable[..., Metric]] = {
    "binary": BinaryCrossentropy,
    "categorical": CategoricalCrossentropy,
    "sparse": SparseCategoricalCrossentropy,
}
RESOLVED_NAMES = ("accuracy", "acc", "crossentropy", "ce")


def resolve(
    chosen: Any,
    output_shape: Sequence[int | None],
    target_shape: Sequence[int | None] | None = None,
    loss: Loss | None = None,
) -> Metric:
    """Return the metric that ``chosen`` means for these shapes, by Keras' rules.

    ``"accuracy"`` and ``"crossentropy"`` (``"acc"``, ``"ce"``, in any case) become the binary kind for one output, the
    sparse kind for targets with one axis less than the output or a last axis of 1, else the categorical kind.

    Args:
        chosen: A name, a ``Metric`` (returned as it is), its class, a dictionary made by ``serialize``, or a function
            ``f(y_true, y_pred)`` with one value a sample.
        output_shape: The shape of predictions, ``(None, …)``.
        target_shape: The shape of targets, ``(rows, …)``; ``None`` decides by the loss.
        loss: The loss of the model.

    Returns:
        The metric; a name that was given is its key in logs.

    Raises:
        ValueError: An unknown name; the closest known one is suggested.
        TypeError: Something that is no metric.

    Example:
        >>> metric = resolve("acc", (None, 10), (32,))
        >>> type(metric).__name__, metric.name
        ('SparseCategoricalAccuracy', 'acc')
    """
    if isinstance(chosen, str) and chosen.lower() in RESOLVED_NAMES:
        kind = _kind(output_shape, target_shape, loss)
        if chosen.lower() in ("accuracy", "acc"):
            return _ACCURACY[kind](name=chosen)
        # Where the loss takes logits, so must the metric: it is given the same predictions.
        return _CROSSENTROPY[kind](name=chosen, from_logits=loss is not None and loss.from_logits)
    metric: Any = registry.get(chosen)
    if isinstance(metric, Metric):
        if isinstance(chosen, str):
            metric.name = chosen
        return metric
    if not callable(metric):
        raise TypeError(f"metric: expected a name, a Metric or a function, got {chosen!r}.")
    name = str(getattr(metric, "name", None) or getattr(metric, "__name__", type(metric).__name__))
    return MeanMetricWrapper(metric, name=snake_case(name))


def _kind(
    output_shape: Sequence[int | None], target_shape: Sequence[int | None] | None, loss: Loss | None
) -> str:
    if output_shape[-1] == 1:
        return "binary"
    if target_shape is None:
        return "sparse" if loss is not None and loss.integer_targets else "categorical"
    sparse = len(target_shape) < len(output_shape) or target_shape[-1] == 1
    return "sparse" if sparse else "categorical"
