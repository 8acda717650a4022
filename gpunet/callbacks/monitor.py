"""Callbacks that watch one quantity for improvement."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..registry import suggest
from .base import Callback, Logs

MODES = ("auto", "min", "max")


def check_number(owner: object, name: str, value: Any, least: float = -math.inf) -> None:
    """Refuse an argument of a callback that is no number.

    Args:
        owner: The callback.
        name: The argument's name.
        value: What was given.
        least: The least number that it may be.

    Raises:
        ValueError: It is none, or less.
    """
    is_number = isinstance(value, (int, float, np.integer, np.floating))
    if not is_number or not value >= least:  # NaN is not
        wanted = f"{name} as a number" if least == -math.inf else f"{name} >= {least:g}"
        raise ValueError(f"{type(owner).__name__}: expected {wanted}, got {value!r}.")


class MonitorCallback(Callback):
    """Watches a quantity and tells whether it has improved, by more than ``min_delta``:
    ``value + min_delta < best`` where less is better, ``value - min_delta > best`` where more is. NaN never improves.

    Args:
        monitor: A key of the logs: ``"loss"``, a metric's name, or either with ``val_`` before it.
        mode: ``"min"``, ``"max"``, or ``"auto"``: less loss is better, and a metric knows for itself.
        min_delta: The least change that counts.

    Raises:
        ValueError: A monitor that is no name, an unknown mode, a ``min_delta`` that is no number; at the start of
            training, a quantity that ``"auto"`` knows no direction for.
    """

    state_names: ClassVar[tuple[str, ...]] = ("best",)

    def __init__(self, monitor: str, mode: str, min_delta: float = 0.0) -> None:
        if mode not in MODES:
            raise ValueError(f'{type(self).__name__}: unknown mode "{mode}". {suggest(str(mode), MODES)}')
        if not isinstance(monitor, str):
            raise ValueError(
                f'{type(self).__name__}: expected monitor as a name such as "val_loss", got {monitor!r}.'
            )
        check_number(self, "min_delta", min_delta)
        self.monitor, self.mode, self.min_delta = monitor, mode, abs(min_delta)
        self.best: float | None = None
        self._sign = 1.0  # -1 where more is better
        self._resumed = False
        self._warned = False

    def reset(self) -> None:
        """Forget the last training."""
        self.best = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._sign = -1.0 if self._direction() == "max" else 1.0
        if not self._resumed:
            self.reset()
        self._resumed = self._warned = False

    def current(self, logs: Logs | None) -> float | None:
        """Return the quantity's value; ``None``, and once a warning, where it is missing.

        Raises:
            ValueError: It is more than one number.
        """
        value = (logs or {}).get(self.monitor)
        if value is None:
            if not self._warned:
                self._warned = True
                hint = " Is there validation data?" if self.monitor.startswith("val_") else ""
                warnings.warn(
                    f'{type(self).__name__}: there is no "{self.monitor}" among the results of this epoch, only '
                    f"{', '.join(logs or {}) or 'none'}.{hint}",
                    stacklevel=2,
                )
            return None
        if np.ndim(value):
            raise ValueError(
                f'{type(self).__name__}: "{self.monitor}" has shape {np.shape(value)}, but only a single number can be '
                "better or worse than another; monitor an average."
            )
        return float(value)

    def improves(self, value: float, reference: float | None) -> bool:
        """Tell whether ``value`` is better than ``reference``; any number is better than none."""
        if reference is None:
            return not math.isnan(value)
        return self._sign * value + self.min_delta < self._sign * reference

    def get_state(self) -> dict[str, Any]:
        """Return the best value so far and the counters (JSON-able); weights are not part of it."""
        return {name: getattr(self, name) for name in self.state_names}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Let the next training go on from there.

        Raises:
            ValueError: It is another kind of state; nothing has changed then.
        """
        if set(state) != set(self.state_names):
            raise ValueError(
                f"{type(self).__name__}: expected a state with {', '.join(self.state_names)}, "
                f"got {', '.join(state) or 'nothing'}."
            )
        for name in self.state_names:
            setattr(self, name, state[name])
        self._resumed = True

    def _direction(self) -> str:
        if self.mode != "auto":
            return self.mode
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return "min"
        metrics = {metric.name: metric for metric in self.model.metrics}
        kind, advice = type(self).__name__, 'pass mode="min" or mode="max".'
        if name not in metrics:
            raise ValueError(
                f'{kind}: unknown quantity "{self.monitor}". {suggest(name, ["loss", *metrics])} Each also with "val_" '
                f"before it. For a quantity that another callback adds, {advice}"
            )
        direction = metrics[name].direction
        if direction is None:
            raise ValueError(f'{kind}: is more or less "{self.monitor}" better? {advice.capitalize()}')
        return "max" if direction == "up" else "min"
