"""Learning rates that follow half a period of a cosine: once, or again and again."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import checks
from .base import Formula, Numbers, registry


def half_cosine(progress: Numbers) -> Numbers:
    """Return ``(1 + cos(π p)) / 2``, which falls from 1 at ``p = 0`` to 0 at ``p = 1``."""
    fallen: Numbers = 0.5 * (1 + np.cos(np.pi * progress))
    return fallen


@registry.register()
class CosineDecay(Formula):
    """``α(t) = α₀ ((1 - a) (1 + cos(π t / T)) / 2 + a)`` up to step ``T``, ``a α₀`` from there on.

    With a ``warmup_target`` the rate first rises in a straight line from ``α₀`` to the target, in ``warmup_steps``
    steps, and falls as above from there.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Args:
        initial_learning_rate: ``α₀``.
        decay_steps: ``T``, warm-up not counted.
        alpha: ``a``, the part of the rate that is left in the end.
        name: A name.
        warmup_target: The highest rate, reached at the end of the warm-up; ``None``: no warm-up.
        warmup_steps: The length of the warm-up.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> schedule = CosineDecay(0.0, decay_steps=10, warmup_target=0.1, warmup_steps=2)
        >>> schedule([0, 1, 2, 7, 12]).round(6).tolist()
        [0.0, 0.05, 0.1, 0.05, 0.0]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        self.initial_learning_rate = checks.number(
            self, "initial_learning_rate", initial_learning_rate, "[0, inf)"
        )
        self.decay_steps = checks.number(self, "decay_steps", decay_steps, "(0, inf)")
        self.alpha = checks.number(self, "alpha", alpha, "[0, inf)")
        self.name = name
        self.warmup_target = warmup_target
        if warmup_target is not None:
            self.warmup_target = checks.number(self, "warmup_target", warmup_target, "[0, inf)")
        self.warmup_steps = checks.number(self, "warmup_steps", warmup_steps, "[0, inf)")

    def formula(self, steps: Numbers) -> Numbers:
        if self.warmup_target is None:
            return self._decay(steps, self.initial_learning_rate)
        rise = self.warmup_target - self.initial_learning_rate
        warm = self.initial_learning_rate + rise * steps / max(self.warmup_steps, 1)
        decayed = self._decay(steps - self.warmup_steps, self.warmup_target)
        return np.where(steps < self.warmup_steps, warm, decayed)

    def _decay(self, steps: Numbers, highest: float) -> Numbers:
        fallen = half_cosine(np.minimum(steps / self.decay_steps, 1))
        return highest * ((1 - self.alpha) * fallen + self.alpha)

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_steps": self.decay_steps,
            "alpha": self.alpha,
            "name": self.name,
            "warmup_target": self.warmup_target,
            "warmup_steps": self.warmup_steps,
        }


@registry.register()
class CosineDecayRestarts(Formula):
    """Cosine decay that starts anew at the end of each period, each period longer by ``t_mul``.

    ``α(t) = α₀ ((1 - a) mⁱ (1 + cos(π p)) / 2 + a)`` with ``p`` the part of the ``i``-th period that has passed.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017.

    Args:
        initial_learning_rate: ``α₀``.
        first_decay_steps: The length of the first period.
        t_mul: How many times as long as the one before each period is, at least 1.
        m_mul: ``m``, the factor of the rate at each restart.
        alpha: ``a``, the part of the rate that is left at the end of a period.
        name: A name.

    Raises:
        ValueError: A number that is NaN or out of range.

    Example:
        >>> CosineDecayRestarts(0.1, first_decay_steps=10, m_mul=0.5)([0, 5, 10, 20, 30]).round(6).tolist()
        [0.1, 0.05, 0.05, 0.025, 0.025]
    """

    def __init__(
        self,
        initial_learning_rate: float,
        first_decay_steps: float,
        t_mul: float = 2.0,
        m_mul: float = 1.0,
        alpha: float = 0.0,
        name: str = "SGDRDecay",
    ) -> None:
        self.initial_learning_rate = checks.number(
            self, "initial_learning_rate", initial_learning_rate, "[0, inf)"
        )
        self.first_decay_steps = checks.number(self, "first_decay_steps", first_decay_steps, "(0, inf)")
        self.t_mul = checks.number(self, "t_mul", t_mul, "[1, inf)")
        self.m_mul = checks.number(self, "m_mul", m_mul, "[0, inf)")
        self.alpha = checks.number(self, "alpha", alpha, "[0, inf)")
        self.name = name

    def formula(self, steps: Numbers) -> Numbers:
        periods, progress = self._periods(steps / self.first_decay_steps)
        fallen = self.m_mul**periods * half_cosine(progress)
        return self.initial_learning_rate * ((1 - self.alpha) * fallen + self.alpha)

    def _periods(self, time: Numbers) -> tuple[Numbers, Numbers]:
        """Return how many periods are over at ``time``, in units of the first, and the part of the present one."""
        if self.t_mul == 1:
            periods = np.floor(time)
            return periods, time - periods
        # The closed form with a logarithm would round to the wrong side of a restart now and then.
        most = np.log1p(np.max(time, initial=0) * (self.t_mul - 1)) / np.log(self.t_mul)
        lengths = self.t_mul ** np.arange(int(most) + 2)
        starts = np.cumsum(lengths) - lengths
        periods = np.searchsorted(starts, time, side="right") - 1
        return periods, (time - starts[periods]) / lengths[periods]

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "first_decay_steps": self.first_decay_steps,
            "t_mul": self.t_mul,
            "m_mul": self.m_mul,
            "alpha": self.alpha,
            "name": self.name,
        }
