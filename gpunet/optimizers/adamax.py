"""Adamax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..backend import Array
from .averages import average
from .base import registry
from .moments import MomentOptimizer
from .options import Numbers


@registry.register("adamax")
class Adamax(MomentOptimizer):
    """Adam with the largest gradient, fading, in the place of the root mean square.

    ``m ← β₁ m + (1-β₁) g``, ``u ← max(β₂ u, |g|)``, ``θ ← θ - α / (1-β₁ᵗ) · m / (u + ε)``.

    Source: Kingma and Ba, "Adam", ICLR 2015, section 7.1.

    Args:
        learning_rate: ``α``, a number or a schedule.
        beta_1: ``β₁``, the memory of the gradient, within [0, 1).
        beta_2: ``β₂``, the memory of its size, within [0, 1).
        epsilon: ``ε``, positive.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> import numpy as np
        >>> weights = np.array([1.0, 2.0])
        >>> Adamax(learning_rate=0.5).apply_gradients([(np.array([3.0, -7.0]), weights)])
        >>> weights.round(5).tolist()
        [0.5, 2.5]
    """

    slots = ("momentum", "norm")
    coefficient_names = ("step_size",)

    def coefficients(self, steps: Numbers, learning_rate: Numbers) -> Mapping[str, Numbers]:
        return {"step_size": learning_rate / (1 - self.beta_1 ** (steps + 1))}

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        momentum, norm = slots["momentum"], slots["norm"]
        average(xp, momentum, gradient, self.beta_1, scratch)
        norm *= self.beta_2
        xp.abs(gradient, out=gradient)
        xp.maximum(norm, gradient, out=norm)
        xp.add(norm, self.epsilon, out=scratch)
        xp.divide(momentum, scratch, out=scratch)
        scratch *= coefficients["step_size"]
        value -= scratch
