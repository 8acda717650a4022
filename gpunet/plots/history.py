"""The curves of a training."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import metrics as metric_family
from .canvas import GREY, axes, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATE = "learning_rate"


def history(
    history: Any, metrics: str | Sequence[str] = "loss", ax: Axes | None = None, label: str | None = None
) -> Axes:
    """Draw the loss or metrics of each epoch: training as a line, validation dashed, its best epoch marked.

    A validation that wasn't made in each epoch is drawn where an integer ``validation_freq`` makes so many.

    Args:
        history: What ``fit`` returned, or its dictionary ``history.history``; or a dictionary of several by name.
        metrics: One or several names without ``val_``, such as ``"loss"`` or ``"accuracy"``. A learning rate is drawn
            on a logarithmic axis of its own, on the right.
        ax: Axes to draw on; by default those of a new figure.
        label: What the lines are called in the legend before the name, where several trainings share axes.

    Returns:
        The axes.

    Raises:
        ValueError: There are no epochs, or none of that name.
        TypeError: It is no history.
        ImportError: matplotlib is missing.

    Example:
        >>> ax = history({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.0, 2.0]})
        >>> [line.get_label() for line in ax.lines]
        ['loss', 'val_loss', 'best val_loss: 1 in epoch 2']
    """
    names = [metrics] if isinstance(metrics, str) else list(metrics)
    runs = _runs(history, label)
    _check(runs, names)
    ax = axes(ax, "history")
    right = _right(ax) if RATE in names and len(names) > 1 else ax
    for prefix, epochs, curves in runs:
        own = colour(_count(right, ":") if names == [RATE] else _count(ax, "-"))
        for name in names:
            if name == RATE:
                _rate(right, epochs, curves[name], prefix + name, own if prefix else GREY)
                continue
            tone = colour(_count(ax, "-"))
            _curve(ax, epochs, curves[name], color=tone, label=prefix + name)
            if f"val_{name}" in curves:
                values = curves[f"val_{name}"]
                validated = _validated(epochs, len(values))
                _curve(ax, validated, values, color=tone, linestyle="--", label=f"{prefix}val_{name}")
                _best(ax, validated, values, name, tone, prefix)
    ax.set_xlabel("epoch")
    if names != [RATE]:
        ax.set_ylabel(", ".join(name for name in names if name != RATE))
    lines = [*ax.lines, *(right.lines if right is not ax else ())]
    right.legend(handles=[line for line in lines if not str(line.get_label()).startswith("_")])
    ax.locator_params(axis="x", integer=True)
    return ax


def _right(ax: Axes) -> Axes:
    """Return the axes on the right, those of an earlier call if there are any."""
    twins: list[Axes] = [
        twin
        for twin in ax.get_shared_x_axes().get_siblings(ax)
        if twin is not ax and twin.get_label() == RATE and twin.get_subplotspec() == ax.get_subplotspec()
    ]
    if twins:
        return twins[0]
    right = ax.twinx()
    right.set_label(RATE)
    return right


def _count(ax: Axes, style: str) -> int:
    return sum(line.get_linestyle() == style for line in ax.lines)


def _runs(history: Any, label: str | None) -> list[tuple[str, list[int], Any]]:
    """Return what stands before the names of each training, its epochs, and its curves."""
    if isinstance(history, Mapping) and any(_is_history(run) for run in history.values()):
        return [run for name, one in history.items() for run in _runs(one, str(name))]
    curves = getattr(history, "history", history)
    if not isinstance(curves, Mapping):
        raise TypeError(
            f"plots.history: expected what fit returns, its dictionary, or several by name, got {history!r}."
        )
    longest = max((len(values) for values in curves.values()), default=0)
    epochs = [epoch + 1 for epoch in getattr(history, "epoch", range(longest))]
    return [("" if label is None else f"{label}: ", epochs, curves)]


def _is_history(run: Any) -> bool:
    return isinstance(run, Mapping) or hasattr(run, "history")


def _check(runs: Any, names: list[str]) -> None:
    if not names:
        raise ValueError("plots.history: expected at least one metric, got none.")
    for _, _, curves in runs:
        for name in names:
            if not len(curves.get(name, ())):
                known = ", ".join(known for known in curves if not known.startswith("val_")) or "nothing"
                raise ValueError(f'plots.history: there is no "{name}" in the history; it has {known}.')


def _validated(epochs: list[int], count: int) -> list[int]:
    """Return in which of the epochs so many validations were made."""
    if count == len(epochs):
        return epochs
    for frequency in range(epochs[-1], 1, -1):
        chosen = [epoch for epoch in epochs if epoch % frequency == 0]
        if len(chosen) == count:
            return chosen
    return epochs[:count]  # at epochs that were named to fit, and that a history doesn't keep


def _curve(ax: Axes, epochs: Sequence[int], values: Sequence[float], **style: Any) -> None:
    ax.plot(epochs[: len(values)], values, marker="o" if len(values) == 1 else None, **style)


def _best(
    ax: Axes, epochs: Sequence[int], values: Sequence[float], name: str, tone: str, prefix: str
) -> None:
    """Mark the best epoch, the first of several, where it is known whether more or less is better."""
    direction = "down" if name == "loss" else _direction(name)
    finite = [(value, epoch) for epoch, value in zip(epochs, values, strict=False) if math.isfinite(value)]
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


def _rate(ax: Axes, epochs: Sequence[int], values: Sequence[float], label: str, tone: str) -> None:
    ax.plot(epochs[: len(values)], values, color=tone, linestyle=":", label=label)
    ax.set_yscale("log")
    ax.set_ylabel("learning rate (dotted)")
