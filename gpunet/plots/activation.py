"""An activation and its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .. import activations
from ..activations import Activation
from .canvas import GREY, axes, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def activation(activation: Any, ax: Axes | None = None, low: float = -4.0, high: float = 4.0) -> Axes:
    """Draw ``g(z)`` and, dashed, ``g'(z)`` where there is one.

    Args:
        activation: A name or an ``Activation`` that works element by element.
        ax: Axes to draw on; by default those of a new figure.
        low, high: Where ``z`` begins and ends.

    Returns:
        The axes.

    Raises:
        ValueError: The name is unknown, the activation needs a whole row, or the range is empty.
        TypeError: A plain function, which has no derivative.
        ImportError: matplotlib is missing.

    Example:
        >>> ax = activation("tanh")
        >>> [line.get_label() for line in ax.lines[2:]]  # two more are the axes of the plane
        ['g(z)', "g'(z)"]
    """
    function = activations.get(activation)
    if not isinstance(function, Activation):
        raise TypeError(
            f"plots.activation: expected the name of an activation or an Activation, got {function!r}."
        )
    if not function.elementwise:
        raise ValueError(
            f"plots.activation: {function.name} needs a whole row, not a single z, so it is no curve."
        )
    if not -np.inf < low < high < np.inf:
        raise ValueError(f"plots.activation: expected low < high, got {low} and {high}.")
    ax = axes(ax, "activation", figsize=(4, 3))
    z = np.linspace(low, high, 801)
    ax.axhline(0, color=GREY, linewidth=0.6, zorder=0)
    ax.axvline(0, color=GREY, linewidth=0.6, zorder=0)
    ax.plot(z, function(z), color=colour(0), label="g(z)")
    if function.differentiable:
        ax.plot(z, function.derivative(z), "--", color=colour(3), label="g'(z)")
    ax.set_title(function.name)
    ax.set_xlabel("z")
    ax.legend()
    return ax
