"""The data of a command: a set by its name or a CSV file, and how a model file remembers which it was."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import datasets
from ..datasets import TableEncoder
from ..datasets.table import did_you_mean, listing
from . import named_sets

Part = tuple[NDArray[Any], NDArray[Any]]


@dataclass(frozen=True)
class Source:
    """Where data comes from.

    Args:
        name: A set's name, or a CSV file's path.
        options: What the set's own function, or `load_csv`, takes besides; JSON-able.
        sha256: Of the CSV file's content; `None` for a set by its name.
    """

    name: str
    options: dict[str, Any]
    sha256: str | None = None

    @property
    def is_csv(self) -> bool:
        """Whether it is a CSV file."""
        return self.sha256 is not None

    @property
    def title(self) -> str:
        """What the data is called without its folder and ending."""
        return Path(self.name).stem if self.is_csv else self.name

    def get_config(self) -> dict[str, Any]:
        """Returns what makes an equal source, as JSON can hold it."""
        return asdict(self)


@dataclass(frozen=True)
class DataSet:
    """Data to train and to test on, as a network takes it.

    Args:
        source: Where it comes from.
        train: x of shape (rows, features), float32, and y of shape (rows,).
        test: The same, of the part that is held out.
        encoder: What the features and the target are called and how they are scaled.
    """

    source: Source
    train: Part
    test: Part
    encoder: TableEncoder

    def __str__(self) -> str:
        classes = self.encoder.classes
        kind = "regression" if classes is None else f"{len(classes)} classes"
        rows = f"{len(self.train[0])} rows to train on, {len(self.test[0])} to test on"
        return f"{self.source.name}: {rows}, {self.train[0].shape[1]} features, {kind}"


def find_source(name: str, set_options: dict[str, Any], csv_options: dict[str, Any]) -> Source:
    """Returns the source that a name on the command line means.

    Args:
        name: A set's name, or a CSV file's path.
        set_options: The options that were given and only make sense for a set by its name.
        csv_options: Those that only make sense for a CSV file.

    Raises:
        ValueError: The name is unknown, an option does not belong to it, or one that it needs is missing.
        FileNotFoundError: There is no such file.
    """
    known = [known for known in datasets.names() if known != "csv"]
    if name in known:
        _refuse(csv_options, f"{name} is no CSV file")
        _check_set_options(name, set_options)
        return Source(name, set_options)
    if not Path(name).exists():
        if name == Path(name).stem:
            raise ValueError(
                f"unknown data set {name!r}{did_you_mean(name, known)}; name one of {', '.join(known)}, "
                "or a CSV file"
            )
        raise FileNotFoundError(f"no file {name} (looked in {Path.cwd()})")
    _refuse(set_options, f"{name} is a CSV file")
    if "target" not in csv_options:
        columns = listing(datasets.read_csv(name).columns)
        raise ValueError(f"{name}: --target says which column to predict; the columns are {columns}")
    return Source(name, csv_options, _sha256(name))


def load(source: Source) -> DataSet:
    """Returns the data itself.

    Raises:
        ValueError: An option is unknown or out of range, the file is malformed, or it has changed since the source
            was made, so that nobody knows any more which rows were held out.
        FileNotFoundError: A file is missing.
    """
    if not source.is_csv:
        train, test = datasets.load(source.name, **source.options)
        encoder = named_sets.encoder(source.name, train[0], train[1])
        return DataSet(source, _scaled(train, encoder), _scaled(test, encoder), encoder)
    train, test, encoder = datasets.load_csv(source.name, **source.options)
    if _sha256(source.name) != source.sha256:
        raise ValueError(
            f"{source.name} has changed since the training: its test rows are not known any more; "
            "name a CSV file to evaluate all rows of it"
        )
    return DataSet(source, train, test, encoder)


def _scaled(part: Part, encoder: TableEncoder) -> Part:
    """Returns arrays as the encoder scales tables: flat rows, float32, divided by each column's unit."""
    units = np.array([column.std for column in encoder.features], dtype=np.float32)  # type: ignore[union-attr]
    x = part[0].reshape(len(part[0]), -1)
    return np.divide(x, units, dtype=np.float32), part[1]


def _check_set_options(name: str, given: dict[str, Any]) -> None:
    """Checks the options of a set by its name; --seed is left out, which is the network's on the command line."""
    known = [option for option in datasets.options(name) if option != "seed"]
    takes = " and ".join(f"--{option}" for option in known) or "no options of its own"
    _refuse(
        {option: value for option, value in given.items() if option not in known}, f"{name} takes {takes}"
    )
    if "folder" in known and "folder" not in given:
        raise ValueError(f"{name}: --folder says in which folder its files are")


def _refuse(options: dict[str, Any], reason: str) -> None:
    for option in options:
        raise ValueError(f"--{option} does not apply here: {reason}")


def _sha256(path: str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
