"""Adadelta."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from . import checks
from .averages import average_square
from .base import Optimizer, registry


@registry.register("adadelta")
class Adadelta(Optimizer):
    """Steps in the unit of the parameters: scaled by the size of the last steps over that of the last gradients.

    ``a ← ρ a + (1-ρ) g²``, ``d = -g √(s + ε) / √(a + ε)``, ``s ← ρ s + (1-ρ) d²``, ``θ ← θ + α d``. The paper has
    ``α = 1``.

    Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012.

    Args:
        learning_rate: ``α``, a number or a schedule.
        rho: ``ρ``, the memory of both averages, within [0, 1).
        epsilon: ``ε``, positive.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> import numpy as np
        >>> weights = np.array([1.0])
        >>> Adadelta(learning_rate=1.0, rho=0.0, epsilon=1.0).apply_gradients([(np.array([3.0]), weights)])
        >>> weights.round(6).tolist()  # 1 - 3/√10
        [0.051317]
    """

    slots = ("accumulated_grad", "accumulated_delta_var")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **options: Any
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = checks.number(self, "rho", rho, "[0, 1)")
        self.epsilon = checks.number(self, "epsilon", epsilon, "(0, inf)")

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        squares, steps = slots["accumulated_grad"], slots["accumulated_delta_var"]
        average_square(xp, squares, gradient, self.rho, scratch)
        xp.add(squares, self.epsilon, out=scratch)
        xp.sqrt(scratch, out=scratch)
        gradient /= scratch
        xp.add(steps, self.epsilon, out=scratch)
        xp.sqrt(scratch, out=scratch)
        gradient *= scratch  # -d from here on
        average_square(xp, steps, gradient, self.rho, scratch)
        gradient *= coefficients["learning_rate"]
        value -= gradient

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rho": self.rho, "epsilon": self.epsilon}
