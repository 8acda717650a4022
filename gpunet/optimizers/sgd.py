"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from . import checks
from .base import Optimizer, registry


@registry.register("sgd")
class SGD(Optimizer):
    """Gradient descent, ``θ ← θ - α g``; with momentum ``v ← μ v - α g``, ``θ ← θ + v``.

    With ``nesterov`` the step looks ahead: ``θ ← θ + μ v - α g``.

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; Sutskever et al., "On the
    importance of initialization and momentum in deep learning", ICML 2013.

    Args:
        learning_rate: ``α``, a number or a schedule.
        momentum: ``μ``, within [0, 1].
        nesterov: Whether to use Nesterov's momentum.
        **options: What every optimizer takes, see ``Options``.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> import numpy as np
        >>> weights, optimizer = np.array([1.0]), SGD(learning_rate=0.5, momentum=0.5)
        >>> for _ in range(2):
        ...     optimizer.apply_gradients([(np.array([1.0]), weights)])
        >>> weights.tolist()
        [-0.25]
    """

    def __init__(
        self, learning_rate: Any = 0.01, momentum: float = 0.0, nesterov: bool = False, **options: Any
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum = checks.number(self, "momentum", momentum, "[0, 1]")
        self.nesterov = nesterov
        self.slots = ("momentum",) if self.momentum else ()

    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        gradient *= coefficients["learning_rate"]
        if self.momentum:
            velocity = slots["momentum"]
            velocity *= self.momentum
            velocity -= gradient
            if not self.nesterov:
                value += velocity
                return
            xp.multiply(velocity, self.momentum, out=scratch)
            value += scratch
        value -= gradient

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "momentum": self.momentum, "nesterov": self.nesterov}
