"""Adam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..backend import Array
from .averages import average, average_square
from .base import registry
from .moments import MomentOptimizer
from .options import Numbers


@registry.register("adam")
class Adam(MomentOptimizer):
    """Adaptive moments.

    ``m ← β₁ m + (1-β₁) g``, ``v ← β₂ v + (1-β₂) g²``, ``θ ← θ - α √(1-β₂ᵗ)/(1-β₁ᵗ) · m / (√v + ε)``, and with
    ``amsgrad`` the largest ``v`` so far in the place of ``v``.

    Source: Kingma and Ba, "Adam", ICLR 2015; Reddi et al., "On the convergence of Adam and beyond", ICLR 2018.

    Args:
        learning_rate: ``α``, a number or a schedule.
        beta_1: ``β₁``, the memory of the gradient, within [0, 1).
        beta_2: ``β₂``, the memory of its square, within [0, 1).
        epsilon: ``ε``, positive.
        amsgrad: Whether to use the largest ``v`` so far.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> weights = np.array([1.0, 2.0])
        >>> Adam(learning_rate=0.5).apply_gradients([(np.array([3.0, -7.0]), weights)])
        >>> weights.round(5).tolist()
        [0.5, 2.5]
    """

    coefficient_names = ("step_size",)

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self.amsgrad = amsgrad
        self.slots = ("momentum", "velocity", "velocity_hat") if amsgrad else ("momentum", "velocity")

    def coefficients(self, steps: Numbers, learning_rate: Numbers) -> Mapping[str, Numbers]:
        correction = np.sqrt(1 - self.beta_2 ** (steps + 1)) / (1 - self.beta_1 ** (steps + 1))
        return {"step_size": learning_rate * correction}

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        momentum, velocity = slots["momentum"], slots["velocity"]
        average(xp, momentum, gradient, self.beta_1, scratch)
        average_square(xp, velocity, gradient, self.beta_2, scratch)
        if self.amsgrad:
            velocity = xp.maximum(slots["velocity_hat"], velocity, out=slots["velocity_hat"])
        xp.sqrt(velocity, out=scratch)
        scratch += self.epsilon
        xp.divide(momentum, scratch, out=scratch)
        scratch *= coefficients["step_size"]
        value -= scratch

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "amsgrad": self.amsgrad}
