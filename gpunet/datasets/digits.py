"""Handwritten digits, the set that travels inside the package.

Optical Recognition of Handwritten Digits (its test part), E. Alpaydin and C. Kaynak, UCI Machine Learning
Repository, 1998, https://doi.org/10.24432/C50P49, licence CC BY 4.0.
"""

from __future__ import annotations

import gzip
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from .split import hold_out_quarter

Part = tuple[NDArray[np.float32], NDArray[np.int64]]


def load_data() -> tuple[Part, Part]:
    """Returns 1,797 real handwritten digits of 8×8 pixels: three quarters to train on, a quarter to test on.

    A pixel is the share of a 4×4 block of the scanned image that is inked, x = count / 16. The split is the
    same every time, whatever the seed (see `hold_out_quarter`), with the ten classes balanced in both parts.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: x of shape (1352, 64) and (445, 64), float32 in [0, 1], the
        pixels row by row; y of shape (1352,) and (445,), int64, the digit 0 to 9. The arrays are the caller's
        own.

    Source:
        E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits. UCI Machine Learning Repository,
        1998, https://doi.org/10.24432/C50P49, CC BY 4.0.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape, int(y_train[0])
        ((1352, 64), (445, 64), 0)
    """
    packed = resources.files("gpunet.datasets").joinpath("digits.csv.gz").read_bytes()
    table = np.loadtxt(gzip.decompress(packed).decode("ascii").splitlines(), delimiter=",", dtype=np.int64)
    x = (table[:, :-1] / 16).astype(np.float32)
    y = table[:, -1]
    train, test = hold_out_quarter(y)
    return (x[train], y[train]), (x[test], y[test])
