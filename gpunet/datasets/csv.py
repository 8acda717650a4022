"""Tables from CSV files."""

from __future__ import annotations

import csv
import os
from collections.abc import Collection
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from .columns import TextColumn
from .encoder import TableEncoder, fit_target
from .split import hold_out_quarter
from .table import Table

Part = tuple[NDArray[np.float32], NDArray[np.int64] | NDArray[np.float32]]


def load_csv(
    path: str | os.PathLike[str],
    target: str,
    *,
    task: str = "auto",
    ignore: Collection[str] = (),
    categorical: Collection[str] = (),
) -> tuple[Part, Part, TableEncoder]:
    """Returns a CSV file as training and test data, and the encoder that does the same to new rows.

    Numbers are standardised with mean and standard deviation of the training rows, (value − mean) / std, the
    target of a regression too; text becomes one-hot, an empty field of a text column being a category like
    the others. A missing number is refused, never filled. A quarter of the rows, of each class where there
    are classes, is held out for the test by a fixed rule (see `hold_out_quarter`).

    Args:
        path: the file: UTF-8, a header row, fields separated by commas, semicolons or tabs.
        target: the name of the column to predict.
        task: "classification", "regression", or "auto": text, and whole numbers with at most 20 different
            values, are classes; other numbers are regression.
        ignore: columns to leave out, such as names and serial numbers.
        categorical: columns to treat as text although they hold numbers, such as postal codes.

    Returns:
        `(x_train, y_train), (x_test, y_test), encoder`: x of shape (rows, features), float32; y of shape
        (rows,), class indices in int64 or standardised numbers in float32; the encoder with `task`,
        `classes`, `feature_names`.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file or a value in it is malformed; the error names file, line and column.

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "pets.csv")
        ...     _ = path.write_text("kg,pet\\n" + 4 * "4.5,cat\\n" + 4 * "25.5,dog\\n")
        ...     (x_train, y_train), (x_test, y_test), encoder = load_csv(path, target="pet")
        >>> x_train.shape, x_test.shape, encoder.classes
        ((6, 1), (2, 1), ['cat', 'dog'])
    """
    table = read_csv(path)
    column = fit_target(table, target, task)
    labels = column.indices(table) if isinstance(column, TextColumn) else np.zeros(len(table), dtype=np.int64)
    try:
        train, test = hold_out_quarter(labels)
    except ValueError as error:
        raise ValueError(f"{table.source}: {error}") from error
    encoder = TableEncoder.fit(table, target, task=task, ignore=ignore, categorical=categorical, rows=train)
    x, y = encoder.transform(table), encoder.transform_target(table)
    return (x[train], y[train]), (x[test], y[test]), encoder


def read_csv(path: str | os.PathLike[str]) -> Table:
    """Reads a CSV file with a header row as text, without empty rows and the spaces around values.

    Args:
        path: the file: UTF-8, fields separated by commas, semicolons or tabs, whichever gives the header more
            columns.

    Returns:
        The table, with the file as `source` and the line of each row.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is empty or no CSV file, has no rows, names a column twice or not at all, or
            has a row with more or fewer fields than the header.
    """
    if not Path(path).exists():
        raise FileNotFoundError(f"no file {os.fspath(path)} (looked in {Path.cwd()})")
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            return _read(file, os.fspath(path))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{os.fspath(path)}: expected UTF-8, got other bytes ({error.reason}); save it as UTF-8"
            ) from error


def _read(file: TextIO, source: str) -> Table:
    reader = csv.reader(file, delimiter=_delimiter(file), skipinitialspace=True, strict=True)
    header: list[str] = []
    values: list[list[str]] = []
    lines: list[int] = []
    progress = tqdm(reader, desc=f"reading {source}", unit=" rows", delay=1, leave=False, disable=None)
    try:
        for record in progress:
            fields = [field.strip() for field in record]
            if not any(fields):
                continue
            if not header:
                header = _checked_header(fields, source)
                values = [[] for _ in header]
                continue
            if len(fields) != len(header):
                raise ValueError(
                    f"{source}, line {reader.line_num}: expected {len(header)} fields as in the header, "
                    f"got {len(fields)}"
                )
            lines.append(reader.line_num)
            for column, field in zip(values, fields, strict=True):
                column.append(field)
    except csv.Error as error:
        raise ValueError(f"{source}, line {reader.line_num}: not a CSV file ({error})") from error
    if not lines:
        raise ValueError(f"{source}: expected a header row and rows below it, got no rows")
    return Table(dict(zip(header, values, strict=True)), source, lines)


def _delimiter(file: TextIO) -> str:
    first = next((line for line in file if line.strip()), "")
    file.seek(0)
    return max(",;\t", key=lambda delimiter: len(next(csv.reader([first], delimiter=delimiter), [])))


def _checked_header(names: list[str], source: str) -> list[str]:
    for position, name in enumerate(names, start=1):
        if not name:
            raise ValueError(f"{source}: column {position} has no name in the header; name or remove it")
        if names.count(name) > 1:
            raise ValueError(f"{source}: the header names column {name!r} twice; rename one of them")
    return names
