"""What the optimizers share that average the gradient and its size."""

from __future__ import annotations

from typing import Any

from . import checks
from .base import Optimizer


class MomentOptimizer(Optimizer):
    """An optimizer that averages the gradient and its size, each with a memory of its own.

    Args:
        learning_rate: A number or a schedule.
        beta_1: The memory of the gradient, within [0, 1).
        beta_2: The memory of its size, within [0, 1).
        epsilon: Keeps the step finite, positive.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_1 = checks.number(self, "beta_1", beta_1, "[0, 1)")
        self.beta_2 = checks.number(self, "beta_2", beta_2, "[0, 1)")
        self.epsilon = checks.number(self, "epsilon", epsilon, "(0, inf)")

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
