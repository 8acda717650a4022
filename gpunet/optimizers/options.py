"""The options that all optimizers share, and the learning rate of each step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..registry import Configurable, refuse_unknown
from . import checks
from .schedules import LearningRateSchedule
from .schedules import registry as schedules

Numbers = np.ndarray[Any, Any]


class Options(Configurable):
    """What every optimizer can be told.

    Args:
        learning_rate: A number, a ``LearningRateSchedule``, or a function without arguments, called once a step.
        weight_decay: Decoupled decay: before each update ``θ ← θ (1 - learning_rate · weight_decay)``.
        clipnorm: Each parameter's gradient is scaled down to at most this norm.
        clipvalue: Each element of the gradient is clipped to ``±clipvalue``.
        global_clipnorm: All gradients together are scaled down to at most this norm.
        use_ema: Keep an exponential moving average of the parameters, ``a ← m a + (1 - m) θ``, which replaces them
            at the end of training.
        ema_momentum: ``m`` above.
        ema_overwrite_frequency: Let the average replace the parameters each time after this many steps, too.
        name: A name; the lower-case class name by default.

    Attributes:
        iterations: The number of steps taken.

    Raises:
        TypeError: An option that the optimizer doesn't have; the closest known one is suggested.
        ValueError: A number that is NaN or out of range, more than one kind of clipping.

    Example:
        >>> from gpunet.optimizers import SGD
        >>> optimizer = SGD(learning_rate=0.1, clipnorm=1.0)
        >>> optimizer.learning_rate = 0.05
        >>> optimizer.learning_rate
        0.05
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule | Callable[[], float] = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        name: str | None = None,
        **unknown: Any,
    ) -> None:
        refuse_unknown(self, Options, unknown)
        if sum(limit is not None for limit in (clipnorm, clipvalue, global_clipnorm)) > 1:
            raise ValueError(
                "Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set. "
                f"Received: clipnorm={clipnorm}, clipvalue={clipvalue}, global_clipnorm={global_clipnorm}"
            )
        self.name = name or type(self).__name__.lower()
        self.iterations = 0
        self.learning_rate = learning_rate
        self.weight_decay = self._optional("weight_decay", weight_decay, "[0, inf)")
        self.clipnorm = self._optional("clipnorm", clipnorm, "(0, inf)")
        self.clipvalue = self._optional("clipvalue", clipvalue, "(0, inf)")
        self.global_clipnorm = self._optional("global_clipnorm", global_clipnorm, "(0, inf)")
        self.use_ema = bool(use_ema)
        self.ema_momentum = checks.number(self, "ema_momentum", ema_momentum, "[0, 1]")
        self.ema_overwrite_frequency = ema_overwrite_frequency
        if ema_overwrite_frequency is not None:
            checks.count(self, "ema_overwrite_frequency", ema_overwrite_frequency)

    def _optional(self, name: str, value: float | None, within: str) -> float | None:
        return None if value is None else checks.number(self, name, value, within)

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the next step, a float. Assigning replaces a schedule, too."""
        return float(self.rates(np.array([self.iterations]))[0])

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        value = schedules.deserialize(value) if isinstance(value, Mapping) else value
        if isinstance(value, type) or not callable(value):
            value = checks.number(self, "learning_rate", value, "[0, inf)")
        self._learning_rate = value

    @property
    def has_constant_rate(self) -> bool:
        """Whether the learning rate is a number, and no schedule or function."""
        return not callable(self._learning_rate)

    def rates(self, steps: Numbers) -> Numbers:
        """Return the learning rates of many steps.

        Raises:
            ValueError: The schedule or function gives NaN, infinity or a negative rate.
        """
        rate = self._learning_rate
        if not callable(rate):
            return np.full(steps.shape, rate)
        if isinstance(rate, LearningRateSchedule):
            rates = rate.rates(steps)
        else:
            rates = np.array([float(rate()) for _ in steps])
        wrong = ~((rates >= 0) & (rates < math.inf))
        if wrong.any():
            first = int(wrong.argmax())
            raise ValueError(
                f"{type(self).__name__}: expected learning rates between [0, inf), got {rates[first]} at step "
                f"{steps[first]} from {rate!r}."
            )
        return rates

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments (JSON-able); a schedule as a dictionary, a function by its name."""
        rate = self._learning_rate
        return {
            "name": self.name,
            "learning_rate": schedules.serialize(rate) if callable(rate) else rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "clipvalue": self.clipvalue,
            "global_clipnorm": self.global_clipnorm,
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
        }
