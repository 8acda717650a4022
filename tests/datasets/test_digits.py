"""The digits inside the package."""

from __future__ import annotations

import csv
import gzip
from importlib import resources

import numpy as np

from gpunet.datasets import digits

# The first line of the file: a zero.
FIRST = """
    0  0  5 13  9  1  0  0
    0  0 13 15 10 15  5  0
    0  3 15  2  0 11  8  0
    0  4 12  0  0  8  8  0
    0  5  8  0  0  9  8  0
    0  4 11  0  1 12  7  0
    0  2 14  5 10 12  0  0
    0  0  6 13 10  0  0  0
"""


def test_shapes_and_dtypes() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, y_train.shape) == ((1352, 64), (1352,))
    assert (x_test.shape, y_test.shape) == ((445, 64), (445,))
    assert {x_train.dtype, x_test.dtype} == {np.dtype(np.float32)}
    assert {y_train.dtype, y_test.dtype} == {np.dtype(np.int64)}


def test_class_counts_are_those_of_the_repository_and_a_quarter_of_each_is_held_out() -> None:
    (_, y_train), (_, y_test) = digits.load_data()
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (np.bincount(y_train) + np.bincount(y_test)).tolist() == counts
    assert np.bincount(y_test).tolist() == [44, 45, 44, 45, 45, 45, 45, 44, 43, 45]


def test_pixels_are_the_seventeen_levels_from_zero_to_one() -> None:
    (x_train, _), (x_test, _) = digits.load_data()
    for x in (x_train, x_test):
        assert np.unique(x).tolist() == [level / 16 for level in range(17)]


def test_first_row() -> None:
    (x_train, y_train), _ = digits.load_data()
    assert (x_train[0] * 16).tolist() == [float(pixel) for pixel in FIRST.split()]
    assert y_train[0] == 0


def test_train_and_test_together_are_the_file_each_row_once() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    x, y = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
    packed = resources.files("gpunet.datasets").joinpath("digits.csv.gz").read_bytes()
    rows = csv.reader(gzip.decompress(packed).decode().splitlines())
    expected = sorted([int(value) for value in row] for row in rows)
    assert (
        sorted([*pixels, label] for pixels, label in zip((x * 16).tolist(), y.tolist(), strict=True))
        == expected
    )


def test_the_split_is_the_same_with_every_seed_and_the_arrays_are_the_callers() -> None:
    np.random.seed(1)
    (first, _), _ = digits.load_data()
    np.random.seed(2)
    (second, _), _ = digits.load_data()
    assert np.array_equal(first, second)
    first[:] = -1
    assert digits.load_data()[0][0].min() == 0
