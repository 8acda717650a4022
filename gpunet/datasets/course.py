"""The lecture's example problem: will I pass this class?"""

from __future__ import annotations

import numpy as np

from .points import Points, generator

LECTURES = 15
HOURS = 30


def students(samples: int = 400, noise: float = 0.1, seed: int = 0) -> Points:
    """Returns made-up students: lectures attended, hours spent on the final project, and whether they passed.

    A student passes if lectures / 15 + hours / 30 + luck ≥ 1, with luck drawn from a Gaussian: attending
    everything is enough, so is a project of 30 hours, and so is half of each. The features are in their
    natural units; scale them (x / [15, 30]) before training.

    Args:
        samples: how many students.
        noise: standard deviation of the luck; 0 for none, then a line separates the classes.
        seed: of students and luck.

    Returns:
        x of shape (samples, 2), float32: lectures attended, a whole number from 0 to 15, and hours from 0 to
            30;
        y of shape (samples,), int64: 1 for passed, 0 for failed.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> x, y = students(noise=0.0)
        >>> bool(((x[:, 0] / 15 + x[:, 1] / 30 >= 1) == y).all())
        True
    """
    random = generator("students", samples, noise, seed)
    lectures = random.integers(0, LECTURES, samples, endpoint=True)
    hours = random.uniform(0.0, HOURS, samples)
    luck = random.normal(0.0, noise, samples)
    x = np.stack([lectures, hours], axis=1).astype(np.float32)
    y = (x[:, 0] / LECTURES + x[:, 1] / HOURS + luck >= 1).astype(np.int64)
    return x, y
