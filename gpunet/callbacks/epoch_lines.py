"""One plain line an epoch, for files, pipes and logs."""

from __future__ import annotations

import time

from .base import Callback, Logs
from .verbosity import formatted, say


class EpochLines(Callback):
    """Prints ``Epoch 3/10 - 0.4s - loss: 0.2500 - accuracy: 0.5750`` after each epoch, and a line an evaluation.

    Example:
        >>> lines = EpochLines()
        >>> lines.set_params({"epochs": 10})
        >>> lines.on_train_begin()
        >>> lines.on_epoch_begin(2)
        >>> lines.on_epoch_end(2, {"loss": 0.25, "accuracy": 0.575})
        Epoch 3/10 - 0.0s - loss: 0.2500 - accuracy: 0.5750
    """

    def __init__(self) -> None:
        self._training = False
        self._began = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._training = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._print(f"Epoch {epoch + 1}/{self.params['epochs']}", logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self._training:
            self._began = time.perf_counter()

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._training:
            self._print("Evaluation", logs)

    def _print(self, title: str, logs: Logs | None) -> None:
        say(f"{title} - {time.perf_counter() - self._began:.1f}s - {formatted(logs or {})}")
