"""From text to features and targets, and back."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from gpunet.datasets import Table, TableEncoder

PETS = Table(
    {
        "weight": ["1", "2", "3", "4"],
        "coat": ["short", "long", "", "short"],
        "legs": ["4", "4", "4", "4"],
        "pet": ["cat", "dog", "bird", "cat"],
    },
    "pets.csv",
    [2, 3, 4, 5],
)


def test_numbers_are_standardised_text_is_one_hot_and_constants_are_zero() -> None:
    encoder = TableEncoder.fit(PETS, "pet")
    assert encoder.feature_names == ["weight", "coat=", "coat=long", "coat=short", "legs"]
    x = encoder.transform(PETS)
    assert x.dtype == np.float32
    # 1, 2, 3, 4: mean 2.5, variance (2.25 + 0.25 + 0.25 + 2.25) / 4 = 1.25
    assert x[:, 0] == pytest.approx(np.array([-1.5, -0.5, 0.5, 1.5]) / math.sqrt(1.25))
    assert x[:, 1:4].tolist() == [[0, 0, 1], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert x[:, 4].tolist() == [0, 0, 0, 0]


def test_a_constant_that_binary_cannot_hold_is_exactly_zero() -> None:
    table = Table({"a": ["0.1"] * 10, "y": ["no", "yes"] * 5})
    assert TableEncoder.fit(table, "y").transform(table).tolist() == [[0.0]] * 10


def test_only_the_given_rows_are_measured_but_all_categories_are_known() -> None:
    encoder = TableEncoder.fit(PETS, "pet", rows=np.array([0, 1]))
    # Rows 1 and 2: mean 1.5, deviation 0.5.
    assert encoder.transform(PETS)[:, 0].tolist() == [-1, 1, 3, 5]
    assert encoder.classes == ["bird", "cat", "dog"]
    assert "coat=" in encoder.feature_names


def test_new_rows_are_scaled_as_the_fitted_ones_and_need_no_target() -> None:
    encoder = TableEncoder.fit(PETS, "pet", ignore=["legs"], rows=np.array([0, 1]))
    new = Table({"extra": ["?"], "coat": ["long"], "weight": ["2.5"]})
    assert encoder.transform(new).tolist() == [[2, 0, 1, 0]]


@pytest.mark.parametrize(
    ("target", "task", "classes"),
    [
        (["no", "yes", "no", "yes"], "binary", ["no", "yes"]),
        (["1", "0", "0", "1"], "binary", ["0", "1"]),
        (["1.0", "0", "0.0", "1"], "binary", ["0", "1"]),
        (["-1", "1", "1", "-1"], "binary", ["-1", "1"]),
        (["10", "9", "2", "10"], "classification", ["2", "9", "10"]),
        (["b", "a", "c", "10"], "classification", ["10", "a", "b", "c"]),
        (["0_0", "1_2", "12", "1_2"], "classification", ["0_0", "12", "1_2"]),
        (["0.5", "1", "2", "3"], "regression", None),
        (["1e3", "1.5", "2", "3"], "regression", None),
    ],
)
def test_the_task_follows_the_target(target: list[str], task: str, classes: list[str] | None) -> None:
    encoder = TableEncoder.fit(Table({"x": ["1", "2", "3", "4"], "y": target}), "y")
    assert (encoder.task, encoder.classes) == (task, classes)


@pytest.mark.parametrize(("different", "task"), [(20, "classification"), (21, "regression")])
def test_more_than_twenty_whole_numbers_are_regression(different: int, task: str) -> None:
    values = [str(number % different) for number in range(100)]
    table = Table({"x": ["1"] * 100, "y": values})
    assert TableEncoder.fit(table, "y").task == task
    assert TableEncoder.fit(table, "y", task="regression").classes is None
    assert TableEncoder.fit(table, "y", task="classification").task == "classification"


def test_class_targets_are_indices_and_decode_to_names() -> None:
    encoder = TableEncoder.fit(PETS, "pet")
    y = encoder.transform_target(PETS)
    assert (y.tolist(), y.dtype) == ([1, 2, 0, 1], np.int64)
    assert encoder.decode_target(y) == ["cat", "dog", "bird", "cat"]


def test_number_targets_are_standardised_and_decode_to_their_units() -> None:
    table = Table({"x": ["1", "2"], "price": ["1000.5", "3000.5"]})
    encoder = TableEncoder.fit(table, "price")
    y = encoder.transform_target(table)
    assert (y.tolist(), y.dtype) == ([-1, 1], np.float32)
    assert np.asarray(encoder.decode_target(y)).tolist() == [1000.5, 3000.5]


def test_numbers_can_be_categories() -> None:
    table = Table({"zip": ["101", "9", "9.0", "20"], "y": ["a", "b", "a", "b"]})
    encoder = TableEncoder.fit(table, "y", categorical=["zip"])
    assert encoder.feature_names == ["zip=9", "zip=20", "zip=101"]
    assert encoder.transform(table).argmax(axis=1).tolist() == [2, 0, 0, 1]


@pytest.mark.parametrize("text", ["", "NA", "n/a", "NaN", "?", "null"])
def test_a_missing_number_is_refused_by_line_and_column(text: str) -> None:
    table = Table({"age": ["31", "40", text], "y": ["a", "b", "a"]}, "people.csv", [2, 3, 7])
    with pytest.raises(ValueError, match=r"people\.csv, line 7, column 'age': the number is missing"):
        TableEncoder.fit(table, "y")


@pytest.mark.parametrize("text", ["12,5", "1,000", "abc", "inf", "1e39", "-inf"])
def test_what_is_no_number_among_numbers_is_refused(text: str) -> None:
    table = Table({"age": ["31", text, "40"], "y": ["a", "b", "a"]})
    with pytest.raises(ValueError, match=rf"row 2, column 'age': expected a number.*got '{text}'"):
        TableEncoder.fit(table, "y")


def test_a_column_of_decimal_commas_is_not_taken_for_text() -> None:
    table = Table({"size": ["1,5", "2,5", "3,5"], "y": ["a", "b", "a"]})
    with pytest.raises(ValueError, match=r"column 'size': expected a number like 12\.5.*got '1,5'"):
        TableEncoder.fit(table, "y")


def test_a_malformed_number_in_new_rows_is_refused() -> None:
    encoder = TableEncoder.fit(PETS, "pet", ignore=["legs"])
    with pytest.raises(ValueError, match="row 1, column 'weight': expected a number"):
        encoder.transform(Table({"weight": ["heavy"], "coat": ["long"]}))


def test_an_unknown_category_in_new_rows_is_refused_with_the_known_ones() -> None:
    encoder = TableEncoder.fit(PETS, "pet", ignore=["legs"])
    new = Table({"weight": ["1", "2"], "coat": ["long", "shrt"]}, "new.csv", [2, 3])
    with pytest.raises(
        ValueError,
        match=r"new\.csv, line 3, column 'coat': unknown value 'shrt' \(did you mean 'short'\?\).*'long'",
    ):
        encoder.transform(new)


def test_a_missing_column_in_new_rows_is_refused() -> None:
    with pytest.raises(ValueError, match="no column 'coat'"):
        TableEncoder.fit(PETS, "pet").transform(Table({"weight": ["1"]}))


def test_no_new_rows_give_no_features() -> None:
    encoder = TableEncoder.fit(PETS, "pet")
    assert encoder.transform(Table({"weight": [], "coat": [], "legs": []})).shape == (0, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target": "pets"}, r"no column 'pets' \(did you mean 'pet'\?\)"),
        ({"target": "pet", "ignore": ["leg"]}, "no column 'leg'"),
        ({"target": "pet", "categorical": ["leg"]}, "no column 'leg'"),
        ({"target": "legs"}, "at least two classes in target column 'legs', got only '4'"),
        ({"target": "coat"}, r"pets\.csv, line 4, column 'coat': the target is missing"),
        ({"target": "pet", "task": "regression"}, "line 2, column 'pet': expected a number"),
        ({"target": "pet", "task": "classify"}, r"task .*'classify' \(did you mean 'classification'\?\)"),
        ({"target": "pet", "ignore": ["weight", "coat", "legs"]}, "a column to learn from"),
        (
            {"target": "pet", "ignore": ["pet"]},
            "column 'pet' is to be predicted and to be ignored; choose one",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TableEncoder.fit(PETS, **options)


def test_a_missing_number_target_is_refused() -> None:
    table = Table({"x": ["1", "2", "3"], "y": ["0", "1", "NA"]})
    with pytest.raises(ValueError, match="row 3, column 'y': the number is missing"):
        TableEncoder.fit(table, "y")


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one row"):
        TableEncoder.fit(Table({"x": [], "y": []}), "y")


@pytest.mark.parametrize(("different", "fits"), [(256, True), (257, False)])
def test_serial_numbers_and_names_do_not_become_a_thousand_inputs(different: int, fits: bool) -> None:
    table = Table(
        {"name": [f"person {number}" for number in range(different)], "y": ["a"] + ["b"] * (different - 1)}
    )
    if fits:
        assert TableEncoder.fit(table, "y").transform(table).shape == (256, 256)
        return
    with pytest.raises(
        ValueError, match=r"'name' has 257 different values, expected at most 256.*leave it out"
    ):
        TableEncoder.fit(table, "y")


@pytest.mark.parametrize("target", ["pet", "weight"])
def test_the_configuration_survives_json(target: str) -> None:
    encoder = TableEncoder.fit(PETS, target, task="regression" if target == "weight" else "auto")
    again = TableEncoder.from_config(json.loads(json.dumps(encoder.get_config())))
    assert again == encoder
    assert np.array_equal(again.transform(PETS), encoder.transform(PETS))
    assert np.array_equal(again.transform_target(PETS), encoder.transform_target(PETS))


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"features": []},
        {
            "features": [{"kind": "date", "name": "a"}],
            "target": {"kind": "text", "name": "y", "categories": ["a"]},
        },
        {"features": [{"kind": "number", "name": "a", "mean": 0.0}], "target": None},
        {"features": 3, "target": 4},
    ],
)
def test_a_damaged_configuration_is_refused(config: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected a configuration from get_config"):
        TableEncoder.from_config(config)
