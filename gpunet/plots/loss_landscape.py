"""The loss around the weights of a model, along one or two directions."""

from __future__ import annotations

import math
from numbers import Real
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..models.landscape import Weights, losses_at
from ..models.plan import is_whole
from .canvas import GREY, SEQUENTIAL, axes, colour, library
from .trajectory import Trajectory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS = {1: 101, 2: 31}  # along each direction, by their number
LEVELS = 20
MARGIN = 0.3  # of the length of a trajectory, on each side
NARROWEST = 0.1  # height of a picture by its width: a straight trajectory has no second direction


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
        ValueError: A number of dimensions that can't be drawn, a trajectory without movement or of another model, data
            that don't fit, losses none of which is finite.
        RuntimeError: ``compile`` has not been called.
        TypeError: A surface was to be drawn on flat axes; something else than a trajectory.
        ImportError: matplotlib is missing.
    """
    model.must_be_built("plots.loss_landscape")
    if (
        not is_whole(dimensions)
        or dimensions not in POINTS
        or (trajectory is not None and dimensions == 1)
        or (surface and dimensions == 1)
    ):
        raise ValueError(
            "plots.loss_landscape: expected 2 dimensions, or 1 without a trajectory and a surface, got "
            f"{dimensions!r}."
        )
    points = POINTS[dimensions] if points is None else points
    if not is_whole(points) or points < 2:
        raise ValueError(f"plots.loss_landscape: expected at least two points, got {points!r}.")
    if not isinstance(reach, Real) or not 0 < reach < math.inf:
        raise ValueError(f"plots.loss_landscape: expected a reach above 0, got {reach!r}.")
    if surface and ax is not None and ax.name != "3d":
        raise TypeError(
            'plots.loss_landscape: a surface needs three-dimensional axes; make them with projection="3d".'
        )
    if not isinstance(trajectory, Trajectory | None):
        raise TypeError(
            f"plots.loss_landscape: expected the callback plots.Trajectory that fit was given, got {trajectory!r}."
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
        ranges = _around(path)
    steps = [np.linspace(*limits, points) for limits in ranges]
    grid = np.stack(np.meshgrid(*steps, indexing="xy"), axis=-1).reshape(-1, dimensions)
    places = grid if path is None else np.vstack([grid, path])
    weights = (
        moved(center, directions, place) for place in places
    )  # one at a time, each as large as the model
    losses, heights = np.split(losses_at(model, weights, x, y, total=len(places)), [len(grid)])
    losses = losses.reshape([points] * dimensions)
    if not np.isfinite(losses).any():
        raise ValueError("plots.loss_landscape: no loss is finite there; take a smaller reach.")
    if dimensions == 1:
        return _curve(ax, steps[0], losses)
    ax = (_surface if surface else _contours)(ax, steps[0], steps[1], losses)
    if path is not None:
        line = [*path.T, heights] if surface else path.T
        ax.plot(*line, ".-", color=colour(3), linewidth=1, markersize=4, label="trajectory", zorder=3)
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
        ValueError: It has fewer than three points, doesn't move, or is another model's; a model of a single weight.
    """
    shapes = [weight.shape for weight in center]
    if any([np.shape(weight) for weight in place] != shapes for place in places):
        raise ValueError(
            "plots.loss_landscape: expected a trajectory of this model, got one of other shapes."
        )
    if sum(weight.size for weight in center) < 2:
        raise ValueError(
            "plots.loss_landscape: a single weight has no plane; draw 1 dimension, no trajectory."
        )
    offsets = np.array([_flat(place) - _flat(center) for place in places])
    if len(offsets) < 3 or not np.abs(offsets).max() > 0:
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


def _around(path: Any) -> list[tuple[float, float]]:
    """Return the range of each component: with a margin, and never too narrow to be seen."""
    low, high = path.min(axis=0), path.max(axis=0)
    lengths = (1 + 2 * MARGIN) * (high - low)
    half = np.maximum(lengths, NARROWEST * lengths.max()) / 2
    middle = (low + high) / 2
    return [(float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True)]


def _curve(ax: Axes | None, steps: Any, losses: Any) -> Axes:
    ax = axes(ax, "loss_landscape", figsize=(5, 3.5))
    ax.plot(steps, losses, color=colour(0))
    ax.axvline(0, color=GREY, linewidth=0.8, linestyle=":")
    ax.set_xlabel("direction 1")
    ax.set_ylabel("loss")
    return ax


def _contours(ax: Axes | None, first: Any, second: Any, losses: Any) -> Axes:
    ax = axes(ax, "loss_landscape", figsize=(5.5, 4.5))
    low, high = float(np.nanmin(losses)), float(np.nanmax(losses[np.isfinite(losses)]))
    is_logarithmic = low >= 0 and high > 0
    lowest = max(low, 1e-6 * high)
    levels = np.geomspace(lowest, max(high, 1.0001 * lowest), LEVELS) if is_logarithmic else LEVELS
    norm = library("loss_landscape", "matplotlib.colors").LogNorm() if is_logarithmic else None
    losses = np.maximum(losses, lowest) if is_logarithmic else losses
    field = ax.contourf(first, second, losses, levels=levels, cmap=SEQUENTIAL, norm=norm)
    ax.contour(first, second, losses, levels=levels, colors="black", linewidths=0.3, norm=norm)
    bar = ax.figure.colorbar(field, ax=ax, label="loss")
    bar.ax.minorticks_off()
    ticks = list(bar.get_ticks())
    bar.set_ticks(ticks, labels=[f"{tick:.2g}" for tick in ticks])
    ax.locator_params(axis="x", nbins=5)  # more of them run into each other in a small picture
    if ax.get_xlim()[0] < 0 < ax.get_xlim()[1]:
        ax.plot([0], [0], "*", color=colour(1), markersize=10, label="the model")
        ax.legend()
    return ax


def _surface(ax: Any, first: Any, second: Any, losses: Any) -> Axes:
    drawn: Any = axes(ax, "loss_landscape", figsize=(6, 5), subplot_kw={"projection": "3d"})
    drawn.computed_zorder = False  # what is drawn on top of the surface is seen
    drawn.plot_surface(*np.meshgrid(first, second), losses, cmap=SEQUENTIAL, linewidth=0, antialiased=True)
    drawn.set_zlabel("loss")
    drawn.locator_params(nbins=5)
    return cast("Axes", drawn)
