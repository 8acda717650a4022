"""Levels of abstraction: what the units of each layer answer to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..models.plan import check_positive
from .canvas import image_shape, library
from .classes import must_be_drawable
from .weights import weights


def levels(
    model: Any,
    x: Any,
    units: int = 8,
    names: Sequence[str] | None = None,
    shape: Sequence[int] | None = None,
    ax: Any = None,
) -> Any:
    """Draw what the first units of each dense layer answer to, a row a layer, see ``weights``.

    Args:
        model: A built model of flat images.
        x: Images ``(count, …)``.
        units: How many of each layer, fewer where it has fewer.
        names: What the layers see; ``"layer 1"`` and so on by default.
        shape: The height and width of an image; by default it is square.
        ax: Axes to draw on, ``(layers, units)``; by default those of a new figure.

    Returns:
        The axes, an array ``(layers, units)``.

    Raises:
        ValueError: The model isn't built, has no dense layer, or has weights that are NaN or infinite; names, axes or
            images that don't fit.
        ImportError: matplotlib is missing.
    """
    check_positive("plots.levels", units=units)
    must_be_drawable(model, "levels")
    dense = [layer for layer in model.layers if hasattr(layer, "units")]
    widths = [layer.units for layer in dense]
    names = [f"layer {index + 1}" for index in range(len(widths))] if names is None else list(names)
    if not widths or len(names) != len(widths):
        raise ValueError(
            f"plots.levels: expected a dense layer for each of {len(names)} names, got {len(widths)}."
        )
    image_shape(dense[0].kernel.shape[0], shape, "levels")
    if ax is None:
        figsize = 0.9 * units, 1.15 * len(widths)
        pyplot = library("levels", "matplotlib.pyplot")
        ax = pyplot.subplots(len(widths), units, figsize=figsize, squeeze=False, layout="constrained")[1]
    panels = np.asarray(ax, dtype=object)
    if panels.shape != (len(widths), units):
        raise ValueError(f"plots.levels: expected axes {(len(widths), units)}, got {panels.shape}.")
    for layer, (width, row) in enumerate(zip(widths, panels, strict=True)):
        weights(model, layer, units=range(min(units, width)), shape=shape, x=x, ax=row)
        row[0].set_ylabel(names[layer])
    return panels
