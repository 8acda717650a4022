"""The ways that optimizers take from one start."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from .. import optimizers as family
from ..datasets import students
from ..models.plan import check_positive
from ..registry import suggest
from .canvas import GREY, MARKERS, axes, colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESOLUTION = 160
LEVELS = 25


class Surface(NamedTuple):
    """A function of two parameters.

    Attributes:
        value: Takes arrays of the first and of the second parameter.
        gradient: Takes one point, returns the two derivatives.
        start: Where the paths begin.
        low, high: The corners of the picture.
        names: What the parameters are called.
    """

    value: Callable[[Any, Any], Any]
    gradient: Callable[[Any], Any]
    start: tuple[float, float]
    low: tuple[float, float]
    high: tuple[float, float]
    names: tuple[str, str] = ("θ₁", "θ₂")


def optimizer_paths(
    surface: str | Surface = "valley",
    optimizers: Mapping[str, family.Optimizer] | None = None,
    steps: int = 60,
    ax: Axes | None = None,
) -> Axes:
    """Draw how optimizers go down a function of two parameters, all from the same start.

    Args:
        surface: ``"valley"`` (``θ₁²/20 + θ₂²``), ``"saddle"`` (``θ₁² - θ₂² + θ₂⁴/4``), ``"logistic"`` (the loss of a logistic
            regression that predicts from the lectures attended who passes a course), or a ``Surface``.
        optimizers: Optimizers by the names in the legend; each path starts with a fresh one made like it. By default SGD, momentum, Adagrad, Adadelta, RMSprop and Adam.
        steps: How many each of them takes.
        ax: Axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: An unknown surface, or no step.
        TypeError: Something else than optimizers by name, or than a surface.
        ImportError: matplotlib is missing.

    Example:
        >>> ax = optimizer_paths("saddle", {"SGD": family.SGD(0.1)}, steps=2)
        >>> ax.lines[0].get_xdata().round(3).tolist()
        [1.5, 1.2, 0.96]
    """
    if isinstance(surface, str):
        if surface not in SURFACES:
            raise ValueError(
                f'plots.optimizer_paths: unknown surface "{surface}". {suggest(surface, SURFACES)}'
            )
        surface = SURFACES[surface]()
    if not isinstance(surface, Surface):
        raise TypeError(f"plots.optimizer_paths: expected a Surface or its name, got {surface!r}.")
    check_positive("plots.optimizer_paths", steps=steps)
    optimizers = usual() if optimizers is None else optimizers
    if not isinstance(optimizers, Mapping) or not all(
        isinstance(one, family.Optimizer) for one in optimizers.values()
    ):
        raise TypeError(f"plots.optimizer_paths: expected {{name: optimizer}}, got {optimizers!r}.")
    ax = axes(ax, "optimizer_paths", figsize=(6, 4.5))
    grid = [np.linspace(low, high, RESOLUTION) for low, high in zip(surface.low, surface.high, strict=True)]
    values = surface.value(*np.meshgrid(*grid))
    ax.contour(*grid, values, levels=LEVELS, colors=GREY, linewidths=0.6)
    for index, (name, optimizer) in enumerate(optimizers.items()):
        way = path(surface, optimizer, steps)
        style: dict[str, Any] = {
            "color": colour(index),
            "marker": MARKERS[index % len(MARKERS)],
            "markersize": 3,
            "linewidth": 1.2,
        }
        ax.plot(*way.T, label=name, markevery=max(steps // 12, 1), **style)
        end = {**style, "markersize": 8, "markeredgecolor": "black", "zorder": 3, "clip_on": True}
        ax.plot(*way[-1:].T, label=f"_end of {name}", **end)
    ax.plot(*surface.start, "*", color="black", markeredgecolor="white", markersize=12)
    ax.set_xlim(surface.low[0], surface.high[0])
    ax.set_ylim(surface.low[1], surface.high[1])
    ax.set_xlabel(surface.names[0])
    ax.set_ylabel(surface.names[1])
    ax.legend(fontsize=8)
    return ax


def path(surface: Surface, optimizer: family.Optimizer, steps: int) -> Any:
    """Return the points that an optimizer comes through, ``(steps + 1, 2)``, fewer where they overflow.

    A fresh optimizer made like the given one goes the way: the caller's keeps what it has.
    """
    optimizer = copy.copy(optimizer)
    optimizer.unbuild()
    optimizer.iterations = 0
    place = np.array(surface.start, dtype=float)
    points = [place.copy()]
    for _ in range(steps):
        with np.errstate(all="ignore"):
            gradient = np.asarray(surface.gradient(place), dtype=float)
        optimizer.apply_gradients([(gradient, place)])
        if not np.isfinite(place).all():
            break
        points.append(place.copy())
    return np.array(points)


def usual() -> dict[str, family.Optimizer]:
    """Return the optimizers of the lecture, with learning rates that suit surfaces of this size."""
    return {
        "SGD": family.SGD(0.1),
        "momentum": family.SGD(0.1, momentum=0.8),
        "Adagrad": family.Adagrad(0.5),
        "Adadelta": family.Adadelta(10.0),
        "RMSprop": family.RMSprop(0.1),
        "Adam": family.Adam(0.2),
    }


def valley() -> Surface:
    """Return a valley that is steep across and nearly flat along."""

    def value(a: Any, b: Any) -> Any:
        return a**2 / 20 + b**2

    return Surface(value, lambda p: (p[0] / 10, 2 * p[1]), (-7.0, 2.0), (-8.0, -3.0), (4.0, 3.0))


def saddle() -> Surface:
    """Return a saddle at 0 between two minima."""

    def value(a: Any, b: Any) -> Any:
        return a**2 - b**2 + b**4 / 4

    return Surface(value, lambda p: (2 * p[0], p[1] ** 3 - 2 * p[1]), (1.5, 0.02), (-2.0, -2.2), (2.0, 2.2))


def logistic() -> Surface:
    """Return the loss of a logistic regression on the course's students: from lectures attended to passing."""
    x, y = students()
    feature = (x[:, 0] - x[:, 0].mean()) / x[:, 0].std()
    y = np.asarray(y, dtype=float).reshape(-1)

    def value(weight: Any, bias: Any) -> Any:
        z = np.asarray(weight)[..., None] * feature + np.asarray(bias)[..., None]
        return (np.logaddexp(0, z) - y * z).mean(axis=-1)

    def gradient(place: Any) -> Any:
        error = 1 / (1 + np.exp(-(place[0] * feature + place[1]))) - y
        return (error * feature).mean(), error.mean()

    return Surface(value, gradient, (-4.0, 3.0), (-5.0, -4.0), (6.0, 4.0), ("weight", "bias"))


SURFACES: dict[str, Callable[[], Surface]] = {"valley": valley, "saddle": saddle, "logistic": logistic}
