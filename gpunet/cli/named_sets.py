"""What the columns of the sets with a name are called, so that tables can hold such data, too."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..datasets import Table, TableEncoder, read_csv
from ..datasets.columns import NumberColumn, TextColumn
from ..datasets.course import HOURS, LECTURES

_TARGETS = {"digits": "digit", "students": "passed"}
_WHITE = 255.0


def encoder(name: str, x: NDArray[np.generic], y: NDArray[np.integer]) -> TableEncoder:
    """Returns the names and units of a set's columns; a feature is divided by its unit.

    Args:
        name: The set's name.
        x: Its samples, (rows, …).
        y: Their classes, (rows,), from 0.
    """
    if name == "students":
        units = {"lectures": float(LECTURES), "hours": float(HOURS)}
    elif x.ndim == 2 and x.shape[1] == 2:
        units = {"x1": 1.0, "x2": 1.0}
    else:
        unit = _WHITE if x.dtype == np.uint8 else 1.0
        units = {f"pixel_{index}": unit for index in range(int(np.prod(x.shape[1:])))}
    features = tuple(NumberColumn(feature, 0.0, unit) for feature, unit in units.items())
    classes = tuple(str(index) for index in range(int(y.max()) + 1))
    return TableEncoder(features, TextColumn(_TARGETS.get(name, "class"), classes))


def read_table(path: str, encoder: TableEncoder) -> Table:
    """Returns a CSV file's rows, with or without a header.

    A first line of numbers alone is no header. The columns are the features in their order then, and may be followed
    by the target.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no CSV file, or a row has the wrong number of fields.
    """
    lines = _numbered_rows(path)
    if not lines or not all(_is_number(field) for field in lines[0][1]):
        return read_csv(path)
    names = [*encoder.feature_names, encoder.target.name]
    names = names[: max(len(lines[0][1]), len(names) - 1)]
    for number, fields in lines:
        if len(fields) != len(names):
            raise ValueError(
                f"{path}, line {number}: expected {len(encoder.features)} numbers, and the class after them if "
                f"it is known, on every line alike, got {len(fields)} fields"
            )
    columns = zip(*(fields for _, fields in lines), strict=True)
    return Table(dict(zip(names, columns, strict=True)), path, [number for number, _ in lines])


def _numbered_rows(path: str) -> list[tuple[int, list[str]]]:
    """Returns the fields of each line that is not empty; no field is quoted where all are numbers."""
    if not Path(path).is_file():
        return []
    text = Path(path).read_text(encoding="utf-8-sig", errors="replace")
    lines = enumerate(text.splitlines(), start=1)
    return [(number, re.split(r"\s*[,;\t]\s*", line.strip())) for number, line in lines if line.strip()]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
