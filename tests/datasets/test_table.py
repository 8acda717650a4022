"""Tables of text."""

from __future__ import annotations

import pytest

from gpunet.datasets import Table


def test_columns_and_length() -> None:
    table = Table({"a": ["1", "2", "3"], "b": ["x", "y", "z"]})
    assert len(table) == 3
    assert table.column("b") == ["x", "y", "z"]


def test_places_are_lines_of_the_file_or_rows_of_the_table() -> None:
    assert Table({"a": ["1", "2"]}).where("a", 1) == "table, row 2, column 'a'"
    assert Table({"a": ["1", "2"]}, "x.csv", [2, 5]).where("a", 1) == "x.csv, line 5, column 'a'"


def test_an_unknown_column_is_refused_with_the_closest_and_all() -> None:
    with pytest.raises(
        ValueError, match=r"no column 'heigth' \(did you mean 'height'\?\).*'weight', 'height'"
    ):
        Table({"weight": ["1"], "height": ["2"]}).column("heigth")


def test_many_columns_are_not_all_listed() -> None:
    with pytest.raises(ValueError, match=r"'c11' and 88 more$"):
        Table({f"c{number}": [] for number in range(100)}).column("elsewhere")


@pytest.mark.parametrize("columns", [{}, {"a": ["1"], "b": []}])
def test_uneven_columns_are_refused(columns: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="columns of the same length"):
        Table(columns)
