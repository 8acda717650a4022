"""What a learning rate schedule is: a function of the step, for one step or many at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...registry import Configurable, Registry

registry: Registry[LearningRateSchedule] = Registry("learning rate schedule")

Numbers = np.ndarray[Any, Any]


class LearningRateSchedule(Configurable):
    """A learning rate that depends on the step. A subclass writes ``__call__``.

    Example:
        >>> class Halved(LearningRateSchedule):
        ...     def __call__(self, step):
        ...         return 0.1 * 0.5**step
        >>> Halved()(2)
        0.025
    """

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at ``step``, counted from 0."""
        raise NotImplementedError(f"{type(self).__name__} defines no __call__(step).")

    def rates(self, steps: Numbers) -> Numbers:
        """Return the learning rates of many steps, which a training program reads from one table."""
        return np.array([float(self(step)) for step in steps.tolist()])


class Formula(LearningRateSchedule):
    """A schedule that is computed for many steps at once, in float64. A subclass writes ``formula``."""

    def formula(self, steps: Numbers) -> Numbers:
        """Return the learning rate at each of the steps, an array of any shape."""
        raise NotImplementedError(f"{type(self).__name__} defines no formula(steps).")

    def __call__(self, step: Any) -> Any:
        """Return the learning rate at ``step``.

        Args:
            step: A number, counted from 0, or an array of them.

        Returns:
            A float, or an array shaped like ``step``.
        """
        rates = self.rates(np.asarray(step))
        return float(rates) if np.ndim(rates) == 0 else rates

    def rates(self, steps: Numbers) -> Numbers:
        with np.errstate(all="ignore"):
            return self.formula(steps.astype(np.float64))
