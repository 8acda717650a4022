"""How one column of a table becomes numbers: scaled if it holds numbers, one-hot if it holds text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .table import Table, did_you_mean, listing

# What programs write where a number is missing. In a column of text these are texts like any other.
MISSING = frozenset({"", "?", "-", "na", "n/a", "#n/a", "nan", "null", "none"})
_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class NumberColumn:
    """A column of numbers, standardised: (value − mean) / std.

    Args:
        name: the column's name.
        mean: of the rows that the column was fitted to.
        std: their standard deviation (divided by n), or 1 where they are all equal.
    """

    name: str
    mean: float
    std: float

    @classmethod
    def fit(cls, table: Table, name: str, rows: NDArray[np.int64] | None = None) -> NumberColumn:
        """Measures mean and standard deviation over the given rows, or over all."""
        values = numbers(table, name)
        values = values if rows is None else values[rows]
        # A constant column is compared, not measured: rounding would give it a tiny deviation to divide by.
        if (values == values[0]).all():
            return cls(name, float(values[0]), 1.0)
        return cls(name, float(values.mean()), float(values.std()) or 1.0)

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns that it becomes."""
        return [self.name]

    def transform(self, table: Table) -> NDArray[np.float32]:
        """Returns the scaled values, shape (rows, 1); raises ValueError where one is missing or no number."""
        return ((numbers(table, self.name) - self.mean) / self.std).astype(np.float32)[:, np.newaxis]


@dataclass(frozen=True)
class TextColumn:
    """A column of text, one-hot.

    Args:
        name: the column's name.
        categories: the different texts, sorted (by value where all are numbers).
    """

    name: str
    categories: tuple[str, ...]

    @classmethod
    def fit(cls, table: Table, name: str) -> TextColumn:
        """Collects the different texts of all rows."""
        found = {_plain(text) for text in table.column(name)}
        by_value = all(_is_number(text) for text in found)
        return cls(name, tuple(sorted(found, key=lambda text: (float(text) if by_value else 0.0, text))))

    @property
    def feature_names(self) -> list[str]:
        """The names of the columns that it becomes."""
        return [f"{self.name}={category}" for category in self.categories]

    def indices(self, table: Table) -> NDArray[np.int64]:
        """Returns each row's category by its number, shape (rows,); raises ValueError at an unknown one."""
        number = {category: index for index, category in enumerate(self.categories)}
        texts = [_plain(text) for text in table.column(self.name)]
        for row, text in enumerate(texts):
            if text not in number:
                raise ValueError(
                    f"{table.where(self.name, row)}: unknown value {text!r}"
                    f"{did_you_mean(text, self.categories)}; the known ones are {listing(self.categories)}"
                )
        return np.array([number[text] for text in texts], dtype=np.int64)

    def transform(self, table: Table) -> NDArray[np.float32]:
        """Returns a 1 in the category's column and 0 elsewhere, shape (rows, categories)."""
        one_hot = np.zeros((len(table), len(self.categories)), dtype=np.float32)
        one_hot[np.arange(len(table)), self.indices(table)] = 1
        return one_hot


def holds_numbers(table: Table, name: str) -> bool:
    """Tells whether a column is meant as numbers: more than half of the values that it has look like numbers.

    "12,5" and "1,000" look like numbers too. They and the rest of such a column are refused when they are
    read: a typing error must not turn a thousand numbers into a thousand categories.
    """
    present = [text for text in table.column(name) if text.casefold() not in MISSING]
    return 2 * sum(_is_number(text.replace(",", "")) for text in present) > len(present)


def numbers(table: Table, name: str) -> NDArray[np.float64]:
    """Returns a column's values, shape (rows,); raises ValueError at the first that is no finite number."""
    texts: Sequence[str] = table.column(name)
    for row, text in enumerate(texts):
        if _is_number(text) and abs(float(text)) <= _LARGEST:
            continue
        if text.casefold() in MISSING:
            problem = f"the number is missing (got {text!r}); fill it in or leave the row out"
        else:
            problem = f"expected a number like 12.5 within float32's range, got {text!r}"
        raise ValueError(f"{table.where(name, row)}: {problem}")
    return np.array([float(text) for text in texts], dtype=np.float64)


def _is_number(text: str) -> bool:
    if "_" in text:  # Python reads 1_2 as 12; in a table it is a code
        return False
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def _plain(text: str) -> str:
    """Returns whole numbers without their decimals: "3.0" and "3" are one category."""
    return re.sub(r"^(-?\d+)\.0*$", r"\1", text)
