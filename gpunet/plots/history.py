"""The curves of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import metrics as metric_family
from .canvas import axes, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATE = "learning_rate"


def history(
    history: Any, metrics: str | Sequence[str] = "loss", ax: Axes | None = None, label: str | None = None
) -> Axes:
    """Draw the loss or metrics of each epoch: training as a line, validation dashed, its best epoch marked.

    Args:
        history: What ``fit`` returned, or its dictionary ``history.history``.
        metrics: One or several names without ``val_``, such as ``"loss"`` or ``"accuracy"``. A learning rate is drawn
            on a logarithmic axis of its own, on the right.
        ax: Axes to draw on; by default those of a new figure.
        label: What the lines are called in the legend before the name, where several trainings share axes.

    Returns:
        The axes.

    Raises:
        ValueError: There are no epochs, or none of that name.
        ImportError: matplotlib is missing.

    Example:
        >>> ax = history({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.0, 2.0]})
        >>> [line.get_label() for line in ax.lines]
        ['loss', 'val_loss', 'best val_loss: 1 in epoch 2']
    """
    curves: Mapping[str, Sequence[float]] = getattr(history, "history", history)
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    for name in names:
        if not len(curves.get(name, ())):
            known = ", ".join(known for known in curves if not known.startswith("val_")) or "nothing"
            raise ValueError(f'plots.history: there is no "{name}" in the history; it has {known}.')
    ax = axes(ax, "history")
    prefix = "" if label is None else f"{label}: "
    for name in names:
        if name == RATE:
            _rate(ax, curves[name])
            continue
        tone = colour(sum(line.get_linestyle() == "-" for line in ax.lines))
        _curve(ax, curves[name], color=tone, label=prefix + name)
        if f"val_{name}" in curves:
            values = curves[f"val_{name}"]
            _curve(ax, values, color=tone, linestyle="--", label=f"{prefix}val_{name}")
            _best(ax, values, name, tone, prefix)
    ax.set_xlabel("epoch")
    ax.set_ylabel(", ".join(name for name in names if name != RATE))
    ax.locator_params(axis="x", integer=True)
    ax.legend()
    return ax


def _curve(ax: Axes, values: Sequence[float], **style: Any) -> None:
    marker = "o" if len(values) == 1 else None
    ax.plot(range(1, len(values) + 1), values, marker=marker, **style)


def _best(ax: Axes, values: Sequence[float], name: str, tone: str, prefix: str) -> None:
    """Mark the best epoch, the first of several, where it is known whether more or less is better."""
    direction = "down" if name == "loss" else _direction(name)
    finite = [(value, epoch) for epoch, value in enumerate(values, 1) if math.isfinite(value)]
    if finite and direction is not None:
        sign = 1 if direction == "down" else -1
        best, epoch = min(finite, key=lambda pair: (sign * pair[0], pair[1]))
        label = f"{prefix}best val_{name}: {best:.4g} in epoch {epoch}"
        ax.plot([epoch], [best], "o", color=tone, markerfacecolor="none", label=label)


def _direction(name: str) -> str | None:
    try:
        return getattr(metric_family.get(name), "direction", None)
    except ValueError:  # a metric of the user's
        return None


def _rate(ax: Axes, values: Sequence[float]) -> None:
    right = ax.twinx()
    right.plot(range(1, len(values) + 1), values, color="#999999", linestyle=":")
    right.set_yscale("log")
    right.set_ylabel("learning rate (dotted)")
