"""The loss around the weights of a model, along one or two directions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..models.landscape import Weights, losses_at
from .canvas import SEQUENTIAL, axes, colour, library
from .trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = {1: 101, 2: 31}  # along each direction, by their number
LEVELS = 20
MARGIN = 0.3  # of the length of a trajectory, on each side


def loss_landscape(
    model: Any,
    x: Any,
    y: Any,
    dimensions: int = 2,
    trajectory: Trajectory | None = None,
    reach: float = 1.0,
    points: int | None = None,
    surface: bool = False,
    seed: int = 0,
    ax: Axes | None = None,
) -> Axes:
    """Draw the loss around the weights of a model: a curve, contours, or a surface.

    The directions are random, and scaled so that in them the weights into each unit are as long as the model's own
    (filter-wise normalisation; those of biases are 0): a step of 1 then means the same in every network. With a trajectory they
    are its first two principal components instead, and it is drawn on top.

    Source: Li, Xu, Taylor, Studer, Goldstein, "Visualizing the loss landscape of neural nets", NeurIPS 2018, arXiv
    1712.09913.

    Args:
        model: A built and compiled model. Its weights are the centre, and the same afterwards.
        x, y: The data whose loss is drawn, as for ``evaluate``.
        dimensions: 1 or 2.
        trajectory: Where the optimizer has been: the callback that ``fit`` was given.
        reach: How far the picture goes in each direction, in lengths of the weights; with a trajectory, its size decides.
        points: How many along each direction; 101 in one dimension, 31 in two.
        surface: Whether two dimensions are drawn as a surface instead of contours.
        seed: For the random directions.
        ax: Axes to draw on (three-dimensional ones for a surface); by default those of a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: A number of dimensions that can't be drawn, a trajectory without movement, data that don't fit.
        ImportError: matplotlib is missing.
    """
    model.must_be_built("plots.loss_landscape")
    if (
        dimensions not in POINTS
        or (trajectory is not None and dimensions == 1)
        or (surface and dimensions == 1)
    ):
        raise ValueError(
            "plots.loss_landscape: expected 2 dimensions, or 1 without a trajectory and a surface, got "
            f"{dimensions}."
        )
    library("loss_landscape", "matplotlib")
    center = model.get_weights()
    ranges = [(-reach, reach)] * dimensions
    path = None
    if trajectory is None:
        generator = np.random.default_rng(seed)
        directions = [filter_normalised(center, generator) for _ in range(dimensions)]
    else:
        directions, path = principal_directions(trajectory.weights, center)
        ranges = [_around(path[:, axis]) for axis in range(2)]
    steps = [np.linspace(*limits, points or POINTS[dimensions]) for limits in ranges]
    grid = np.stack(np.meshgrid(*steps, indexing="xy"), axis=-1).reshape(-1, dimensions)
    places = [moved(center, directions, step) for step in grid]
    losses = losses_at(model, places, x, y).reshape([len(step) for step in reversed(steps)])
    if dimensions == 1:
        return _curve(ax, steps[0], losses)
    ax = (_surface if surface else _contours)(ax, steps[0], steps[1], losses)
    if path is not None and not surface:
        ax.plot(*path.T, ".-", color=colour(3), linewidth=1, markersize=4, label="trajectory")
        ax.legend()
    names = ("direction 1", "direction 2") if path is None else ("component 1", "component 2")
    ax.set_xlabel(names[0])
    ax.set_ylabel(names[1])
    return ax


def filter_normalised(center: Weights, generator: np.random.Generator) -> Weights:
    """Return a random direction whose weights into each unit are as long as those of the center; 0 for biases."""
    direction = []
    for weight in center:
        if weight.ndim < 2:
            direction.append(np.zeros_like(weight))
            continue
        noise = generator.standard_normal(weight.shape)
        lengths = np.linalg.norm(noise, axis=0, keepdims=True)
        own = np.linalg.norm(weight.astype(float), axis=0, keepdims=True)
        direction.append((noise * own / lengths).astype(weight.dtype))
    return direction


def principal_directions(places: list[Any], center: Weights) -> tuple[list[Weights], Any]:
    """Return the two directions of unit length in which a trajectory is longest, and its points in that plane.

    Raises:
        ValueError: It has fewer than three points, or doesn't move.
    """
    flat = np.array([_flat(place) for place in places])
    offsets = flat - _flat(center)
    if len(flat) < 3 or not np.abs(offsets).max() > 0:
        raise ValueError("plots.loss_landscape: expected a trajectory of at least three points that moves.")
    components = np.linalg.svd(offsets - offsets.mean(axis=0), full_matrices=False)[2][:2]
    directions: list[Weights] = []
    for component in components:
        ends = np.cumsum([weight.size for weight in center])[:-1]
        parts = zip(np.split(component, ends), center, strict=True)
        directions.append([part.reshape(weight.shape) for part, weight in parts])
    return directions, offsets @ components.T


def moved(center: Weights, directions: list[Weights], steps: Any) -> Weights:
    """Return the point that lies so many steps along each direction."""
    place = list(center)
    for step, direction in zip(steps, directions, strict=True):
        place = [weight + step * part for weight, part in zip(place, direction, strict=True)]
    return place


def _flat(weights: Weights) -> Any:
    return np.concatenate([np.asarray(weight, dtype=float).ravel() for weight in weights])


def _around(values: Any) -> tuple[float, float]:
    margin = MARGIN * (values.max() - values.min()) or 1.0
    return float(values.min() - margin), float(values.max() + margin)


def _curve(ax: Axes | None, steps: Any, losses: Any) -> Axes:
    ax = axes(ax, "loss_landscape", figsize=(5, 3.5))
    ax.plot(steps, losses, color=colour(0))
    ax.axvline(0, color="#999999", linewidth=0.8, linestyle=":")
    ax.set_xlabel("direction 1")
    ax.set_ylabel("loss")
    return ax


def _contours(ax: Axes | None, first: Any, second: Any, losses: Any) -> Axes:
    ax = axes(ax, "loss_landscape", figsize=(5.5, 4.5))
    low, high = float(np.nanmin(losses)), float(np.nanmax(losses[np.isfinite(losses)]))
    lowest = max(low, 1e-6 * max(high, 1e-12))
    levels = np.geomspace(lowest, max(high, 1.0001 * lowest), LEVELS) if low >= 0 else LEVELS
    norm = library("loss_landscape", "matplotlib.colors").LogNorm() if low >= 0 else None
    losses = np.maximum(losses, lowest) if low >= 0 else losses
    field = ax.contourf(first, second, losses, levels=levels, cmap=SEQUENTIAL, norm=norm)
    ax.contour(first, second, losses, levels=levels, colors="black", linewidths=0.3, norm=norm)
    bar = ax.figure.colorbar(field, ax=ax, label="loss")
    bar.ax.minorticks_off()
    ticks = list(bar.get_ticks())
    bar.set_ticks(ticks, labels=[f"{tick:.2g}" for tick in ticks])
    if ax.get_xlim()[0] < 0 < ax.get_xlim()[1]:
        ax.plot([0], [0], "*", color=colour(1), markersize=10, label="the model")
        ax.legend()
    return ax


def _surface(ax: Any, first: Any, second: Any, losses: Any) -> Axes:
    drawn: Any = axes(ax, "loss_landscape", figsize=(6, 5), subplot_kw={"projection": "3d"})
    drawn.plot_surface(*np.meshgrid(first, second), losses, cmap=SEQUENTIAL, linewidth=0, antialiased=True)
    drawn.set_zlabel("loss")
    return cast("Axes", drawn)
