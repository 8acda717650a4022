"""Adagrad."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from . import checks
from .base import Optimizer, registry


@registry.register("adagrad")
class Adagrad(Optimizer):
    """Smaller steps where the gradients have been large: ``a ← a + g²``, ``θ ← θ - α g / √(a + ε)``.

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic optimization",
    JMLR 2011.

    Args:
        learning_rate: ``α``, a number or a schedule.
        initial_accumulator_value: What ``a`` starts with, at least 0.
        epsilon: ``ε``, positive.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> import numpy as np
        >>> weights = np.array([1.0])
        >>> Adagrad(learning_rate=0.5, initial_accumulator_value=7.0).apply_gradients([(np.array([3.0]), weights)])
        >>> weights.round(6).tolist()
        [0.625]
    """

    slots = ("accumulator",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial_accumulator_value = checks.number(
            self, "initial_accumulator_value", initial_accumulator_value, "[0, inf)"
        )
        self.epsilon = checks.number(self, "epsilon", epsilon, "(0, inf)")

    def initial(self, slot: str) -> float:
        return self.initial_accumulator_value

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        accumulator = slots["accumulator"]
        xp.multiply(gradient, gradient, out=scratch)
        accumulator += scratch
        xp.add(accumulator, self.epsilon, out=scratch)
        xp.sqrt(scratch, out=scratch)
        gradient *= coefficients["learning_rate"]
        gradient /= scratch
        value -= gradient

    def get_config(self) -> dict[str, Any]:
        own = {"initial_accumulator_value": self.initial_accumulator_value, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
