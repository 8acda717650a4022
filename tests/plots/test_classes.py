"""Classes, however they are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet.plots.classes import class_indices


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 2, 1], [0, 2, 1]),
        ([[0.0], [2.0]], [0, 2]),
        ([True, False], [1, 0]),
        ([-1, 1, -1], [0, 1, 0]),
        ([[-1.0], [1.0]], [0, 1]),
        ([[0.2], [0.7]], [0, 1]),
        ([[0, 1, 0], [1, 0, 0]], [1, 0]),
        ([[0.2, 0.1, 0.7]], [2]),
        (np.zeros((0, 3)), []),
    ],
)
def test_classes(values: Any, expected: Any) -> None:
    found = class_indices(values, "y")
    assert found.dtype.kind == "i"
    assert found.tolist() == expected


@pytest.mark.parametrize(
    "values",
    [[0, -1, 2], [0.5, 1.5], [np.nan, 1.0], [np.inf, 1.0], [[np.nan, 1.0]], np.zeros((2, 3, 4)), [-0.9, 0.8]],
)
def test_what_are_no_classes(values: Any) -> None:
    with pytest.raises(
        ValueError, match="y: expected class indices, -1 and 1, one-hot rows, or probabilities"
    ):
        class_indices(values, "y")
