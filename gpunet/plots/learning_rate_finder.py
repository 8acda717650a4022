"""The range test as a picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..models.learning_rate import LearningRateSweep
from .canvas import GREY, axes, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def learning_rate_finder(
    sweep: LearningRateSweep | Any, x: Any = None, y: Any = None, ax: Axes | None = None
) -> Axes:
    """Draw the loss against a learning rate that grows at each step, with the suggested one marked.

    Args:
        sweep: What ``model.find_learning_rate(x, y)`` returned, or a model, which is then asked for it.
        x, y: The data, where a model is given.
        ax: Axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        ImportError: matplotlib is missing.
        TypeError: Neither a sweep nor a model.
        ValueError, RuntimeError: A model without data; as ``find_learning_rate``.
    """
    if not isinstance(sweep, LearningRateSweep):
        if not hasattr(sweep, "find_learning_rate"):
            raise TypeError(f"plots.learning_rate_finder: expected a sweep or a model, got {sweep!r}.")
        if x is None or y is None:
            raise ValueError("plots.learning_rate_finder: a model needs the data x and y to be asked.")
        sweep = sweep.find_learning_rate(x, y)
    ax = axes(ax, "learning_rate_finder", figsize=(5, 3.5))
    ax.plot(sweep.rates, sweep.losses, color=GREY, linewidth=0.7, label="loss of a batch")
    ax.plot(sweep.rates, sweep.smoothed, color=colour(0), label="smoothed")
    ax.axvline(sweep.suggestion, color=colour(3), linestyle="--", label=f"suggestion: {sweep.suggestion:.2g}")
    smoothed = [value for value in sweep.smoothed if math.isfinite(value)]
    ax.set_ylim(top=max(smoothed) + 0.1 * (max(smoothed) - min(smoothed)))  # single batches may lie far above
    ax.set_xscale("log")
    ax.set_xlabel("learning rate")
    ax.set_ylabel("loss")
    ax.legend()
    return ax
