"""The results of each epoch in a file."""

from __future__ import annotations

import csv
import os
from typing import Any, TextIO

import numpy as np

from .base import Callback, Logs

MISSING = "NA"


class CSVLogger(Callback):
    """Writes a line an epoch to a CSV file: the epoch from 0, then loss and metrics by name.

    The columns are those of the first epoch, and one for the validation of each if that epoch had none; a file that is
    gone on with keeps its own. What is missing in an epoch is ``NA``. Each line is in the file as soon as its epoch has
    ended.

    Args:
        filename: The file.
        separator: What stands between two values.
        append: Whether to go on in an existing file; otherwise it is replaced once the first epoch has ended.

    Raises:
        ValueError: ``separator`` is not one character; after the first epoch: it has a result that the existing file
            has no column for.
        OSError: At the start of training: the file can't be written.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "log.csv")
        ...     logger = CSVLogger(path)
        ...     logger.on_train_begin()
        ...     logger.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.75})
        ...     logger.close()
        ...     print(path.read_text(), end="")
        epoch,loss,val_loss
        0,0.5,0.75
    """

    def __init__(self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False) -> None:
        if not isinstance(separator, str) or len(separator) != 1:
            raise ValueError(f"CSVLogger: expected a separator of one character, got {separator!r}.")
        self.filename, self.separator, self.append = os.fspath(filename), separator, append
        self._file: TextIO | None = None
        self._writer: csv.DictWriter[str] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.close()
        self._file = open(self.filename, "a", newline="", encoding="utf-8")  # noqa: SIM115 (closed in close)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        assert self._file is not None
        if self._writer is None:
            self._writer = self._start(self._file, sorted(logs or {}))
        self._writer.writerow(
            {"epoch": epoch, **{name: _text(value) for name, value in (logs or {}).items()}}
        )
        self._file.flush()

    def _start(self, file: TextIO, names: list[str]) -> csv.DictWriter[str]:
        header = self._header(names)
        if not any(name.startswith("val_") for name in names):  # they may come later, see validation_freq
            names = [*names, *(f"val_{name}" for name in names)]
        if not self.append:
            file.seek(0)
            file.truncate()
        writer = csv.DictWriter(
            file,
            header or ["epoch", *names],
            restval=MISSING,
            extrasaction="ignore",
            delimiter=self.separator,
            lineterminator="\n",
        )
        if file.tell() == 0:
            writer.writeheader()
        return writer

    def _header(self, names: list[str]) -> list[str]:
        """Return the columns of the file that is gone on with; none where a new one begins.

        Raises:
            ValueError: One of these names is no column.
        """
        if not self.append:
            return []
        with open(self.filename, newline="", encoding="utf-8") as file:
            header = next(csv.reader(file, delimiter=self.separator), [])
        missing = [name for name in ["epoch", *names] if header and name not in header]
        if missing:
            raise ValueError(
                f"CSVLogger: {self.filename} has no column for {', '.join(missing)}, only {', '.join(header)}. Append "
                "to a file of the same results, or write another one."
            )
        return header

    def on_train_end(self, logs: Logs | None = None) -> None:
        self.close()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._writer = None


def _text(value: Any) -> Any:
    return f"[{', '.join(str(part) for part in np.asarray(value).tolist())}]" if np.ndim(value) else value
