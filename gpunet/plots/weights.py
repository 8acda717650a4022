"""What the units of a layer look for, as images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..models import Sequential
from ..models.plan import is_whole
from .canvas import DIVERGING, grid_of_axes, image_shape
from .classes import must_be_drawable, on_host

COLUMNS = 8
MOST = 32  # units, unless they are chosen


def weights(
    model: Any,
    layer: int = 0,
    units: Sequence[int] | None = None,
    shape: Sequence[int] | None = None,
    x: Any = None,
    ax: Any = None,
) -> Any:
    """Draw what units of a dense layer answer to, one image a unit.

    For the first layer these are its weights. For a deeper one they are, with images ``x``, the mean of those that the
    unit answers to most (a tenth, at least ten) less the mean of all, and nothing where it answers to all alike; without, the
    weights multiplied through the layers below, as if those had no activation.

    Args:
        model: A built model of flat images.
        layer: Which of its dense layers, from 0.
        units: Which units; by default the first 32.
        shape: The height and width of an image; by default it is square.
        x: Images ``(count, …)``.
        ax: Axes to draw on, one a unit; by default those of a new figure.

    Returns:
        The axes, an array.

    Raises:
        ValueError: The model isn't built or has weights that are NaN or infinite, there is no such layer or unit, or images
            aren't square and no shape was given.
        ImportError: matplotlib is missing.
    """
    must_be_drawable(model, "weights")
    dense = [index for index, one in enumerate(model.layers) if hasattr(one, "units")]
    if not dense:
        raise ValueError("plots.weights: the model has no dense layer.")
    if not is_whole(layer) or not 0 <= layer < len(dense):
        raise ValueError(
            f"plots.weights: expected one of the dense layers 0 to {len(dense) - 1}, got {layer}."
        )
    width = model.layers[dense[layer]].units
    chosen = list(range(min(width, MOST))) if units is None else list(np.atleast_1d(units))
    if not chosen or not all(is_whole(unit) and 0 <= unit < width for unit in chosen):
        raise ValueError(f"plots.weights: expected units from 0 to {width - 1}, got {units}.")
    if layer and x is not None:
        images = _answered(model, dense[layer], on_host(x, "x").astype(float), chosen)
    else:
        kernels = [model.layers[index].kernel.numpy() for index in dense[: layer + 1]]
        images = np.linalg.multi_dot(kernels).T if len(kernels) > 1 else kernels[0].T
        images = images[chosen]
    size = image_shape(images.shape[1], shape, "weights")
    panels = grid_of_axes(ax, "weights", len(chosen), min(COLUMNS, len(chosen)), 0.65)
    for panel, unit, image in zip(panels, chosen, images, strict=True):
        reach = float(np.abs(image).max()) or 1.0
        panel.imshow(image.reshape(size), cmap=DIVERGING, vmin=-reach, vmax=reach)
        panel.set_title(f"unit {unit}" if image.any() else f"unit {unit}\nconstant", fontsize=8)
    return panels


def _answered(model: Any, index: int, x: Any, units: list[int]) -> Any:
    """Return the mean image of those that each unit answers to most, less the mean of all."""
    below = Sequential(model.layers[: index + 1], backend=model.backend)
    answers = np.asarray(below.predict(x, verbose=0))
    count = min(max(len(x) // 10, 10), len(x))
    flat = x.reshape(len(x), -1)
    order = np.argsort(-answers[:, units], axis=0, kind="stable")[:count]
    varies = np.ptp(answers[:, units], axis=0) > 0
    return np.where(varies[:, None], flat[order].mean(axis=0) - flat.mean(axis=0), 0.0)
