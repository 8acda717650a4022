"""The 1cycle policy."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import checks
from .base import Formula, Numbers, registry
from .cosine import half_cosine


@registry.register()
class OneCycle(Formula):
    """The 1cycle policy: up from a low rate to a high one and down to a very low one, both along half a cosine.

    ``α_max / initial_divisor`` at step 0, ``α_max`` at step ``start_fraction · total_steps - 1``, and
    ``α_max / initial_divisor / final_divisor`` at the last step, ``total_steps - 1``, and after it. Keras has no such
    schedule; this is PyTorch's ``OneCycleLR`` with two phases and without its cycle of the momentum.

    Source: Smith and Topin, "Super-convergence: very fast training of neural networks using large learning rates",
    2018.

    Args:
        max_learning_rate: ``α_max``.
        total_steps: The number of steps of the whole training.
        start_fraction: The part of them in which the rate rises.
        initial_divisor: How many times smaller the first rate is than the highest.
        final_divisor: How many times smaller the last rate is than the first.
        name: A name.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> OneCycle(25.0, total_steps=10, final_divisor=2)([0, 1, 2, 9]).round(6).tolist()
        [1.0, 13.0, 25.0, 0.5]
    """

    def __init__(
        self,
        max_learning_rate: float,
        total_steps: int,
        start_fraction: float = 0.3,
        initial_divisor: float = 25.0,
        final_divisor: float = 1e4,
        name: str = "OneCycle",
    ) -> None:
        self.max_learning_rate = checks.number(self, "max_learning_rate", max_learning_rate, "[0, inf)")
        self.total_steps = checks.count(self, "total_steps", total_steps)
        self.start_fraction = checks.number(self, "start_fraction", start_fraction, "[0, 1]")
        self.initial_divisor = checks.number(self, "initial_divisor", initial_divisor, "(0, inf)")
        self.final_divisor = checks.number(self, "final_divisor", final_divisor, "(0, inf)")
        self.name = name

    def formula(self, steps: Numbers) -> Numbers:
        highest, first = self.max_learning_rate, self.max_learning_rate / self.initial_divisor
        last = first / self.final_divisor
        peak, end = self.start_fraction * self.total_steps - 1, self.total_steps - 1
        rising = highest + (first - highest) * half_cosine(_passed(steps, 0, peak))
        falling = last + (highest - last) * half_cosine(_passed(steps, peak, end))
        return np.where(steps <= peak, rising, falling)

    def get_config(self) -> dict[str, Any]:
        return {
            "max_learning_rate": self.max_learning_rate,
            "total_steps": self.total_steps,
            "start_fraction": self.start_fraction,
            "initial_divisor": self.initial_divisor,
            "final_divisor": self.final_divisor,
            "name": self.name,
        }


def _passed(steps: Numbers, begin: float, end: float) -> Numbers:
    """Return the part of a phase that has passed, within [0, 1]; a phase without length has."""
    return np.clip((steps - begin) / (end - begin), 0, 1) if end > begin else np.ones_like(steps)
