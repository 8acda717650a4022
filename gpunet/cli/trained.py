"""What `gpunet train` writes and the other commands read: a model that knows its data."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..datasets import Table, TableEncoder, read_csv
from ..models import Sequential
from ..models.saving import load_model, read_extra, save_model
from . import named_sets
from .data import Source


@dataclass(frozen=True)
class Trained:
    """A model, the encoder that makes its inputs and reads its outputs, and where its data came from."""

    model: Sequential
    encoder: TableEncoder
    source: Source

    def save(self, path: Path) -> None:
        """Writes all of it to one file, atomically."""
        extra = {"source": self.source.get_config(), "encoder": self.encoder.get_config()}
        save_model(self.model, path, extra)

    @classmethod
    def load(cls, path: str) -> Trained:
        """Returns what `save` wrote.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The file is damaged or foreign, or holds a model that knows no data.
        """
        model, extra = load_model(path), read_extra(path)
        if extra is None:
            raise ValueError(
                f"{path}: this model does not say how a table becomes its input; only models of gpunet train do"
            )
        try:
            return cls(model, TableEncoder.from_config(extra["encoder"]), Source(**extra["source"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: what it says about its data can't be read ({error!r})") from error

    def read(self, path: str) -> Table:
        """Returns a CSV file's rows as a table; models of sets with a name read files without a header, too."""
        return read_csv(path) if self.source.is_csv else named_sets.read_table(path, self.encoder)

    def scores(self, x: NDArray[np.float32], y: NDArray[np.generic]) -> dict[str, float]:
        """Returns the loss and the metrics over samples."""
        scores: dict[str, float] = self.model.evaluate(x, y, verbose=0, return_dict=True)
        return scores

    def in_words(self, scores: dict[str, float]) -> str:
        """Returns scores for people; an absolute error is in the target's own units."""
        if self.encoder.task != "regression":
            return f"loss {scores['loss']:.4f}, accuracy {scores['accuracy']:.4f}"
        error = scores["mean_absolute_error"] * self.encoder.target.std  # type: ignore[union-attr]
        return (
            f"loss {scores['loss']:.4f}, mean absolute error {error:.6g} (in units of "
            f"{self.encoder.target.name}), R² {scores['r2_score']:.4f}"
        )


def check_output(path: Path, *inputs: str) -> None:
    """Checks that a file can be written, before any work is done for it.

    Args:
        path: The file; it may exist.
        inputs: Files that must not be overwritten.

    Raises:
        OSError: The folder is missing or can't be written to.
        ValueError: It is one of the inputs, or no plain file (a folder, a device).
    """
    if not path.parent.is_dir():
        raise FileNotFoundError(f"no folder {path.parent} to write {path.name} into; make it first")
    if path.exists() and not path.is_file():
        raise ValueError(f"{path} is {'a folder' if path.is_dir() else 'no plain file'}; name another file")
    if not os.access(path.parent, os.W_OK):
        raise PermissionError(f"the folder {path.parent} can't be written to")
    if path.exists() and any(Path(name).exists() and path.samefile(name) for name in inputs):
        raise ValueError(f"{path} would be overwritten, but it is an input; name another file")
