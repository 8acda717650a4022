"""Logic gates: the smallest data sets there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import Points, generator

_INPUTS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def xor(samples: int = 4, noise: float = 0.0, seed: int = 0) -> Points:
    """Returns the XOR gate, y = x₁ ⊕ x₂, which no network without a hidden layer can learn.

    Args:
        samples: how many rows; the four of the truth table, (0, 0), (0, 1), (1, 0), (1, 1), are repeated in
            turn.
        noise: standard deviation of the Gaussian that is added to each input.
        seed: of the noise.

    Returns:
        x of shape (samples, 2), float32, and y of shape (samples,), int64, 0 or 1.

    Raises:
        ValueError: if an argument is out of range.

    Source:
        M. Minsky, S. Papert: Perceptrons, 1969.

    Example:
        >>> x, y = xor()
        >>> x.tolist(), y.tolist()
        ([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])
    """
    return _gate("xor", [0, 1, 1, 0], samples, noise, seed)


def and_(samples: int = 4, noise: float = 0.0, seed: int = 0) -> Points:
    """Returns the AND gate, y = x₁ ∧ x₂, which a single neuron can learn; arguments and errors as `xor`.

    Example:
        >>> and_()[1].tolist()
        [0, 0, 0, 1]
    """
    return _gate("and", [0, 0, 0, 1], samples, noise, seed)


def or_(samples: int = 4, noise: float = 0.0, seed: int = 0) -> Points:
    """Returns the OR gate, y = x₁ ∨ x₂, which a single neuron can learn; arguments and errors as `xor`.

    Example:
        >>> or_()[1].tolist()
        [0, 1, 1, 1]
    """
    return _gate("or", [0, 1, 1, 1], samples, noise, seed)


def _gate(name: str, outputs: list[int], samples: int, noise: float, seed: int) -> Points:
    random = generator(name, samples, noise, seed)
    row = np.arange(samples) % 4
    x: NDArray[np.float64] = _INPUTS[row] + random.normal(0.0, noise, (samples, 2))
    return x.astype(np.float32), np.array(outputs, dtype=np.int64)[row]
