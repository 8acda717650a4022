"""The callbacks of one run, called together."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any

import numpy as np

from .base import HOOKS, Callback, Logs
from .epoch_lines import EpochLines
from .history import History
from .progress_bar import ProgressBar
from .verbosity import resolve_verbose


class CallbackList:
    """All callbacks of a run: the user's, the history, and what shows the progress.

    To be used as a context manager: whatever happens within, every callback is closed at the end.

    Args:
        callbacks: A ``Callback`` or several; ``None`` is none.
        model: The model of the run.
        verbose: 0 silent, 1 a progress bar, 2 a line an epoch, ``"auto"`` one of the latter two.
        epochs: The number of the last epoch.
        steps: The steps of an epoch, or of the evaluation or prediction; ``None`` if unknown.

    Raises:
        TypeError: Something is no ``Callback``.
        ValueError: ``verbose`` is none of the above.

    Attributes:
        history: The ``History`` of this run.
        wants_batches: Whether somebody listens to every training batch.
        wants_test_batches: Whether somebody listens to every batch of an evaluation.
        wants_progress: Whether somebody wants ``on_progress`` about every 0.1 s.

    Example:
        >>> from types import SimpleNamespace
        >>> model = SimpleNamespace(history=None)
        >>> with CallbackList(None, model=model, verbose=0, epochs=1, steps=10) as callbacks:
        ...     callbacks.on_train_begin()
        ...     callbacks.on_epoch_end(0, {"loss": 0.5})
        >>> callbacks.history.history, callbacks.wants_batches
        ({'loss': [0.5]}, False)
    """

    def __init__(
        self,
        callbacks: Callback | Iterable[Callback] | None = None,
        *,
        model: Any,
        verbose: str | int = 0,
        epochs: int = 1,
        steps: int | None = None,
    ) -> None:
        shown = resolve_verbose(verbose)
        self.callbacks = _checked(callbacks)
        given = [callback for callback in self.callbacks if isinstance(callback, History)]
        self.history = given[-1] if given else History()
        if not given:
            self.callbacks.append(self.history)
        self._bar = ProgressBar() if shown == 1 else None
        if self._bar is not None:  # last, so that what the others have to say or add comes before
            self.callbacks.append(self._bar)
        elif shown == 2:
            self.callbacks.append(EpochLines())
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params({"verbose": verbose, "epochs": epochs, "steps": steps})
        self._listeners = {
            hook: [getattr(callback, hook) for callback in self.callbacks if callback.listens_to(hook)]
            for hook in HOOKS
        }
        self.wants_batches = self._wants("on_train_batch_begin", "on_train_batch_end")
        self.wants_test_batches = self._wants("on_test_batch_begin", "on_test_batch_end")
        self.wants_progress = self._bar is not None

    def __enter__(self) -> CallbackList:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as closing:  # closes the rest even if one of them fails
            for callback in self.callbacks:
                closing.callback(callback.close)

    def _wants(self, *hooks: str) -> bool:
        return any(self._listeners[hook] for hook in hooks)

    def _call(self, hook: str, *arguments: Any, logs: Logs | None) -> None:
        listeners = self._listeners[hook]
        if listeners:
            shared = _plain(logs or {})
            for listener in listeners:
                listener(*arguments, shared)

    def on_progress(self, done: int, total: int | None, logs: Logs | None = None) -> None:
        """Show that ``done`` of ``total`` steps are done; may be called at any rate."""
        if self._bar is not None:
            self._bar.on_progress(done, total, logs)

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Call everybody's hook; likewise all others."""
        self._call("on_train_begin", logs=logs)

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._call("on_train_end", logs=logs)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._call("on_epoch_end", epoch, logs=logs)

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_begin", batch, logs=logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_train_batch_end", batch, logs=logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._call("on_test_begin", logs=logs)

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._call("on_test_end", logs=logs)

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_begin", batch, logs=logs)

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_test_batch_end", batch, logs=logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._call("on_predict_begin", logs=logs)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._call("on_predict_end", logs=logs)

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_begin", batch, logs=logs)

    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._call("on_predict_batch_end", batch, logs=logs)


def _checked(callbacks: Any) -> list[Callback]:
    """Return the callbacks as a new list."""
    if callbacks is None:
        return []
    chosen = (
        [callbacks] if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable) else callbacks
    )
    members = list(chosen)
    for member in members:
        if isinstance(member, type) and issubclass(member, Callback):
            raise TypeError(f"callbacks: got the class {member.__name__}; make one: {member.__name__}(…).")
        if not isinstance(member, Callback):
            raise TypeError(
                f"callbacks: expected Callback objects, got {member!r}. Subclass gpunet.callbacks.Callback, or wrap "
                "functions as LambdaCallback(on_epoch_end=…)."
            )
    return members


def _plain(logs: Logs) -> Logs:
    """Return a copy with single numbers as Python floats; what a callback adds is not seen outside."""
    return {
        name: value if isinstance(value, float) or np.ndim(value) else float(value)
        for name, value in logs.items()
    }
