"""Random initializers with fixed parameters, and orthogonal matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .base import RandomInitializer, Seed, Values, registry, truncated_normal


@registry.register("random_normal", "normal")
class RandomNormal(RandomInitializer):
    """Normal distribution ``N(mean, stddev²)``.

    Args:
        mean: The mean.
        stddev: The standard deviation.
        seed: See ``RandomInitializer``.

    Example:
        >>> weights = RandomNormal(seed=1)((100, 100))
        >>> bool(abs(weights.std() - 0.05) < 0.002)
        True
    """

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Seed = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, generator: np.random.Generator, shape: Sequence[int]) -> Values:
        return self.mean + self.stddev * generator.standard_normal(shape)

    def get_config(self) -> dict[str, Any]:
        return {"mean": self.mean, "stddev": self.stddev, **super().get_config()}


@registry.register("truncated_normal")
class TruncatedNormal(RandomNormal):
    """Normal distribution whose values outside ``mean ± 2 stddev`` are drawn again.

    Args:
        mean: The mean.
        stddev: The standard deviation before truncation; after it, it is 0.8796 times that.
        seed: See ``RandomInitializer``.

    Example:
        >>> bool(abs(TruncatedNormal(seed=1)((100, 100))).max() <= 0.1)
        True
    """

    def draw(self, generator: np.random.Generator, shape: Sequence[int]) -> Values:
        return self.mean + self.stddev * truncated_normal(generator, shape)


@registry.register("random_uniform", "uniform")
class RandomUniform(RandomInitializer):
    """Uniform distribution between ``minval`` and ``maxval``.

    Args:
        minval: The lower limit.
        maxval: The upper limit.
        seed: See ``RandomInitializer``.

    Example:
        >>> bool(abs(RandomUniform(seed=1)((100, 100))).max() <= 0.05)
        True
    """

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Seed = None) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, generator: np.random.Generator, shape: Sequence[int]) -> Values:
        return generator.uniform(self.minval, self.maxval, shape)

    def get_config(self) -> dict[str, Any]:
        return {"minval": self.minval, "maxval": self.maxval, **super().get_config()}


@registry.register("orthogonal", "OrthogonalInitializer")
class Orthogonal(RandomInitializer):
    """A random matrix with orthogonal columns of length ``gain`` (rows, if there are fewer rows than columns).

    The Q of a QR decomposition of normal numbers, signs chosen so that it is uniform over all such matrices. More
    than two axes are taken as a matrix ``(product of the others, last)``.

    Args:
        gain: The length of each column.
        seed: See ``RandomInitializer``.

    Raises:
        ValueError: At the call, if the shape has fewer than two axes.

    Source: Saxe, McClelland and Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear
    neural networks", ICLR 2014; Mezzadri, "How to generate random matrices from the classical compact groups", 2007.

    Example:
        >>> q = Orthogonal(seed=1)((3, 2), "float64")
        >>> bool(np.allclose(q.T @ q, np.eye(2)))
        True
    """

    def __init__(self, gain: float = 1.0, seed: Seed = None) -> None:
        super().__init__(seed)
        self.gain = gain

    def draw(self, generator: np.random.Generator, shape: Sequence[int]) -> Values:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal: expected a shape of at least two axes, got {tuple(shape)}.")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
        q *= np.sign(np.diagonal(r))
        return self.gain * (q.T if rows < columns else q).reshape(shape)

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, **super().get_config()}
