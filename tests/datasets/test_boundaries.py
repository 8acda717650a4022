"""The regions for no, one and two hidden layers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from gpunet.datasets import regions


def _best_line(x: NDArray[np.float32], y: NDArray[np.int64]) -> float:
    """Returns the best accuracy of any of 180 directions with any threshold."""
    best = 0.0
    for angle in np.linspace(0, 2 * np.pi, 180, endpoint=False):
        labels = y[np.argsort(x @ [np.cos(angle), np.sin(angle)])]
        right = (
            np.concatenate([[0], np.cumsum(1 - labels)])
            + labels.sum()
            - np.concatenate([[0], np.cumsum(labels)])
        )
        best = max(best, float(right.max()) / len(y))
    return best


def test_no_hidden_layer_a_line_separates_all() -> None:
    x, y = regions(hidden_layers=0, samples=1000)
    assert ((x.sum(axis=1) > 0) == y).all()
    assert _best_line(x, y) == 1.0


def test_one_hidden_layer_the_region_is_a_diamond_that_no_line_separates() -> None:
    x, y = regions(hidden_layers=1, samples=1000)
    assert ((np.abs(x).sum(axis=1) < 1) == y).all()
    # The best line cuts off one of the four corners: 1/2 + 1/8.
    assert _best_line(x, y) < 0.7


def test_two_hidden_layers_the_region_is_two_diamonds_and_so_not_convex() -> None:
    x, y = regions(hidden_layers=2, samples=1000)
    in_first = np.abs(x - [0.5, 0.5]).sum(axis=1) < 0.45
    in_second = np.abs(x - [-0.5, -0.5]).sum(axis=1) < 0.45
    assert (in_first | in_second).astype(int).tolist() == y.tolist()
    assert in_first.sum() > 200
    assert in_second.sum() > 200
    assert _best_line(x, y) < 0.9


@pytest.mark.parametrize("hidden_layers", [0, 1, 2])
def test_points_fill_the_square_and_keep_their_distance_from_the_boundary(hidden_layers: int) -> None:
    x, y = regions(hidden_layers, samples=2000)
    assert x.min() == pytest.approx(-1, abs=0.05)
    assert x.max() == pytest.approx(1, abs=0.05)
    # Moved by just less than the margin along either axis, every point keeps its side.
    for step in ([0.049, 0], [-0.049, 0], [0, 0.049], [0, -0.049]):
        moved = x + np.array(step)
        if hidden_layers == 0:
            inside = moved.sum(axis=1) > 0
        elif hidden_layers == 1:
            inside = np.abs(moved).sum(axis=1) < 1
        else:
            inside = np.minimum(np.abs(moved - 0.5).sum(axis=1), np.abs(moved + 0.5).sum(axis=1)) < 0.45
        assert (inside == y).all()


@pytest.mark.parametrize("hidden_layers", [-1, 3, "two"])
def test_other_numbers_of_layers_are_refused(hidden_layers: int) -> None:
    with pytest.raises(ValueError, match="hidden_layers 0, 1 or 2"):
        regions(hidden_layers)
