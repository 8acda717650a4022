"""What a model says about each point of a plane, and where it changes its mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..models.plan import is_whole
from .canvas import MARKERS, axes, colour, library
from .classes import are_signed, class_indices, class_name, on_host, probabilities, threshold

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MARGIN = 0.1  # of the data's width, on each side
THIN = "PX*"  # markers that must be larger to be seen as well
ROOM = 4  # classes in a legend that still has room inside


def decision_boundary(
    model: Any,
    x: Any,
    y: Any = None,
    features: tuple[int, int] = (0, 1),
    ax: Axes | None = None,
    resolution: int = 200,
    names: tuple[str, str] | None = None,
) -> Axes:
    """Draw the probability that a model gives to each point, the line where it changes its mind, and the data.

    With one output that is the probability of class 1 and the line of ½; for classes -1 and 1, or scores of a model
    without a loss, it is the output and the line of 0. With several, each class has its colour, the paler the less
    probable it is.

    Args:
        model: A model of ``(rows, features)`` with one output or with 2 to 10 classes.
        x: The data, ``(rows, features)``; it decides which part of the plane is shown.
        y: Its classes: indices, -1 and 1, or one-hot; ``None`` draws no data.
        features: Which two features span the plane. The others stay at their median.
        ax: Axes to draw on; by default those of a new figure.
        resolution: Points of the grid in each direction.
        names: What the two axes are called.

    Returns:
        The axes.

    Raises:
        ValueError: A model that isn't built, shapes that don't fit, too many classes, a feature that isn't there, data or
            outputs that are NaN or infinite.
        ImportError: matplotlib is missing.

    Example:
        >>> import gpunet
        >>> x, y = gpunet.datasets.moons(samples=100)
        >>> model = gpunet.Sequential([gpunet.layers.Dense(1, activation="sigmoid")])
        >>> model.compile("adam", "binary_crossentropy")
        >>> _ = model.fit(x, y, verbose=0)
        >>> decision_boundary(model, x, y).get_xlabel()
        'x₁'
    """
    x, labels = on_host(x, "x").astype(float), None if y is None else class_indices(y, "y")
    _check(x, labels, features, resolution, names)
    is_signed = y is not None and are_signed(y, "y")
    first, second = (_range(x[:, feature], resolution) for feature in features)
    grid = np.tile(np.median(x, axis=0), (resolution * resolution, 1))
    grid[:, features[0]] = np.tile(first, resolution)
    grid[:, features[1]] = np.repeat(second, resolution)
    outputs = probabilities(model, grid, "decision_boundary")
    if outputs.shape[1] > len(MARKERS):
        raise ValueError(
            f"plots.decision_boundary: at most {len(MARKERS)} classes can be told apart, got {outputs.shape[1]}."
        )
    ax = axes(ax, "decision_boundary", figsize=(5, 4))
    if outputs.shape[1] == 1:
        middle = threshold(model, outputs, is_signed)
        _one_output(ax, first, second, outputs.reshape(resolution, resolution), middle)
    else:
        _classes(ax, first, second, outputs.reshape(resolution, resolution, -1))
    if labels is not None:
        _points(ax, x[:, list(features)], labels, is_signed)
    ax.set_xlim(first[0], first[-1])
    ax.set_ylim(second[0], second[-1])
    first_name, second_name = names or (f"x{feature + 1}".translate(SUBSCRIPTS) for feature in features)
    ax.set_xlabel(first_name)
    ax.set_ylabel(second_name)
    return ax


def _points(ax: Axes, points: Any, labels: Any, is_signed: bool) -> None:
    for label in np.unique(labels):
        size = 40 if MARKERS[label] in THIN else 22
        style: dict[str, Any] = {"color": colour(label), "edgecolor": "white", "linewidth": 0.6, "s": size}
        called = class_name(label, is_signed)
        ax.scatter(*points[labels == label].T, marker=MARKERS[label], label=f"class {called}", **style)
    is_crowded = len(np.unique(labels)) > ROOM and ax.figure.get_layout_engine() is not None
    ax.legend(**{"loc": "upper left", "bbox_to_anchor": (1, 1)} if is_crowded else {})


def _one_output(ax: Axes, first: Any, second: Any, values: Any, middle: float) -> None:
    is_probability = middle == 0.5 and values.min() >= 0 and values.max() <= 1
    reach = 0.5 if is_probability else 1.001 * max(float(np.abs(values - middle).max()), 1e-12)
    levels = np.linspace(middle - reach, middle + reach, 21)
    shades = _blend(["#66aad1", "white", "#f0c466"])  # the colours of the classes, paler than their points
    field = ax.contourf(first, second, values, levels=levels, cmap=shades)
    ticks = library("decision_boundary", "matplotlib.ticker").MaxNLocator(5)
    ax.figure.colorbar(
        field, ax=ax, ticks=ticks, label="probability of class 1" if is_probability else "output"
    )
    if values.min() < middle < values.max():
        ax.contour(first, second, values, levels=[middle], colors="black", linewidths=1.5)


def _classes(ax: Axes, first: Any, second: Any, values: Any) -> None:
    colours = library("decision_boundary", "matplotlib.colors")
    winner = values.argmax(axis=-1)
    share = np.clip(values.max(axis=-1), 0, 1)[..., None]
    tones = np.array([colours.to_rgb(colour(index)) for index in range(values.shape[-1])])[winner]
    image = 1 - 0.6 * share * (1 - tones)
    extent = (first[0], first[-1], second[0], second[-1])
    ax.imshow(image, extent=extent, origin="lower", aspect="auto", interpolation="bilinear")
    for index in np.unique(winner)[:-1]:
        margin = values[..., index] - np.delete(values, index, axis=-1).max(axis=-1)
        ax.contour(first, second, margin, levels=[0], colors="black", linewidths=1.0)


def _blend(tones: list[str]) -> Any:
    return library("decision_boundary", "matplotlib.colors").LinearSegmentedColormap.from_list("", tones)


def _range(values: Any, resolution: int) -> Any:
    low, high = values.min(), values.max()
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, resolution)


def _check(
    x: Any, labels: Any, features: tuple[int, int], resolution: int, names: tuple[str, str] | None
) -> None:
    if x.ndim != 2 or len(x) == 0 or x.shape[1] < 2:
        raise ValueError(
            f"plots.decision_boundary: expected data (rows, features) of at least two features, got shape {x.shape}."
        )
    if not np.isfinite(x).all():
        row = int(np.argmin(np.isfinite(x).all(axis=1)))
        raise ValueError(
            f"plots.decision_boundary: expected data without NaN and infinity, got {x[row]} in row {row}."
        )
    chosen = list(np.atleast_1d(features))
    is_there = all(is_whole(feature) and 0 <= feature < x.shape[1] for feature in chosen)
    if len(chosen) != 2 or chosen[0] == chosen[1] or not is_there:
        raise ValueError(
            f"plots.decision_boundary: expected two of the features 0 to {x.shape[1] - 1}, got {features}."
        )
    if labels is not None and (len(labels) != len(x) or labels.max() >= len(MARKERS)):
        found = f" up to {labels.max()}" if len(labels) else ""
        raise ValueError(
            f"plots.decision_boundary: expected {len(x)} classes from 0 to {len(MARKERS) - 1}, got {len(labels)}{found}."
        )
    if not is_whole(resolution) or resolution < 2:
        raise ValueError(
            f"plots.decision_boundary: expected a resolution of at least 2 points, got {resolution}."
        )
    if names is not None and len(names) != 2:
        raise ValueError(f"plots.decision_boundary: expected two names, got {names}.")
