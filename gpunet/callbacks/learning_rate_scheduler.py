"""A learning rate for each epoch."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .base import Callback, Logs
from .verbosity import say


def check_settable(callback: Callback) -> None:
    """Check that a callback can set the learning rate of its model's optimizer.

    Raises:
        TypeError: A schedule or a function sets it already.
    """
    optimizer = callback.model.optimizer
    if not isinstance(optimizer.get_config()["learning_rate"], (int, float)):
        raise TypeError(
            f"{type(callback).__name__}: the learning rate of this {type(optimizer).__name__} follows a schedule; "
            "give the optimizer a number, or leave out the callback."
        )


class LearningRateScheduler(Callback):
    """Sets the learning rate at the start of each epoch.

    The learning rate of each epoch appears in logs and history as ``"learning_rate"``. For a rate that depends on the
    step, give the optimizer a schedule instead.

    Args:
        schedule: ``schedule(epoch, learning_rate)`` or ``schedule(epoch)``, with epochs counted from 0; returns the
            learning rate.
        verbose: 1 says what it sets.

    Raises:
        TypeError: ``schedule`` is no function; at the start of training, the optimizer follows a schedule already.
        ValueError: During training: ``schedule`` returned no number of at least 0.

    Example:
        >>> from types import SimpleNamespace
        >>> from gpunet.optimizers import Adam
        >>> scheduler = LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> scheduler.set_model(SimpleNamespace(optimizer=Adam(0.1)))
        >>> scheduler.on_epoch_begin(0)
        >>> scheduler.model.optimizer.learning_rate
        0.05
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        if not callable(schedule):
            raise TypeError(f"LearningRateScheduler: expected a function of the epoch, got {schedule!r}.")
        self.schedule, self.verbose = schedule, verbose
        self._takes_rate = _takes_two(schedule)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        check_settable(self)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        optimizer = self.model.optimizer
        rate = self.schedule(epoch, optimizer.learning_rate) if self._takes_rate else self.schedule(epoch)
        number = isinstance(rate, (int, float, np.integer, np.floating)) and not isinstance(rate, bool)
        if not number or not 0 <= rate < math.inf:
            raise ValueError(
                f"LearningRateScheduler: expected schedule({epoch}, …) to return a learning rate >= 0, got {rate!r}."
            )
        optimizer.learning_rate = float(rate)
        if self.verbose:
            say(f"Epoch {epoch + 1}: LearningRateScheduler setting learning rate to {float(rate)}.")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = self.model.optimizer.learning_rate


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(0, 0.0)
    except TypeError:
        return False
    except ValueError:  # a built-in that doesn't tell
        pass
    return True
