"""Save the model while it is trained."""

from __future__ import annotations

import os
from pathlib import Path
from string import Formatter

from .base import Logs
from .monitor import MonitorCallback, check_number
from .verbosity import say

SUFFIX = ".safetensors"


class ModelCheckpoint(MonitorCallback):
    """Saves the model after each epoch, after each epoch that is the best so far, or every so many batches.

    The best value is kept from one ``fit`` to the next: to go on training replaces the file only by a better model.

    Args:
        filepath: The file, ``*.safetensors``; may contain ``{epoch}`` (from 1), ``{batch}`` (from 1, with a
            ``save_freq`` in batches) and quantities from the logs: ``"{epoch:02d}-{val_loss:.2f}.safetensors"``.
            Missing folders are made.
        monitor: The quantity that ``save_best_only`` looks at.
        verbose: 1 says what it does.
        save_best_only: Whether to save only what is better than everything before. As long as the quantity has never
            been seen, every epoch is saved.
        save_weights_only: Whether to save the weights alone, without configuration and optimizer.
        mode: ``"min"``, ``"max"``, or ``"auto"``: less loss is better, and a metric knows for itself.
        save_freq: ``"epoch"``, or a number of batches.
        initial_value_threshold: With ``save_best_only``: what the first value has to be better than.

    Raises:
        ValueError: Another ending, a malformed ``filepath``, an unknown mode or ``save_freq``, a threshold that is no
            number; at the start of training, a quantity that is unknown; during training, a field of ``filepath`` that
            the logs don't have.
        OSError: At the start of training: the file can't be written there.

    Example:
        >>> from types import SimpleNamespace
        >>> checkpoint = ModelCheckpoint("{epoch:02d}-{loss:.2f}.safetensors")
        >>> checkpoint.set_model(SimpleNamespace(save=print))
        >>> checkpoint.on_epoch_end(0, {"loss": 0.5})
        01-0.50.safetensors
    """

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        if not self.filepath.endswith(SUFFIX):
            raise ValueError(
                f'ModelCheckpoint: expected a filepath that ends in "{SUFFIX}", got "{filepath}".'
            )
        try:
            self._fields = [field for _, field, _, _ in Formatter().parse(self.filepath) if field is not None]
        except ValueError as error:
            raise ValueError(f'ModelCheckpoint: malformed filepath "{filepath}" ({error}).') from error
        if save_freq != "epoch" and (not isinstance(save_freq, int) or save_freq < 1):
            raise ValueError(
                f'ModelCheckpoint: expected save_freq as "epoch" or a positive number of batches, got {save_freq!r}.'
            )
        if initial_value_threshold is not None:
            check_number(self, "initial_value_threshold", initial_value_threshold)
        self.verbose, self.save_freq = verbose, save_freq
        self.save_best_only, self.save_weights_only = save_best_only, save_weights_only
        self.best = initial_value_threshold
        self._epoch = 0
        self._batches = 0  # since the last save

    def listens_to(self, hook: str) -> bool:
        return super().listens_to(hook) and not (hook == "on_train_batch_end" and self.save_freq == "epoch")

    def reset(self) -> None:
        """Keep the best value: it belongs to the file, not to a training."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if self.save_best_only:
            super().on_train_begin(logs)
        self._check_place()
        self._batches = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        self._batches += 1
        if self._batches == self.save_freq:
            self._batches = 0
            self._save(self._epoch, {"batch": batch + 1, **(logs or {})})

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(epoch, logs or {})

    def _save(self, epoch: int, logs: Logs) -> None:
        path = self._path(epoch, logs)
        reason = self._reason(logs) if self.save_best_only else ""
        if reason is None:
            if self.verbose:
                say(f"Epoch {epoch + 1}: {self.monitor} did not improve from {self.best:.5f}")
            return
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        (self.model.save_weights if self.save_weights_only else self.model.save)(path)
        if self.verbose:
            say(
                f"Epoch {epoch + 1}: {reason}saved {'weights' if self.save_weights_only else 'model'} to {path}"
            )

    def _reason(self, logs: Logs) -> str | None:
        """Return why this model is worth a file, in words, and ``None`` if it isn't."""
        value, best = self.current(logs), self.best
        if value is None:
            return "" if best is None else None
        if not self.improves(value, best):
            return None
        self.best = value
        before = "" if best is None else f"from {best:.5f} "
        return f"{self.monitor} improved {before}to {value:.5f}, "

    def _path(self, epoch: int, logs: Logs) -> str:
        try:
            return self.filepath.format(**{**logs, "epoch": epoch + 1})
        except (LookupError, ValueError, TypeError) as error:
            raise ValueError(
                f'ModelCheckpoint: can\'t fill "{self.filepath}" ({type(error).__name__}: {error}); '
                f"there are epoch, {', '.join(logs)}."
            ) from error

    def _check_place(self) -> None:
        fixed = [part for part in (Path(self.filepath), *Path(self.filepath).parents) if "{" not in str(part)]
        if not self._fields and fixed[0].is_dir():
            raise IsADirectoryError(f'ModelCheckpoint: "{self.filepath}" is a folder; expected a file.')
        folder = next((part for part in fixed if part != Path(self.filepath) and part.exists()), Path())
        if not folder.is_dir():
            raise NotADirectoryError(
                f'ModelCheckpoint: "{folder}" is no folder, so nothing can be saved in it.'
            )
        if not os.access(folder, os.W_OK):
            raise PermissionError(f'ModelCheckpoint: no right to write to "{folder}".')
