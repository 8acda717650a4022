"""Stop when it gets no better."""

from __future__ import annotations

from typing import Any

from .base import Logs
from .monitor import MonitorCallback, check_number
from .verbosity import say


class EarlyStopping(MonitorCallback):
    """Ends the training after ``patience`` epochs in which the monitored quantity didn't improve.

    Args:
        monitor: The quantity: ``"loss"``, a metric's name, or either with ``val_`` before it.
        min_delta: The least change that counts as an improvement.
        patience: Epochs without improvement.
        verbose: 1 says so when it stops or restores.
        mode: ``"min"``, ``"max"``, or ``"auto"``: less loss is better, and a metric knows for itself.
        baseline: The count only starts anew when the quantity is better than this, too.
        restore_best_weights: Whether to put the weights of the best epoch back at the end, also of a training that was
            not stopped early. No epoch better than the baseline: the best of them.
        start_from_epoch: Epochs before that one are not looked at.

    Raises:
        ValueError: An unknown mode, a negative number of epochs, no number where one is wanted; at the start of
            training, a quantity that is unknown.

    Attributes:
        best: The best value; ``best_epoch`` is when that was.
        stopped_epoch: The epoch after which training was stopped; 0 if it wasn't.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(stop_training=False)
        >>> stopping = EarlyStopping(monitor="loss", patience=2)
        >>> stopping.set_model(model)
        >>> stopping.on_train_begin()
        >>> for epoch, loss in enumerate([0.9, 0.5, 0.6, 0.7]):
        ...     stopping.on_epoch_end(epoch, {"loss": loss})
        >>> model.stop_training, stopping.stopped_epoch, stopping.best_epoch
        (True, 3, 1)
    """

    state_names = ("best", "best_epoch", "wait", "stopped_epoch")

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        check_number(self, "patience", patience, least=0)
        check_number(self, "start_from_epoch", start_from_epoch, least=0)
        if baseline is not None:
            check_number(self, "baseline", baseline)
        self.patience, self.start_from_epoch = patience, start_from_epoch
        self.verbose, self.baseline = verbose, baseline
        self.restore_best_weights = restore_best_weights
        self.best_weights: list[Any] | None = None
        self.reset()

    def reset(self) -> None:
        super().reset()
        self.best_epoch = self.wait = self.stopped_epoch = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        super().on_train_begin(logs)
        self.best_weights = None

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        value = self.current(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        better = self.improves(value, self.best)
        if better:
            self.best, self.best_epoch = value, epoch
        if self.restore_best_weights and (better or self.best_weights is None):
            self.best_weights, self.best_epoch = self.model.get_weights(), epoch
        self.wait += 1
        if better:
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.verbose and self.stopped_epoch:
            say(f"Epoch {self.stopped_epoch + 1}: early stopping")
        if self.best_weights is not None:
            if self.verbose:
                say(f"Restoring the weights of the best epoch: {self.best_epoch + 1}")
            self.model.set_weights(self.best_weights)
