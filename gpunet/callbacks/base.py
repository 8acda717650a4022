"""What a callback is: hooks that training, evaluation and prediction call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Logs = dict[str, Any]  # loss and metrics by name


class Callback:
    """Something that is told how a training goes and may change it.

    A subclass overrides the hooks it needs; the others cost nothing. Hooks around batches keep the device from
    running many steps without the host, so only override them where each batch matters. Weights and the learning rate
    that a hook sets are those of the next step; other options (a momentum, a rate of dropout) count from the next epoch
    on, since steps are recorded with them; on the NumPy backend they count at once.

    Attributes:
        model: The model that is trained, evaluated or asked for predictions. ``model.stop_training = True`` ends the
            training.
        params: ``"verbose"``, ``"epochs"`` and ``"steps"`` (of an epoch; ``None`` if unknown).

    Example:
        >>> class Stopwatch(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(f"{epoch}: {logs['loss']}")
        >>> Stopwatch().on_epoch_end(0, {"loss": 0.5})
        0: 0.5
    """

    model: Any = None
    params: Mapping[str, Any] = {}

    def set_model(self, model: Any) -> None:
        """Take the model of the run that begins."""
        self.model = model

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Take the facts about the run that begins."""
        self.params = params

    def listens_to(self, hook: str) -> bool:
        """Tell whether a hook does anything here; one that does nothing is not called."""
        alias = hook.replace("train_batch", "batch")
        return any(
            getattr(getattr(self, name), "__func__", None) is not getattr(Callback, name)
            for name in {hook, alias}
        )

    def get_state(self) -> dict[str, Any]:
        """Return what a training that goes on later needs to know (JSON-able)."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Let the next training go on from what ``get_state`` returned, instead of starting anew."""

    def close(self) -> None:
        """Let go of what is open. Called when a run is over, after an error, too."""

    # -- training ----------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Called before the first epoch, the place to refuse what can't work and to start anew."""

    def on_train_end(self, logs: Logs | None = None) -> None:
        """Called after the last epoch with its logs; not after an error."""

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """Called before an epoch; they count from 0."""

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Called after an epoch with its loss and metrics; those of the validation start with ``val_``."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a training step; they count from 0 in each epoch."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a training step with the loss and metrics of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Another name of ``on_train_batch_begin``."""

    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Another name of ``on_train_batch_end``."""

    # -- evaluation, also the validation within a training -----------------------------------------------------

    def on_test_begin(self, logs: Logs | None = None) -> None:
        """Called before an evaluation."""

    def on_test_end(self, logs: Logs | None = None) -> None:
        """Called after an evaluation with its loss and metrics."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of an evaluation with the loss and metrics so far."""

    # -- prediction --------------------------------------------------------------------------------------------

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """Called before a prediction."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """Called after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Called before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Called after a batch of a prediction with ``logs["outputs"]``."""


HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))
