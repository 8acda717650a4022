"""Nadam."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..backend import Array
from . import checks
from .base import Optimizer, registry
from .options import Numbers

# Products of 1 - 0.96ⁱ/2 over the first steps. From about the 850th on, the factor is 1 in float64.
PRODUCTS = np.cumprod(1 - 0.5 * 0.96 ** np.arange(1, 1001))


@registry.register("nadam")
class Nadam(Optimizer):
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

    def coefficients(self, steps: Numbers, learning_rate: Numbers) -> Mapping[str, Numbers]:
        now = steps + 1
        deviation = np.sqrt(
            1 - self.beta_2**now
        )  # it multiplies numerator and denominator: √v stays as it is
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
        momentum *= self.beta_1
        xp.multiply(gradient, 1 - self.beta_1, out=scratch)
        momentum += scratch
        velocity *= self.beta_2
        xp.multiply(gradient, gradient, out=scratch)
        scratch *= 1 - self.beta_2
        velocity += scratch
        gradient *= coefficients["gradient_step"]
        xp.multiply(momentum, coefficients["momentum_step"], out=scratch)
        gradient += scratch
        xp.sqrt(velocity, out=scratch)
        scratch += coefficients["epsilon"]
        gradient /= scratch
        value -= gradient

    def get_config(self) -> dict[str, Any]:
        own = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        return {**super().get_config(), **own}
