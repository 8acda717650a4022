"""Paths of optimizers, by hand and by what is known of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot

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
    paths = [line for line in ax.lines if line.get_label() in usual()]
    assert [len(line.get_xdata()) for line in paths] == [4] * 6
    ends = {line.get_label(): line.get_xydata() for line in ax.lines if line.get_label().startswith("_end")}
    for line in paths:
        np.testing.assert_array_equal(ends[f"_end of {line.get_label()}"], line.get_xydata()[-1:])


def test_gradient_descent_on_the_saddle_by_hand() -> None:
    """θ₁ ← θ₁ (1 - 2α), and θ₂ ← θ₂ + α (2 θ₂ - θ₂³)."""
    a, b, expected = 1.5, 0.02, [(1.5, 0.02)]
    for _ in range(30):
        a, b = a * 0.8, b + 0.1 * (2 * b - b**3)
        expected.append((a, b))
    np.testing.assert_allclose(path(saddle(), optimizers.SGD(0.1), 30), expected, rtol=1e-12)


def test_an_optimizer_draws_the_same_path_again_and_stays_as_it_was() -> None:
    momentum = optimizers.SGD(0.1, momentum=0.8)
    first = path(valley(), momentum, 20)
    path(saddle(), momentum, 20)
    np.testing.assert_array_equal(path(valley(), momentum, 20), first)
    assert momentum.iterations == 0


def test_an_optimizer_of_one_s_own_and_a_function_as_its_rate() -> None:
    class Own(optimizers.SGD):
        """Registered nowhere."""

    expected = path(valley(), optimizers.SGD(0.1), 5)
    np.testing.assert_array_equal(path(valley(), Own(0.1), 5), expected)
    np.testing.assert_array_equal(path(valley(), optimizers.SGD(lambda: 0.1), 5), expected)


def test_a_model_s_optimizer_keeps_its_slots() -> None:
    optimizer = optimizers.Adam(0.2)
    variable = np.array([1.0, 2.0])
    optimizer.apply_gradients([(np.array([0.5, -0.5]), variable)])
    slots = {name: slot.copy() for name, slot in optimizer.state.items()}
    np.testing.assert_array_equal(path(valley(), optimizer, 5), path(valley(), optimizers.Adam(0.2), 5))
    assert optimizer.iterations == 1
    np.testing.assert_equal(optimizer.state, slots)


def test_a_path_ends_where_it_overflows() -> None:
    way = path(saddle(), optimizers.SGD(5.0), 60)
    assert 2 < len(way) < 61
    assert np.isfinite(way).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"optimizers": ["adam"]}, "expected {name: optimizer}, got "),
        ({"optimizers": {"Adam": "adam"}}, "expected {name: optimizer}, got "),
        ({"surface": 5}, "expected a Surface or its name, got 5"),
    ],
)
def test_what_is_no_optimizer_or_surface(arguments: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        plots.optimizer_paths(**arguments)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("surface", "steps", "message"),
    [
        ("vally", 5, 'Did you mean "valley"'),
        ("saddle", 0, "expected steps to be a positive whole number, got 0"),
        ("saddle", 2.5, "expected steps to be a positive whole number, got 2.5"),
    ],
)
def test_what_can_t_be_drawn(surface: Any, steps: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.optimizer_paths(surface, steps=steps)
