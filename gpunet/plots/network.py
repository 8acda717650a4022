"""A network as a drawing: units as circles, weights as lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import axes, colour, library
from .classes import must_be_drawable

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12  # units of a layer that are drawn; of a wider one the first and the last few
POSITIVE, NEGATIVE = colour(0), colour(3)


def network(model: Any, ax: Axes | None = None) -> Axes:
    """Draw the layers of a model from left to right; a line's colour is the sign of a weight, its width the size.

    Args:
        model: A built model. Dense layers are drawn; the layers between them are named below.
        ax: Axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: The model isn't built, has no dense layer, or has weights that are NaN or infinite.
        ImportError: matplotlib is missing.

    Example:
        >>> import gpunet
        >>> model = gpunet.Sequential([gpunet.layers.Input(shape=(2,)), gpunet.layers.Dense(3, activation="tanh")])
        >>> [text.get_text() for text in network(model).texts]
        ['input\\n2', 'tanh\\n3']
    """
    must_be_drawable(model, "network")
    kernels = [layer.kernel.numpy() for layer in model.layers if hasattr(layer, "units")]
    if not kernels:
        raise ValueError("plots.network: the model has no dense layer to draw.")
    titles = _titles(model.layers)
    sizes = [len(kernels[0]), *(kernel.shape[1] for kernel in kernels)]
    ax = axes(ax, "network", figsize=(1.0 + 1.1 * len(sizes), 4))
    lines = library("network", "matplotlib.collections").LineCollection
    for index, kernel in enumerate(kernels):
        rows, columns = _shown(kernel.shape[0]), _shown(kernel.shape[1])
        weights = kernel[np.ix_(rows, columns)]
        largest = float(np.abs(weights).max()) or 1.0
        ends = [
            ((index, a), (index + 1, b))
            for a in _heights(len(rows), kernel.shape[0])
            for b in _heights(len(columns), kernel.shape[1])
        ]
        tones = [POSITIVE if weight > 0 else NEGATIVE for weight in weights.ravel()]
        widths = 2.5 * np.abs(weights.ravel()) / largest
        ax.add_collection(lines(ends, colors=tones, linewidths=widths, alpha=0.7, zorder=1))
    for index, (size, title) in enumerate(zip(sizes, titles, strict=True)):
        heights = _heights(len(_shown(size)), size)
        radius = 180 if len(heights) <= 6 else 90
        ax.scatter([index] * len(heights), heights, s=radius, color="white", edgecolor="#666666", zorder=2)
        if size > MOST:
            ax.text(index, 0, "⋮", ha="center", va="center", fontsize=16, zorder=3)
        ax.text(index, -0.62, f"{title}\n{size}", ha="center", va="top", fontsize=9)
    line = library("network", "matplotlib.lines").Line2D
    handles = [
        line([], [], color=tone, label=sign)
        for tone, sign in ((POSITIVE, "weight > 0"), (NEGATIVE, "weight < 0"))
    ]
    ax.legend(handles=handles, loc="upper center", ncols=2, frameon=False, fontsize=9)
    ax.set_xlim(-0.5, len(sizes) - 0.5)
    ax.set_ylim(-0.72 - 0.07 * max(title.count("\n") + 1 for title in titles), 0.75)
    ax.set_axis_off()
    return ax


def _titles(layers: Any) -> list[str]:
    """Return what stands below the units: the activation, and what follows until the next weights."""
    titles = [["input"]]
    for layer in layers:
        if hasattr(layer, "units"):
            titles.append([])
        function = getattr(layer, "activation", None)
        if function is not None:
            titles[-1].append(function.name)
        elif not hasattr(layer, "units"):
            titles[-1].append(type(layer).__name__.lower())
    return ["\n".join(words or ["linear"]) for words in titles]


def _shown(size: int) -> list[int]:
    """Return which units are drawn: all, or the first and the last with a gap between them."""
    half = MOST // 2
    return list(range(size)) if size <= MOST else [*range(half), *range(size - half, size)]


def _heights(count: int, size: int) -> Any:
    """Return where they stand, from the top; a gap in the middle of a layer that isn't drawn whole."""
    heights = np.linspace(0.5, -0.5, count) if count > 1 else np.zeros(1)
    return heights + 0.06 * np.sign(heights) * (size > MOST)
