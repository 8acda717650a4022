"""What an initializer is: a function of a shape that returns the first values of a parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config
from ..registry import Configurable, Registry

registry: Registry[Initializer] = Registry("initializer")

Values = np.ndarray[Any, Any]
Seed = int | np.random.Generator | None


class Initializer(Configurable):
    """The first values of a parameter, made on the host: every backend starts from the same numbers.

    Example:
        >>> class Counting(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return np.arange(math.prod(shape), dtype=dtype).reshape(shape)
        >>> Counting()((2, 2), "float32").tolist()
        [[0.0, 1.0], [2.0, 3.0]]
    """

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Values:
        """Return an array of that shape.

        Args:
            shape: The shape of the parameter; for kernels ``(inputs, outputs)``.
            dtype: ``config.floatx()`` by default.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(shape, dtype).")


class RandomInitializer(Initializer):
    """Values drawn from a distribution; a subclass writes ``draw``.

    Args:
        seed: A non-negative integer gives the same values at every call, a NumPy generator the next ones of its stream, ``None``
            the next ones of the stream that ``set_random_seed`` starts.

    Raises:
        ValueError: Any other seed.
    """

    def __init__(self, seed: Seed = None) -> None:
        whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0
        if not whole and not isinstance(seed, (np.random.Generator, type(None))):
            raise ValueError(
                f"{type(self).__name__}: expected a seed that is a non-negative integer, a numpy.random.Generator or "
                f"None, got {seed!r}."
            )
        self.seed = int(seed) if isinstance(seed, np.integer) else seed

    def draw(self, generator: np.random.Generator, shape: Sequence[int]) -> Values:
        """Return float64 values of that shape."""
        raise NotImplementedError(f"{type(self).__name__} defines no draw(generator, shape).")

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Values:
        return self.draw(config.generator(self.seed), tuple(shape)).astype(dtype or config.floatx())

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments; a generator has no description and becomes ``None``."""
        return {"seed": None if isinstance(self.seed, np.random.Generator) else self.seed}


def truncated_normal(generator: np.random.Generator, shape: Sequence[int]) -> Values:
    """Return standard normal values within ±2: what lies outside is drawn again."""
    values = generator.standard_normal(math.prod(shape))
    outside = np.flatnonzero(abs(values) > 2)
    while outside.size:
        values[outside] = generator.standard_normal(outside.size)
        outside = outside[abs(values[outside]) > 2]
    return values.reshape(shape)
