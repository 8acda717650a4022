"""Learning rates that fall for ever: exponentially, or in inverse proportion to the time."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import checks
from .base import Formula, Numbers, registry


@registry.register()
class ExponentialDecay(Formula):
    """``α(t) = α₀ rᵖ``, ``p = t / decay_steps``.

    Args:
        initial_learning_rate: ``α₀``.
        decay_steps: After how many steps the rate has fallen by the factor ``r``.
        decay_rate: ``r``.
        staircase: Whether ``p`` is rounded down: the rate falls every ``decay_steps`` steps only.
        name: A name.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5)([0, 10, 20]).tolist()
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = checks.number(
            self, "initial_learning_rate", initial_learning_rate, "[0, inf)"
        )
        self.decay_steps = checks.number(self, "decay_steps", decay_steps, "(0, inf)")
        self.decay_rate = checks.number(self, "decay_rate", decay_rate, "[0, inf)")
        self.staircase, self.name = staircase, name

    def progress(self, steps: Numbers) -> Numbers:
        """Return ``p``."""
        progress = steps / self.decay_steps
        return np.floor(progress) if self.staircase else progress

    def formula(self, steps: Numbers) -> Numbers:
        rates: Numbers = self.initial_learning_rate * self.decay_rate ** self.progress(steps)
        return rates

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "decay_rate": self.decay_rate,
            "staircase": self.staircase,
            "name": self.name,
        }


@registry.register()
class InverseTimeDecay(ExponentialDecay):
    """``α(t) = α₀ / (1 + r p)``, ``p = t / decay_steps``.

    Args:
        initial_learning_rate: ``α₀``.
        decay_steps: The unit of time.
        decay_rate: ``r``.
        staircase: Whether ``p`` is rounded down: the rate falls every ``decay_steps`` steps only.
        name: A name.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> InverseTimeDecay(0.1, decay_steps=10, decay_rate=1.0)([0, 10, 30]).tolist()
        [0.1, 0.05, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        super().__init__(initial_learning_rate, decay_steps, decay_rate, staircase, name)

    def formula(self, steps: Numbers) -> Numbers:
        return self.initial_learning_rate / (1 + self.decay_rate * self.progress(steps))
