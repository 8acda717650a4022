"""CSV files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gpunet.datasets import load_csv, read_csv


def _file(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_delimiters_line_ends_and_byte_order_mark(
    tmp_path: Path, delimiter: str, newline: str, mark: bytes
) -> None:
    rows = [["age", "city"], ["31", '"Oslo, Norway; N"'], ["45", "Zürich"]]
    text = newline.join(delimiter.join(row) for row in rows)
    table = read_csv(_file(tmp_path, mark + text.encode()))
    assert dict(table.columns) == {"age": ["31", "45"], "city": ["Oslo, Norway; N", "Zürich"]}


def test_a_comma_inside_a_quoted_name_does_not_count_as_delimiter(tmp_path: Path) -> None:
    table = read_csv(_file(tmp_path, '"size, in, m";price\n1,5;2\n'))
    assert dict(table.columns) == {"size, in, m": ["1,5"], "price": ["2"]}


def test_spaces_blank_lines_and_empty_rows(tmp_path: Path) -> None:
    table = read_csv(_file(tmp_path, '\na , b\n 1, "x"\n\n,\n2 ,\n'))
    assert dict(table.columns) == {"a": ["1", "2"], "b": ["x", ""]}
    assert table.lines == [3, 6]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "a header row and rows below it"),
        ("a,b\n", "a header row and rows below it"),
        ("a,b\n1,2\n3\n", r"data\.csv, line 3: expected 2 fields as in the header, got 1"),
        ("a,b\n1,2,3\n", "line 2: expected 2 fields as in the header, got 3"),
        ("a,,c\n1,2,3\n", "column 2 has no name in the header"),
        ("a,b,a\n1,2,3\n", "names column 'a' twice"),
        ('a,b\n1,"2\n', "line 2: not a CSV file"),
        ("a,b\n1,Zürich\n".encode("latin-1"), "UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-8"),
    ],
)
def test_malformed_files_are_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(ValueError, match=rf"data\.csv.*{message}" if "data" not in message else message):
        read_csv(_file(tmp_path, content))


def test_a_missing_file_says_where_it_was_looked_for() -> None:
    with pytest.raises(FileNotFoundError, match=r"no file nowhere\.csv \(looked in .+\)"):
        read_csv("nowhere.csv")


def test_classes_are_split_evenly_and_the_test_rows_are_not_measured(tmp_path: Path) -> None:
    # Of eight rows of a class, the rows 3 and 6 are held out (the largest keys of the rule, see
    # test_split.py).
    cats = [0, 1, 2, 100, 4, 5, 200, 7]
    dogs = [10, 11, 12, 300, 14, 15, 400, 17]
    lines = [f"{weight},cat" for weight in cats] + [f"{weight},dog" for weight in dogs]
    path = _file(tmp_path, "\n".join(["weight,pet", *lines]))
    (x_train, y_train), (x_test, y_test), encoder = load_csv(path, target="pet")
    assert (x_train.shape, x_test.shape) == ((12, 1), (4, 1))
    assert (x_train.dtype, y_train.dtype) == (np.float32, np.int64)
    assert np.bincount(y_train).tolist() == [6, 6]
    assert np.bincount(y_test).tolist() == [2, 2]
    # Without the held-out rows: (0+1+2+4+5+7 + 10+11+12+14+15+17) / 12 = 98 / 12.
    assert encoder.get_config()["features"][0]["mean"] == pytest.approx(98 / 12)
    assert x_train.mean() == pytest.approx(0, abs=1e-6)
    assert x_train.std() == pytest.approx(1, abs=1e-6)
    assert x_test.min() > 5


def test_regression(tmp_path: Path) -> None:
    lines = [f"{size},{2 * size + 0.5}" for size in range(8)]
    path = _file(tmp_path, "\n".join(["size,price", *lines]))
    (x_train, y_train), (_, y_test), encoder = load_csv(path, target="price")
    assert encoder.task == "regression"
    assert (len(y_train), len(y_test), y_train.dtype) == (6, 2, np.float32)
    # The price is a line in the size, so scaled by the same rows both are the same numbers.
    assert y_train == pytest.approx(x_train[:, 0], abs=1e-6)
    assert sorted(np.asarray(encoder.decode_target(y_test)).round(4)) == [6.5, 12.5]


def test_options_reach_the_encoder(tmp_path: Path) -> None:
    lines = [f"{number},{number % 3},{number % 2}" for number in range(12)]
    path = _file(tmp_path, "\n".join(["id,room,y", *lines]))
    *_, encoder = load_csv(path, "y", ignore=["id"], categorical=["room"], task="classification")
    assert encoder.feature_names == ["room=0", "room=1", "room=2"]
    assert encoder.task == "binary"


def test_too_few_rows_are_refused_by_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"few\.csv: expected at least four rows of a class"):
        load_csv(_file(tmp_path, "x,y\n1,a\n2,b\n3,a\n", "few.csv"), "y")


def test_an_error_in_a_value_names_the_line_of_the_file(tmp_path: Path) -> None:
    path = _file(tmp_path, "x,y\n1,a\n\n2,b\n,a\n4,b\n")
    with pytest.raises(ValueError, match="expected at least four rows"):
        load_csv(path, "y")
    path = _file(tmp_path, "x,y\n1,a\n\n2,a\n,a\n4,a\n5,b\n")
    with pytest.raises(ValueError, match=r"data\.csv, line 5, column 'x': the number is missing"):
        load_csv(path, "y")
