"""Regions of the plane that need no, one or two hidden layers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .points import Points, generator, shuffled, two_classes

_MARGIN = 0.05


def regions(hidden_layers: int = 2, samples: int = 400, noise: float = 0.0, seed: int = 0) -> Points:
    """Returns points of the square [−1, 1]² and whether they lie in one of the lecture's regions.

    With 0 hidden layers the region (class 1) is a half-plane, x₁ + x₂ > 0; with 1 a convex region, the
    diamond |x₁| + |x₂| < 1; with 2 two convex regions, the diamonds |x₁ ∓ ½| + |x₂ ∓ ½| < 0.45 around (½, ½)
    and (−½, −½).

    No point is nearer than 0.05 to the boundary (in x₁ + x₂), so without noise a network can be entirely
    right.

    Args:
        hidden_layers: 0, 1 or 2; how many hidden layers the lecture gives a network for this region.
        samples: how many points; half of them in each class, one more in class 1 if the number is odd.
        noise: standard deviation of the Gaussian that is added to each coordinate afterwards.
        seed: of the points and their order.

    Returns:
        x of shape (samples, 2), float32, and y of shape (samples,), int64, 0 or 1.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> x, y = regions(hidden_layers=0)
        >>> bool(((x.sum(axis=1) > 0) == y).all())
        True
    """
    if hidden_layers not in (0, 1, 2):
        raise ValueError(f"regions: expected hidden_layers 0, 1 or 2, got {hidden_layers!r}")
    random = generator("regions", samples, noise, seed)
    y = two_classes(samples)
    x = np.empty((samples, 2))
    missing = np.arange(samples)
    # Points are drawn again until each lies on the side that its label asks for: at least one in six does.
    while len(missing):
        x[missing] = random.uniform(-1.0, 1.0, (len(missing), 2))
        depth = _depth(x[missing], hidden_layers)
        missing = missing[np.where(y[missing] == 1, depth, -depth) < _MARGIN]
    return shuffled(x, y, noise, random)


def _depth(x: NDArray[np.float64], hidden_layers: int) -> NDArray[np.float64]:
    """Returns how far each point is inside the region (negative: outside), measured along an axis."""
    depth: NDArray[np.float64]
    if hidden_layers == 0:
        depth = x[:, 0] + x[:, 1]
    elif hidden_layers == 1:
        depth = 1.0 - np.abs(x).sum(axis=1)
    else:
        depth = 0.45 - np.minimum(np.abs(x - 0.5).sum(axis=1), np.abs(x + 0.5).sum(axis=1))
    return depth
