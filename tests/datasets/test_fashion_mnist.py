"""Fashion-MNIST's four files, in small."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gpunet.datasets import fashion_mnist


def _write(path: Path, array: NDArray[np.uint8]) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    content = header + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six training and two test images; image i is filled with the number i, its label is i."""
    for part, count in (("train", 6), ("t10k", 2)):
        images = np.arange(count, dtype=np.uint8)[:, None, None] * np.ones((1, 28, 28), np.uint8)
        _write(tmp_path / f"{part}-images-idx3-ubyte.gz", images)
        _write(tmp_path / f"{part}-labels-idx1-ubyte", np.arange(count, dtype=np.uint8))
    return tmp_path


def test_compressed_and_plain_files(folder: Path) -> None:
    (x_train, y_train), (x_test, y_test) = fashion_mnist.load_data(folder)
    assert (x_train.shape, x_test.shape) == ((6, 28, 28), (2, 28, 28))
    assert {array.dtype for array in (x_train, y_train, x_test, y_test)} == {np.dtype(np.uint8)}
    assert x_train[:, 27, 0].tolist() == y_train.tolist() == [0, 1, 2, 3, 4, 5]
    assert y_test.tolist() == [0, 1]


def test_the_folder_may_be_text(folder: Path) -> None:
    assert len(fashion_mnist.load_data(str(folder))[0][0]) == 6


def test_a_missing_file_says_which_where_and_from_whom(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        fashion_mnist.load_data(folder)
    for part in ("t10k-labels-idx1-ubyte", str(folder), "Zalando Research", "dataset-fashion-mnist"):
        assert part in str(caught.value)


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no folder no-such-folder"):
        fashion_mnist.load_data("no-such-folder")


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("train-labels-idx1-ubyte", np.zeros(5, np.uint8), "got 6 images and 5 labels"),
        ("train-labels-idx1-ubyte", np.full(6, 10, np.uint8), "labels from 0 to 9, got 10"),
        (
            "train-labels-idx1-ubyte",
            np.zeros((6, 1), np.uint8),
            r"labels of shape \(n,\), got uint8 \(6, 1\)",
        ),
        (
            "t10k-images-idx3-ubyte.gz",
            np.zeros((2, 28, 27), np.uint8),
            r"\(n, 28, 28\), got uint8 \(2, 28, 27\)",
        ),
        ("t10k-images-idx3-ubyte.gz", np.zeros(2, np.uint8), r"\(n, 28, 28\), got uint8 \(2,\)"),
    ],
)
def test_files_that_do_not_fit_are_refused(
    folder: Path, name: str, array: NDArray[np.uint8], message: str
) -> None:
    _write(folder / name, array)
    with pytest.raises(ValueError, match=message):
        fashion_mnist.load_data(folder)


def test_a_truncated_file_is_named(folder: Path) -> None:
    path = folder / "train-labels-idx1-ubyte"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"train-labels-idx1-ubyte: expected 6 bytes.*got 5"):
        fashion_mnist.load_data(folder)
