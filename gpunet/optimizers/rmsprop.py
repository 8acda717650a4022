"""RMSprop."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from . import checks
from .averages import average, average_square
from .base import Optimizer, registry


@registry.register("rmsprop")
class RMSprop(Optimizer):
    """The gradient over its root mean square: ``v ← ρ v + (1-ρ) g²``, ``θ ← θ - α g / √(v + ε)``.

    With ``centered`` the variance ``v - a²`` takes the place of ``v``, where ``a ← ρ a + (1-ρ) g``. With ``momentum``
    the steps add up: ``m ← μ m + α g / √(v + ε)``, ``θ ← θ - m``.

    Source: Hinton, "Neural networks for machine learning", lecture 6e, 2012; Graves, "Generating sequences with
    recurrent neural networks", 2013 (centered).

    Args:
        learning_rate: ``α``, a number or a schedule.
        rho: ``ρ``, the memory of the averages, within [0, 1).
        momentum: ``μ``, within [0, 1].
        epsilon: ``ε``, positive.
        centered: Whether to divide by the deviation from the mean gradient.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> import numpy as np
        >>> weights = np.array([1.0])
        >>> RMSprop(learning_rate=0.1, rho=0.75).apply_gradients([(np.array([3.0]), weights)])
        >>> weights.round(6).tolist()
        [0.8]
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho = checks.number(self, "rho", rho, "[0, 1)")
        self.momentum = checks.number(self, "momentum", momentum, "[0, 1]")
        self.epsilon = checks.number(self, "epsilon", epsilon, "(0, inf)")
        self.centered = centered
        self.slots = (
            "velocity",
            *(["momentum"] if self.momentum else []),
            *(["average_gradient"] if centered else []),
        )

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        velocity = slots["velocity"]
        average_square(xp, velocity, gradient, self.rho, scratch)
        if self.centered:
            mean = slots["average_gradient"]
            average(xp, mean, gradient, self.rho, scratch)
            xp.multiply(mean, mean, out=scratch)
            xp.subtract(velocity, scratch, out=scratch)
            xp.maximum(scratch, 0, out=scratch)  # rounding can push the variance of equal gradients below 0
            scratch += self.epsilon
        else:
            xp.add(velocity, self.epsilon, out=scratch)
        xp.sqrt(scratch, out=scratch)
        gradient *= coefficients["learning_rate"]
        gradient /= scratch
        if self.momentum:
            momentum = slots["momentum"]
            momentum *= self.momentum
            momentum += gradient
            value -= momentum
        else:
            value -= gradient

    def get_config(self) -> dict[str, Any]:
        own = {
            "rho": self.rho,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "centered": self.centered,
        }
        return {**super().get_config(), **own}
