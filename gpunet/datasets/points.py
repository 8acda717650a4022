"""What all generated two-dimensional sets share: their arguments and how they end."""

from __future__ import annotations

import math
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

Points = tuple[NDArray[np.float32], NDArray[np.int64]]


def generator(name: str, samples: int, noise: float, seed: int) -> np.random.Generator:
    """Returns the random generator for a set, after its arguments have been checked.

    Args:
        name: the set's name, for the errors.
        samples: how many points, at least 1.
        noise: a standard deviation, 0 or more.
        seed: 0 or more.

    Raises:
        ValueError: if one of them is out of range.
    """
    if not isinstance(samples, Integral) or samples < 1:
        raise ValueError(f"{name}: expected samples as a whole number of at least 1, got {samples!r}")
    if not isinstance(noise, Real) or not 0 <= noise < math.inf:
        raise ValueError(
            f"{name}: expected noise as a finite standard deviation of at least 0, got {noise!r}"
        )
    if not isinstance(seed, Integral) or seed < 0:
        raise ValueError(f"{name}: expected seed as a whole number of at least 0, got {seed!r}")
    return np.random.default_rng(int(seed))


def two_classes(samples: int) -> NDArray[np.int64]:
    """Returns labels 0 for the first half of the samples and 1 for the rest, the larger part if odd."""
    return (np.arange(samples) >= samples // 2).astype(np.int64)


def shuffled(
    x: NDArray[np.float64], y: NDArray[np.int64], noise: float, random: np.random.Generator
) -> Points:
    """Returns the points in random order, each coordinate moved by a Gaussian of deviation `noise`."""
    order = random.permutation(len(x))
    moved = x + random.normal(0.0, noise, x.shape)
    return moved[order].astype(np.float32), y[order]
