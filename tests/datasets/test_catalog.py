"""Data sets by name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gpunet import datasets

REAL = ["digits", "fashion_mnist", "csv"]
GENERATED = ["xor", "and", "or", "clouds", "circles", "moons", "spirals", "regions", "students"]


def test_names() -> None:
    assert sorted(datasets.names()) == sorted(REAL + GENERATED)


def test_options_are_what_the_sets_functions_take() -> None:
    assert datasets.options("digits") == []
    assert datasets.options("fashion_mnist") == ["folder"]
    assert datasets.options("spirals") == ["samples", "noise", "seed"]
    with pytest.raises(ValueError, match="did you mean 'moons'"):
        datasets.options("moon")


@pytest.mark.parametrize("name", ["clouds", "circles", "moons", "spirals", "regions"])
def test_generated_sets_are_the_functions_points_with_a_quarter_of_each_class_held_out(name: str) -> None:
    (x_train, y_train), (x_test, y_test) = datasets.load(name, samples=80, noise=0.2, seed=4)
    x, y = getattr(datasets, name)(samples=80, noise=0.2, seed=4)
    assert np.bincount(y_train).tolist() == [30, 30]
    assert np.bincount(y_test).tolist() == [10, 10]
    together = [*map(tuple, np.c_[x_train, y_train].tolist()), *map(tuple, np.c_[x_test, y_test].tolist())]
    assert sorted(together) == sorted(map(tuple, np.c_[x, y].tolist()))


def test_students_and_digits_have_a_quarter_held_out() -> None:
    assert len(datasets.load("students", samples=1000)[1][0]) in (249, 250)
    assert len(datasets.load("digits")[1][0]) == 445


@pytest.mark.parametrize(
    ("name", "outputs"), [("xor", [0, 1, 1, 0]), ("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1])]
)
def test_a_truth_table_is_trained_and_tested_on_whole(name: str, outputs: list[int]) -> None:
    train, test = datasets.load(name)
    for x, y in (train, test):
        assert x.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
        assert y.tolist() == outputs
    train[0][:] = 9
    assert test[0].max() == 1


def test_a_gate_with_noise_has_points_held_out() -> None:
    (x_train, _), (x_test, _) = datasets.load("xor", samples=400, noise=0.1)
    assert (len(x_train), len(x_test)) == (300, 100)


def test_csv_by_name_gives_the_two_parts(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("x,y\n" + "\n".join(f"{n},{'ab'[n % 2]}" for n in range(16)))
    (x_train, y_train), (x_test, y_test) = datasets.load("csv", path=path, target="y")
    assert (x_train.shape, y_train.shape, x_test.shape, y_test.shape) == ((12, 1), (12,), (4, 1), (4,))


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("moon", {}, r"unknown data set 'moon' \(did you mean 'moons'\?\).*digits.*students"),
        ("", {}, "unknown data set ''; the known ones are"),
        ("moons", {"nois": 1}, "'moons': .*'nois'; its options are: samples, noise, seed"),
        ("fashion_mnist", {}, "'fashion_mnist': .*'folder'; its options are: folder"),
        ("digits", {"seed": 1}, "'digits': .*'seed'; its options are: none"),
        ("moons", {"samples": 0}, "moons: expected samples"),
        ("moons", {"samples": 3}, "at least four rows"),
    ],
)
def test_what_is_not_known_is_refused(name: str, options: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        datasets.load(name, **options)
