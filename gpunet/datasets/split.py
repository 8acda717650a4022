"""The held-out quarter: one fixed rule that every data set here is split by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# 2^32 divided by the golden ratio: its multiples modulo 2^32 spread evenly and repeat no short period (Knuth,
# The Art of Computer Programming, volume 3, section 6.4).
_GOLDEN = 2654435769


def hold_out_quarter(labels: NDArray[np.generic]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the row numbers to train on and the row numbers to test on, a quarter of each class.

    Row i of a class (in the order of the file) has the key i · 2654435769 mod 2^32; the ⌊n/4⌋ rows of its n
    with the largest keys are held out. The rule needs no random numbers, so it gives the same split with
    every seed and every version of NumPy, and, other than "every fourth row", it does not fall into step with
    a file that repeats itself.
    Both parts come in the order of the keys: each class is spread evenly over the rows, also where the file
    is sorted by class, so that `validation_split`, which takes the last rows, gets all classes.

    Args:
        labels: the class of each row, shape (rows,); all zeros where there are no classes.

    Returns:
        Two int64 arrays, disjoint, that together hold every row once.

    Raises:
        ValueError: if no class has four rows, so that nothing can be held out.

    Example:
        >>> import numpy as np
        >>> train, test = hold_out_quarter(np.array([0, 0, 0, 0, 1, 1, 1, 1]))
        >>> train.tolist(), test.tolist()
        ([0, 4, 2, 6, 1, 5], [3, 7])
    """
    keys = np.zeros(len(labels), dtype=np.int64)
    held_out = np.zeros(len(labels), dtype=bool)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        keys[rows] = np.arange(len(rows), dtype=np.int64) * _GOLDEN % 2**32
        by_key = rows[np.argsort(keys[rows])]
        held_out[by_key[len(rows) - len(rows) // 4 :]] = True
    if not held_out.any():
        raise ValueError(
            f"expected at least four rows of a class, to hold one of them out for the test, got "
            f"{len(labels)} rows in all and no class with four; add rows"
        )
    order = np.argsort(keys, kind="stable").astype(np.int64)
    return order[~held_out[order]], order[held_out[order]]
