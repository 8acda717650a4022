"""Two classes in the plane, in the shapes that are usually drawn: clouds, circles, moons, spirals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import Points, generator, shuffled, two_classes


def clouds(samples: int = 400, noise: float = 0.5, seed: int = 0) -> Points:
    """Returns two Gaussian clouds around (−1, −1), class 0, and (1, 1), class 1: a line separates them.

    Args:
        samples: how many points; half of them in each class, one more in class 1 if the number is odd.
        noise: standard deviation of a cloud.
        seed: of the points and their order.

    Returns:
        x of shape (samples, 2), float32, and y of shape (samples,), int64, 0 or 1.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> x, y = clouds(samples=4, noise=0.0)
        >>> bool(((x[:, 0] > 0) == y).all())
        True
    """
    random = generator("clouds", samples, noise, seed)
    y = two_classes(samples)
    return shuffled(np.stack([2.0 * y - 1, 2.0 * y - 1], axis=1), y, noise, random)


def circles(samples: int = 400, noise: float = 0.1, seed: int = 0) -> Points:
    """Returns a circle of radius 1, class 0, around a circle of radius 1/2, class 1.

    Arguments, shapes and errors as `clouds`; `noise` is the standard deviation of each coordinate.

    Example:
        >>> x, y = circles(samples=2, noise=0.0)
        >>> sorted((x**2).sum(axis=1).tolist())
        [0.25, 1.0]
    """
    random = generator("circles", samples, noise, seed)
    y = two_classes(samples)
    angle = 2 * np.pi * _progress(y)
    radius = np.where(y == 0, 1.0, 0.5)
    return shuffled(_polar(radius, angle), y, noise, random)


def moons(samples: int = 400, noise: float = 0.1, seed: int = 0) -> Points:
    """Returns two interleaved half circles of radius 1, as scikit-learn's `make_moons` places them.

    Class 0 is the upper half around (0, 0), class 1 the lower half around (1, 1/2).
    Arguments, shapes and errors as `clouds`; `noise` is the standard deviation of each coordinate.

    Example:
        >>> x, y = moons(samples=100, noise=0.0)
        >>> bool((x[y == 0, 1] >= 0).all()), bool((x[y == 1, 1] <= 0.5).all())
        (True, True)
    """
    random = generator("moons", samples, noise, seed)
    y = two_classes(samples)
    angle = np.pi * (_progress(y, closed=True) + y)
    centre = np.array([[0.0, 0.0], [1.0, 0.5]])[y]
    # The lower half runs from left to right, hence π to 2π around its own centre.
    return shuffled(centre + _polar(np.ones(samples), angle), y, noise, random)


def spirals(samples: int = 400, noise: float = 0.03, seed: int = 0) -> Points:
    """Returns two spiral arms of one and a half turns, class 1 being class 0 turned by half a turn.

    The radius grows from 0.1 to 1 with the angle: r = 0.1 + 0.9 t, φ = 3π t + π y, with t from 0 to 1.
    Arguments, shapes and errors as `clouds`; `noise` is the standard deviation of each coordinate.

    Source:
        K. Lang, M. Witbrock: Learning to tell two spirals apart, Connectionist Models Summer School, 1988.

    Example:
        >>> x, y = spirals(samples=100, noise=0.0)
        >>> bool((x**2).sum(axis=1).max() <= 1.000001)
        True
    """
    random = generator("spirals", samples, noise, seed)
    y = two_classes(samples)
    along = _progress(y, closed=True)
    return shuffled(_polar(0.1 + 0.9 * along, 3 * np.pi * along + np.pi * y), y, noise, random)


def _progress(y: NDArray[np.int64], closed: bool = False) -> NDArray[np.float64]:
    """Returns evenly spaced numbers from 0 to 1 for each class, with 1 itself if closed."""
    parts = [np.linspace(0.0, 1.0, int((y == label).sum()), endpoint=closed) for label in (0, 1)]
    return np.concatenate(parts)


def _polar(radius: NDArray[np.float64], angle: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
