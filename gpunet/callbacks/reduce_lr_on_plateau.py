"""A smaller learning rate when it gets no better."""

from __future__ import annotations

from .base import Logs
from .learning_rate_scheduler import check_settable
from .monitor import MonitorCallback, check_number
from .verbosity import say


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by ``factor`` after ``patience`` epochs in which the monitored quantity didn't improve.

    The learning rate of each epoch appears in logs and history as ``"learning_rate"``.

    Args:
        monitor: The quantity: ``"loss"``, a metric's name, or either with ``val_`` before it.
        factor: What to multiply with, below 1.
        patience: Epochs without improvement.
        verbose: 1 says so when it reduces.
        mode: ``"min"``, ``"max"``, or ``"auto"``: less loss is better, and a metric knows for itself.
        min_delta: The least change that counts as an improvement.
        cooldown: Epochs after a reduction in which nothing is counted.
        min_lr: The learning rate doesn't get smaller than this.

    Raises:
        ValueError: A factor outside [0, 1), an unknown mode, a negative number of epochs, no number where one is
            wanted; at the start of training, a quantity that is unknown.
        TypeError: At the start of training: the optimizer follows a schedule.

    Example:
        >>> from types import SimpleNamespace
        >>> from gpunet.optimizers import Adam
        >>> plateau = ReduceLROnPlateau(monitor="loss", factor=0.5, patience=1)
        >>> plateau.set_model(SimpleNamespace(optimizer=Adam(0.1)))
        >>> plateau.on_train_begin()
        >>> for epoch, loss in enumerate([0.9, 0.5, 0.5]):
        ...     plateau.on_epoch_end(epoch, {"loss": loss})
        >>> plateau.model.optimizer.learning_rate
        0.05
    """

    state_names = ("best", "wait", "cooldown_counter")

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        check_number(self, "factor", factor)
        if not 0 <= factor < 1:
            raise ValueError(f"ReduceLROnPlateau: expected a factor in [0, 1), got {factor}.")
        for name, value in (("patience", patience), ("cooldown", cooldown), ("min_lr", min_lr)):
            check_number(self, name, value, least=0)
        self.factor, self.patience, self.cooldown, self.min_lr = factor, patience, cooldown, min_lr
        self.verbose = verbose
        self.reset()

    def reset(self) -> None:
        super().reset()
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        check_settable(self)
        super().on_train_begin(logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = {} if logs is None else logs
        rate = self.model.optimizer.learning_rate
        logs["learning_rate"] = rate
        value = self.current(logs)
        if value is None:
            return
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(value, self.best):
            self.best, self.wait = value, 0
        elif self.cooldown_counter == 0:
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self._reduce(epoch, rate)

    def _reduce(self, epoch: int, rate: float) -> None:
        reduced = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = reduced
        self.cooldown_counter, self.wait = self.cooldown, 0
        if self.verbose:
            say(f"Epoch {epoch + 1}: ReduceLROnPlateau reducing learning rate to {reduced}.")
