"""What happened in each epoch."""

from __future__ import annotations

from .base import Callback, Logs


class History(Callback):
    """Keeps the loss and the metrics of each epoch. Every ``fit`` has one and returns it.

    Attributes:
        epoch: The numbers of the epochs, from 0.
        history: Each quantity's values, one an epoch (those of the validation where there was one).

    Example:
        >>> from types import SimpleNamespace
        >>> history = History()
        >>> history.set_model(SimpleNamespace(history=None))
        >>> history.on_train_begin()
        >>> history.on_epoch_end(0, {"loss": 0.5})
        >>> history.on_epoch_end(1, {"loss": 0.25})
        >>> history.epoch, history.history
        ([0, 1], {'loss': [0.5, 0.25]})
    """

    def __init__(self) -> None:
        self.epoch: list[int] = []
        self.history: dict[str, list[float]] = {}

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch, self.history = [], {}
        self.model.history = self

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
