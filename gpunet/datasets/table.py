"""A table of text, as a CSV file holds it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Named columns of text, each as long as the others, that remember where they came from.

    Args:
        columns: the values of each column by its name, in the order of the columns.
        source: what the errors call the table; the file's name if it came from one.
        lines: the line of the file that each row came from; the rows' own numbers from 1 if not given.

    Raises:
        ValueError: if there is no column or the columns differ in length.

    Example:
        >>> table = Table({"age": ["31", "45"], "city": ["Oslo", "Rome"]})
        >>> len(table), table.column("city")
        (2, ['Oslo', 'Rome'])
    """

    columns: Mapping[str, Sequence[str]]
    source: str = "table"
    lines: Sequence[int] | None = None

    def __post_init__(self) -> None:
        lengths = {name: len(values) for name, values in self.columns.items()}
        if len(set(lengths.values())) != 1:
            raise ValueError(f"{self.source}: expected one or more columns of the same length, got {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def column(self, name: str) -> Sequence[str]:
        """Returns the values of a column; raises ValueError if there is no such column."""
        if name in self.columns:
            return self.columns[name]
        raise ValueError(
            f"{self.source}: no column {name!r}{did_you_mean(name, self.columns)}; "
            f"the columns are {listing(self.columns)}"
        )

    def where(self, name: str, row: int) -> str:
        """Returns the place of a value in words, for errors: file, line and column."""
        place = f"row {row + 1}" if self.lines is None else f"line {self.lines[row]}"
        return f"{self.source}, {place}, column {name!r}"


def did_you_mean(name: str, known: Mapping[str, object] | Sequence[str]) -> str:
    """Returns the closest known name as the middle of an error, or nothing where none is close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def listing(names: Mapping[str, object] | Sequence[str], most: int = 12) -> str:
    """Returns names for an error, at most so many of them."""
    shown = ", ".join(repr(name) for name in list(names)[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
