"""Images, and what a model says they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .canvas import PALETTE, grid_of_axes, image_shape
from .classes import are_signed, class_indices, class_name, on_host, probabilities, threshold

COLUMNS = 5
RIGHT, WRONG = PALETTE[2], PALETTE[3]


def predictions(
    model: Any,
    images: Any,
    y: Any = None,
    names: Sequence[str] | None = None,
    shape: Sequence[int] | None = None,
    ax: Any = None,
) -> Any:
    """Draw images with the class that a model sees in each and how sure it is; a wrong one says what it really is.

    Where the outputs are no probabilities, how sure it is isn't said.

    Args:
        model: A model with 2 classes or more.
        images: What the model takes, ``(count, …)``.
        y: The true classes: indices, -1 and 1, or one-hot; ``None`` where they aren't known.
        names: What the classes are called; their indices by default.
        shape: The height and width of an image; by default images are square.
        ax: Axes to draw on, one an image; by default those of a new figure.

    Returns:
        The axes, an array.

    Raises:
        ValueError: Images that aren't square without a shape, or numbers that don't fit.
        ImportError: matplotlib is missing.
    """
    images = on_host(images, "images")
    if images.ndim < 2 or len(images) == 0:
        raise ValueError(f"plots.predictions: expected images (count, …), got shape {images.shape}.")
    given = images.shape[1:] if shape is None and images.ndim > 2 else shape
    size = image_shape(images[0].size, given, "predictions")
    true = None if y is None else class_indices(y, "y")
    if true is not None and len(true) != len(images):
        raise ValueError(f"plots.predictions: expected {len(images)} classes, got {len(true)}.")
    is_signed = y is not None and are_signed(y, "y")
    outputs = probabilities(model, images, "predictions")
    if outputs.shape[1] == 1:
        outputs = np.hstack([2 * threshold(model, outputs, is_signed) - outputs, outputs])
    classes = max(outputs.shape[1], 0 if true is None else int(true.max()) + 1)
    if names is not None and len(names) < classes:
        raise ValueError(f"plots.predictions: expected {classes} names, got {len(names)}.")
    is_probability = outputs.min() >= 0 and outputs.max() <= 1
    names = [class_name(index, is_signed) for index in range(classes)] if names is None else names
    panels = grid_of_axes(ax, "predictions", len(images), min(COLUMNS, len(images)), 1.1)
    for index, panel in enumerate(panels):
        best = int(outputs[index].argmax())
        title = names[best] + (f" {outputs[index, best]:.0%}" if is_probability else "")
        tone = {}
        if true is not None:
            is_right = best == int(true[index])
            tone = {"color": RIGHT if is_right else WRONG}
            title += "" if is_right else f"\nnot {names[int(true[index])]}"
        panel.imshow(images[index].reshape(size), cmap="gray")
        panel.set_title(title, fontsize=8, **tone)
    return panels
