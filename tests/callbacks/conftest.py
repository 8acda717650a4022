"""A stand-in for the model, so that callbacks are tested with results that are chosen by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gpunet.callbacks import CallbackList, History, LambdaCallback
from gpunet.callbacks.base import HOOKS
from gpunet.optimizers import Adam


class StandIn:
    """What callbacks see of a model. Its weights are the number of the epoch that they come from."""

    def __init__(self) -> None:
        self.stop_training = False
        self.history: Any = None
        self.optimizer = Adam(0.1)
        self.metrics = [
            SimpleNamespace(name="accuracy", direction="up"),
            SimpleNamespace(name="mean_absolute_error", direction="down"),
            SimpleNamespace(name="mine", direction=None),
        ]
        self.epoch = -1

    def get_weights(self) -> list[Any]:
        return [self.epoch]

    def set_weights(self, weights: list[Any]) -> None:
        (self.epoch,) = weights

    def save(self, path: str) -> None:
        Path(path).write_text(f"model {self.epoch}")

    def save_weights(self, path: str) -> None:
        Path(path).write_text(f"weights {self.epoch}")

    def fit(
        self,
        callbacks: Any,
        results: Sequence[Any],
        batches: int = 2,
        verbose: str | int = 0,
        initial_epoch: int = 0,
    ) -> History:
        """Call the hooks as a training does that has these results: logs of each epoch, or its ``val_loss``."""
        epochs = initial_epoch + len(results)
        watchers = CallbackList(callbacks, model=self, verbose=verbose, epochs=epochs, steps=batches)
        self.stop_training = False
        with watchers:
            watchers.on_train_begin()
            for epoch, result in enumerate(results, start=initial_epoch):
                logs = dict(result) if isinstance(result, dict) else {"loss": 0.0, "val_loss": result}
                watchers.on_epoch_begin(epoch)
                for batch in range(batches):
                    watchers.on_train_batch_begin(batch)
                    self.epoch = epoch
                    watchers.on_train_batch_end(batch, logs)
                if any(name.startswith("val_") for name in logs):
                    watchers.on_test_begin()
                    watchers.on_test_batch_begin(0)
                    watchers.on_test_batch_end(0, {"loss": 1.0})
                    watchers.on_test_end({"loss": 1.0})
                watchers.on_epoch_end(epoch, logs)
                if self.stop_training:
                    break
            watchers.on_train_end(logs)
        return watchers.history


class Recorder(LambdaCallback):
    """Notes each hook with its number and the names in its logs."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        super().__init__(**{hook: self._noting(hook) for hook in HOOKS if "on_batch" not in hook})

    def _noting(self, hook: str) -> Any:
        return lambda *arguments: self.events.append((hook, *arguments[:-1], sorted(arguments[-1])))


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def model() -> StandIn:
    return StandIn()
