"""Paths of optimizers, by hand and by what is known of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import datasets, optimizers, plots
from gpunet.plots.optimizer_paths import SURFACES, logistic, path, saddle, usual, valley


def test_gradient_descent_in_the_valley_by_hand() -> None:
    """θ₁ shrinks by 1 - α/10 at each step, θ₂ by 1 - 2α."""
    steps = np.arange(4)[:, None]
    expected = np.array([-7.0, 2.0]) * np.array([1 - 0.5 / 10, 1 - 2 * 0.5]) ** steps
    np.testing.assert_allclose(path(valley(), optimizers.SGD(0.5), 3), expected)


@pytest.mark.parametrize("name", SURFACES)
def test_gradients_are_those_of_the_surface(name: str) -> None:
    surface = SURFACES[name]()
    place, step = np.array(surface.start), 1e-6
    found = surface.gradient(place)
    for axis in range(2):
        ahead, behind = place.copy(), place.copy()
        ahead[axis] += step
        behind[axis] -= step
        slope = (surface.value(*ahead) - surface.value(*behind)) / (2 * step)
        assert found[axis] == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("name", usual())
def test_everyone_arrives_lower_than_he_started(name: str) -> None:
    for surface in (valley(), saddle(), logistic()):
        way = path(surface, usual()[name], 60)
        assert surface.value(*way[-1]) < 0.8 * surface.value(*way[0])


def test_the_logistic_loss_is_that_of_the_course() -> None:
    x, y = datasets.students()
    assert logistic().value(0.0, 0.0) == pytest.approx(np.log(2))
    z = 2 * (x[:, 0] - x[:, 0].mean()) / x[:, 0].std() - 1
    p = 1 / (1 + np.exp(-z))
    expected = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    assert logistic().value(2.0, -1.0) == pytest.approx(expected, rel=1e-5)


def test_one_line_an_optimizer() -> None:
    ax = plots.optimizer_paths("valley", steps=3)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(usual())
    assert all(len(line.get_xdata()) == 4 for line in ax.lines[:6])


@pytest.mark.parametrize(
    ("surface", "steps", "message"),
    [("vally", 5, 'Did you mean "valley"'), ("saddle", 0, "expected at least one step, got 0")],
)
def test_what_can_t_be_drawn(surface: Any, steps: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.optimizer_paths(surface, steps=steps)
