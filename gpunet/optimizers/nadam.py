"""Nadam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..backend import Array
from .averages import average, average_square
from .base import registry
from .moments import MomentOptimizer
from .options import Numbers

# Products of 1 - 0.96ⁱ/2 over the first steps. From about the 850th on, the factor is 1 in float64.
PRODUCTS = np.cumprod(1 - 0.5 * 0.96 ** np.arange(1, 1001))


@registry.register("nadam")
class Nadam(MomentOptimizer):
    """Adam with Nesterov's momentum.

    With ``uₜ = β₁ (1 - 0.96ᵗ/2)`` and ``Uₜ = u₁ u₂ … uₜ``: ``m ← β₁ m + (1-β₁) g``, ``v ← β₂ v + (1-β₂) g²``,
    ``m̂ = uₜ₊₁ m / (1-Uₜ₊₁) + (1-uₜ) g / (1-Uₜ)``, ``v̂ = v / (1-β₂ᵗ)``, ``θ ← θ - α m̂ / (√v̂ + ε)``.

    Source: Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.

    Args:
        learning_rate: ``α``, a number or a schedule.
        beta_1: ``β₁``, the memory of the gradient, within [0, 1).
        beta_2: ``β₂``, the memory of its square, within [0, 1).
        epsilon: ``ε``, positive.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> weights = np.array([1.0, 2.0])
        >>> Nadam(learning_rate=0.5, beta_1=0.0).apply_gradients([(np.array([3.0, -7.0]), weights)])
        >>> weights.round(5).tolist()
        [0.5, 2.5]
    """

    slots = ("momentum", "velocity")
    coefficient_names = ("momentum_step", "gradient_step", "epsilon")

    def coefficients(self, steps: Numbers, learning_rate: Numbers) -> Mapping[str, Numbers]:
        now = steps + 1
        # The correction of v multiplies numerator and denominator: √v stays as it is.
        deviation = np.sqrt(1 - self.beta_2**now)
        step = learning_rate * deviation
        return {
            "momentum_step": step * self._momentum(now + 1) / (1 - self._product(now + 1)),
            "gradient_step": step * (1 - self._momentum(now)) / (1 - self._product(now)),
            "epsilon": self.epsilon * deviation,
        }

    def _momentum(self, step: Numbers) -> Numbers:
        momentum: Numbers = self.beta_1 * (1 - 0.5 * 0.96**step)
        return momentum

    def _product(self, step: Numbers) -> Numbers:
        product: Numbers = self.beta_1**step * PRODUCTS[np.minimum(step, len(PRODUCTS)) - 1]
        return product

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
        gradient *= coefficients["gradient_step"]
        xp.multiply(momentum, coefficients["momentum_step"], out=scratch)
        gradient += scratch
        xp.sqrt(velocity, out=scratch)
        scratch += coefficients["epsilon"]
        gradient /= scratch
        value -= gradient
