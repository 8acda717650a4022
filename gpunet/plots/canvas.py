"""What all pictures share: axes, colours that everybody can tell apart, and how they are labelled."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito, "Color universal design", 2008; without black and yellow, which vanish on a dark or a bright page. The last
# three are as far from the others as those are from each other, for each kind of colour blindness.
PALETTE = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#999999", "#999933", "#8C564B", "#6A3D9A",
)  # fmt: skip
MARKERS = "osD^vPX*<>"
GREY = "#999999"  # of what gives orientation
DIVERGING, SEQUENTIAL = "PuOr_r", "cividis"


def library(name: str, module: str) -> Any:
    """Return a module of matplotlib.

    Raises:
        ImportError: It is missing; the message names the extra. ``name`` is the function that needs it.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise ImportError(f"plots.{name}: needs matplotlib; pip install 'gpunet[plot]' brings it.") from error


def axes(ax: Axes | None, name: str, **options: Any) -> Axes:
    """Return the axes to draw on: the given ones, or those of a new figure.

    Args:
        ax: Axes of the caller's, or ``None``.
        name: The function that draws.
        **options: How a new figure is made, see ``matplotlib.pyplot.subplots``.
    """
    pyplot = library(name, "matplotlib.pyplot")
    return pyplot.subplots(**{"layout": "constrained", **options})[1] if ax is None else ax


def grid_of_axes(ax: Any, name: str, count: int, columns: int, size: float = 1.2) -> Any:
    """Return ``count`` axes without ticks for small pictures.

    Args:
        ax: Axes of the caller's, as many as are needed at least, or ``None`` for a new figure.
        name: The function that draws.
        count: How many are needed.
        columns: How many side by side.
        size: The width and height of each in a new figure, in inches.

    Raises:
        ValueError: Too few axes were given.
    """
    if ax is None:
        rows = -(-count // columns)
        pyplot = library(name, "matplotlib.pyplot")
        shape = {"figsize": (size * columns, (size + 0.3) * rows), "layout": "constrained"}
        ax = pyplot.subplots(rows, columns, squeeze=False, **shape)[1]
    all_axes = np.atleast_1d(np.asarray(ax, dtype=object)).ravel()
    if len(all_axes) < count:
        raise ValueError(f"plots.{name}: expected at least {count} axes, got {len(all_axes)}.")
    for index, one in enumerate(all_axes):
        one.set_xticks([])
        one.set_yticks([])
        if index >= count:
            one.set_axis_off()
    return all_axes[:count]


def colour(index: int) -> str:
    """Return the colour of a class or of a line."""
    return PALETTE[index % len(PALETTE)]


def image_shape(pixels: int, shape: Sequence[int] | None, name: str) -> tuple[int, ...]:
    """Return the shape of images with so many pixels: the given one, or a square.

    Raises:
        ValueError: They are no square and no shape was given, or it has another number of pixels.
    """
    side = round(pixels**0.5)
    chosen = (side, side) if shape is None else tuple(np.atleast_1d(shape).tolist())
    if len(chosen) not in (2, 3) or min(chosen) < 1 or int(np.prod(chosen)) != pixels:
        wanted = "no square; give shape=(height, width)" if shape is None else f"not {chosen}"
        raise ValueError(f"plots.{name}: an image has {pixels} pixels, which is {wanted}.")
    return chosen
