"""Stop when the loss is no number any more."""

from __future__ import annotations

import math

from .base import Callback, Logs
from .verbosity import say


class TerminateOnNaN(Callback):
    """Ends the training when the loss becomes NaN or infinite. Looks at every batch, so each step waits for the host.

    Args:
        raise_error: Whether to raise instead, so that the other callbacks' ``on_train_end`` is not called.

    Raises:
        RuntimeError: During training, with ``raise_error``: the loss is NaN or infinite.

    Example:
        >>> from types import SimpleNamespace
        >>> callback = TerminateOnNaN()
        >>> callback.set_model(SimpleNamespace(stop_training=False))
        >>> callback.on_train_batch_end(3, {"loss": float("nan")})
        Batch 3: the loss is nan, training ends.
        >>> callback.model.stop_training
        True
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(
                f"TerminateOnNaN: NaN or Inf loss encountered at batch {batch}: the loss is {loss}. Try a smaller "
                "learning rate or clipnorm=1.0."
            )
        if not self.model.stop_training:
            say(f"Batch {batch}: the loss is {loss}, training ends.")
        self.model.stop_training = True
