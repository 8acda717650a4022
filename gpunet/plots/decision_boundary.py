"""What a model says about each point of a plane, and where it changes its mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import MARKERS, axes, colour, library

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MARGIN = 0.1  # of the data's width, on each side


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

    With one output that is the probability of class 1 and the line of ½ (for logits, which aren't confined to
    [0, 1]: 0); with several, each class has its colour, the paler the less probable it is.

    Args:
        model: A model of ``(rows, features)`` with one output or with 2 to 10 classes.
        x: The data, ``(rows, features)``; it decides which part of the plane is shown.
        y: Its classes: indices, 0 and 1, or one-hot; ``None`` draws no data.
        features: Which two features span the plane. The others stay at their median.
        ax: Axes to draw on; by default those of a new figure.
        resolution: Points of the grid in each direction.
        names: What the two axes are called.

    Returns:
        The axes.

    Raises:
        ValueError: Shapes that don't fit, too many classes, or a feature that isn't there.
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
    x, labels = np.asarray(x, dtype=float), None if y is None else _labels(y)
    _check(x, labels, features)
    first, second = (_range(x[:, feature], resolution) for feature in features)
    grid = np.tile(np.median(x, axis=0), (resolution * resolution, 1))
    grid[:, features[0]] = np.tile(first, resolution)
    grid[:, features[1]] = np.repeat(second, resolution)
    outputs = np.asarray(model.predict(grid, verbose=0)).reshape(len(grid), -1)
    if outputs.shape[1] > len(MARKERS):
        raise ValueError(
            f"plots.decision_boundary: at most {len(MARKERS)} classes can be told apart, got {outputs.shape[1]}."
        )
    ax = axes(ax, "decision_boundary", figsize=(5, 4))
    if outputs.shape[1] == 1:
        _one_output(ax, first, second, outputs.reshape(resolution, resolution))
    else:
        _classes(ax, first, second, outputs.reshape(resolution, resolution, -1))
    if labels is not None:
        for label in np.unique(labels):
            points = x[labels == label][:, list(features)].T
            style: dict[str, Any] = {"color": colour(label), "edgecolor": "white", "linewidth": 0.6, "s": 22}
            ax.scatter(*points, marker=MARKERS[label], label=f"class {label}", **style)
        ax.legend()
    ax.set_xlim(first[0], first[-1])
    ax.set_ylim(second[0], second[-1])
    first_name, second_name = names or (f"x{feature + 1}".translate(SUBSCRIPTS) for feature in features)
    ax.set_xlabel(first_name)
    ax.set_ylabel(second_name)
    return ax


def _one_output(ax: Axes, first: Any, second: Any, values: Any) -> None:
    logits = values.min() < 0 or values.max() > 1
    middle = 0.0 if logits else 0.5
    reach = max(float(np.abs(values - middle).max()), 1e-12) if logits else 0.5
    levels = np.linspace(middle - reach, middle + reach, 21)
    shades = _blend(["#66aad1", "white", "#f0c466"])  # the colours of the classes, paler than their points
    field = ax.contourf(first, second, values, levels=levels, cmap=shades)
    ax.figure.colorbar(field, ax=ax, label="output" if logits else "probability of class 1")
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
        ax.contour(first, second, winner == index, levels=[0.5], colors="black", linewidths=1.0)


def _blend(tones: list[str]) -> Any:
    return library("decision_boundary", "matplotlib.colors").LinearSegmentedColormap.from_list("", tones)


def _range(values: Any, resolution: int) -> Any:
    low, high = values.min(), values.max()
    margin = MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, resolution)


def _labels(y: Any) -> Any:
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        return y.argmax(axis=1)
    return y.reshape(-1).astype(int)


def _check(x: Any, labels: Any, features: tuple[int, int]) -> None:
    if x.ndim != 2 or len(x) == 0 or x.shape[1] < 2:
        raise ValueError(
            f"plots.decision_boundary: expected data (rows, features) of at least two features, got shape {x.shape}."
        )
    if len(set(features)) != 2 or not all(0 <= feature < x.shape[1] for feature in features):
        raise ValueError(
            f"plots.decision_boundary: expected two of the features 0 to {x.shape[1] - 1}, got {features}."
        )
    if labels is not None and (len(labels) != len(x) or labels.min() < 0 or labels.max() >= len(MARKERS)):
        raise ValueError(
            f"plots.decision_boundary: expected {len(x)} classes from 0 to {len(MARKERS) - 1}, got {len(labels)} from "
            f"{labels.min()} to {labels.max()}."
        )
