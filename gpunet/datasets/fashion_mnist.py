"""Fashion-MNIST, read from a folder of the user's."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .idx import read_idx

Part = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def load_data(folder: str | os.PathLike[str]) -> tuple[Part, Part]:
    """Returns Fashion-MNIST, 70,000 grey pictures of ten kinds of clothing, from its four IDX files.

    The set is too large for the package and nothing is fetched. The files `train-images-idx3-ubyte`,
    `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte` and `t10k-labels-idx1-ubyte`, plain or with `.gz`,
    come from Zalando Research's repository "fashion-mnist" on GitHub or with Debian's package
    `dataset-fashion-mnist`. MNIST has the same names and shapes, so a folder with MNIST works too.

    Args:
        folder: the folder that holds the four files.

    Returns:
        `(x_train, y_train), (x_test, y_test)` as Keras returns them: x of shape (60000, 28, 28) and (10000,
        28, 28), uint8 from 0 (background) to 255; y of shape (60000,) and (10000,), uint8 from 0 to 9.

    Raises:
        FileNotFoundError: if the folder or one of the files is missing.
        ValueError: if a file is damaged or cut off, or images and labels do not fit together.

    Source:
        H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a novel image dataset for benchmarking machine learning
        algorithms, 2017, https://arxiv.org/abs/1708.07747. Licence MIT.

    Example::

        (x_train, y_train), (x_test, y_test) = gpunet.datasets.fashion_mnist.load_data("fashion")
        x_train = x_train.reshape(-1, 784).astype("float32") / 255
    """
    return _load_part(Path(folder), "train"), _load_part(Path(folder), "t10k")


def _load_part(folder: Path, part: str) -> Part:
    images_path = _find(folder, f"{part}-images-idx3-ubyte")
    labels_path = _find(folder, f"{part}-labels-idx1-ubyte")
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (28, 28):
        raise ValueError(
            f"{images_path}: expected uint8 images of shape (n, 28, 28), got {images.dtype} {images.shape}"
        )
    if labels.dtype != np.uint8 or labels.ndim != 1:
        raise ValueError(
            f"{labels_path}: expected uint8 labels of shape (n,), got {labels.dtype} {labels.shape}"
        )
    if len(images) != len(labels):
        raise ValueError(
            f"{folder}: expected as many {part} labels as images, got {len(images)} images "
            f"and {len(labels)} labels"
        )
    if labels.size and labels.max() > 9:
        raise ValueError(f"{labels_path}: expected labels from 0 to 9, got {labels.max()}")
    return images, labels


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    missing = f"no {name} or {name}.gz in {folder}" if folder.is_dir() else f"no folder {folder}"
    raise FileNotFoundError(
        f"fashion_mnist: {missing}; the four IDX files come from Zalando Research's repository "
        "fashion-mnist on GitHub or Debian's package dataset-fashion-mnist; name the folder that holds them"
    )
