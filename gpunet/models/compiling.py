"""What ``compile`` was given, made ready for a model: metrics that fit its shapes, an optimizer on its arena."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import metrics
from ..arena import Arena
from ..backend import Backend
from ..layers.base import Shape
from ..losses import Loss
from ..optimizers import Optimizer


def metric_list(chosen: Sequence[Any] | None, argument: str) -> list[Any]:
    """Return the metrics as a list, after every name has been checked.

    Classes, descriptions and losses become metrics, because a file describes objects; names and functions stay, because
    they mean what fits a model's shapes.

    Raises:
        ValueError: A name is unknown.
        TypeError: No list, or a member that can't be a metric.
    """
    if chosen is None:
        return []
    if isinstance(chosen, str) or not isinstance(chosen, Sequence):
        raise TypeError(f'compile: expected {argument} as a list such as ["accuracy"], got {chosen!r}.')
    return [_checked(metric, argument) for metric in chosen]


def _checked(metric: Any, argument: str) -> Any:
    if isinstance(metric, str):
        if metric.lower() not in metrics.RESOLVED_NAMES:
            metrics.get(metric)
        return metric
    if isinstance(metric, (type, Mapping)):
        metric = metrics.get(metric)
    if isinstance(metric, Loss):
        return metrics.MeanMetricWrapper(metric, name=metric.name)
    if not isinstance(metric, metrics.Metric) and not callable(metric):
        raise TypeError(f"compile: expected a metric, its name or a function in {argument}, got {metric!r}.")
    return metric


def resolve_metric(
    chosen: str | metrics.Metric | Callable[..., Any],
    output_shape: Shape,
    target_shape: Shape | None,
    loss: Loss | None,
    backend: Backend,
) -> metrics.Metric:
    """Return the metric itself, on the backend."""
    metric: metrics.Metric = metrics.resolve(chosen, output_shape, target_shape, loss)
    metric.to(backend)
    return metric


def build_optimizer(optimizer: Optimizer, arena: Arena) -> None:
    """Make the optimizer's slots for an arena; what it knows about parameters that stay is kept.

    Raises:
        ValueError: The optimizer belongs to another model.
    """
    old, state = optimizer.arena, optimizer.state
    if old is None:
        optimizer.build(arena)
        return
    known = {*old.trainable, *old.fixed}
    if arena.trainable and known.isdisjoint([*arena.trainable, *arena.fixed]):
        raise ValueError(f"{optimizer.name}: this optimizer trains another model; give each model its own.")
    kept = set(old.trainable).intersection(arena.trainable)
    optimizer.build(arena)
    for name, slot in state.items():
        for parameter in kept:
            kept_slot = old.backend.download(old.view(slot, parameter))
            arena.backend.upload(kept_slot, arena.view(optimizer.state[name], parameter))
