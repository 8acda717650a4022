"""A learning rate that falls along a line or a power of one."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import checks
from .base import Formula, Numbers, registry


@registry.register()
class PolynomialDecay(Formula):
    """``α(t) = α_end + (α₀ - α_end) (1 - t / T)ᵏ`` up to step ``T``, ``α_end`` from there on.

    With ``cycle``, ``T`` is the first multiple of ``decay_steps`` that is not below ``t``: the rate jumps up there.

    Args:
        initial_learning_rate: ``α₀``.
        decay_steps: ``T``.
        end_learning_rate: ``α_end``.
        power: ``k``; 1 is a straight line.
        cycle: Whether to start anew after ``decay_steps`` steps.
        name: A name.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.0)([0, 5, 10, 99]).tolist()
        [0.1, 0.05, 0.0, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = checks.number(
            self, "initial_learning_rate", initial_learning_rate, "[0, inf)"
        )
        self.decay_steps = checks.number(self, "decay_steps", decay_steps, "(0, inf)")
        self.end_learning_rate = checks.number(self, "end_learning_rate", end_learning_rate, "[0, inf)")
        self.power = checks.number(self, "power", power, "[0, inf)")
        self.cycle, self.name = cycle, name

    def formula(self, steps: Numbers) -> Numbers:
        progress = steps / self.decay_steps
        if self.cycle:
            progress = progress / np.maximum(np.ceil(progress), 1)
        remaining = 1 - np.minimum(progress, 1)
        fall = self.initial_learning_rate - self.end_learning_rate
        rates: Numbers = fall * remaining**self.power + self.end_learning_rate
        return rates

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "end_learning_rate": self.end_learning_rate,
            "power": self.power,
            "cycle": self.cycle,
            "name": self.name,
        }
