"""The loss around a model, against what can be computed by hand."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.backend import Backend
from gpunet.models.landscape import losses_at
from gpunet.plots.loss_landscape import filter_normalised, moved, principal_directions

X, Y = np.array([[1.0], [2.0], [3.0]]), np.array([[2.0], [4.0], [6.0]])


def regression(weight: float = 2.0, bias: float = 0.0) -> Any:
    """``y = weight · x + bias``; its squared error is a quadratic of both."""
    model = gpunet.Sequential([layers.Input(shape=(1,)), layers.Dense(1)])
    model.compile("sgd", "mean_squared_error")
    model.set_weights([[[weight]], [bias]])
    return model


def quadratic(weight: Any, bias: Any) -> Any:
    error = np.multiply.outer(weight, X[:, 0]) + np.asarray(bias)[..., None] - Y[:, 0]
    return (error**2).mean(axis=-1)


def test_losses_at_other_weights(backend: Backend) -> None:
    model = regression()
    places = [(1.0, 0.0), (2.0, 1.0), (0.0, 0.0)]
    found = losses_at(model, [[np.array([[w]]), np.array([b])] for w, b in places], X, Y)
    np.testing.assert_allclose(found, [quadratic(w, b) for w, b in places], rtol=1e-6)
    assert [weight.tolist() for weight in model.get_weights()] == [[[2.0]], [0.0]]


def test_the_weights_come_back_after_a_failure() -> None:
    model = regression()
    with pytest.raises(ValueError, match="shape"):
        losses_at(model, [[np.ones((1, 1)), np.ones(1)], [np.ones((2, 2)), np.ones(1)]], X, Y)
    assert model.get_weights()[0].tolist() == [[2.0]]


def test_a_curve_is_the_quadratic() -> None:
    model = regression()
    ax = plots.loss_landscape(model, X, Y, dimensions=1, reach=0.5, points=11)
    steps, losses = ax.lines[0].get_data()
    np.testing.assert_allclose(steps, np.linspace(-0.5, 0.5, 11))
    # A filter of one weight is normalised to ±2, and the bias isn't moved.
    np.testing.assert_allclose(losses, quadratic(2 + 2 * steps, 0 * steps), rtol=1e-5, atol=1e-6)


def test_contours_show_the_minimum() -> None:
    ax = plots.loss_landscape(regression(), X, Y, points=9)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["the model"]
    np.testing.assert_allclose([*ax.get_xlim(), *ax.get_ylim()], [-1, 1, -1, 1])


def test_a_surface_has_three_axes() -> None:
    ax = plots.loss_landscape(regression(), X, Y, points=5, surface=True)
    assert ax.get_zlabel() == "loss"


def test_filters_of_a_direction_are_as_long_as_the_model_s() -> None:
    generator = np.random.default_rng(0)
    center = [generator.standard_normal((5, 3)), generator.standard_normal(3)]
    kernel, bias = filter_normalised(center, generator)
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), np.linalg.norm(center[0], axis=0))
    assert not bias.any()
    assert not np.allclose(np.abs(kernel), np.abs(center[0]))


def test_the_same_seed_gives_the_same_directions() -> None:
    center = [np.ones((4, 2))]
    first, second = (filter_normalised(center, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_trajectory_in_a_plane_lies_in_its_components() -> None:
    generator = np.random.default_rng(1)
    center = [generator.standard_normal((2, 3)), generator.standard_normal(3)]
    a, b = ([generator.standard_normal(w.shape) for w in center] for _ in range(2))
    places = [moved(center, [a, b], steps) for steps in ((-3.0, 1.0), (-1.0, 2.0), (0.0, 0.0))]
    directions, path = principal_directions(places, center)
    flat = np.array([np.concatenate([part.ravel() for part in one]) for one in directions])
    np.testing.assert_allclose(flat @ flat.T, np.eye(2), atol=1e-12)
    for place, steps in zip(places, path, strict=True):
        for found, expected in zip(moved(center, directions, steps), place, strict=True):
            np.testing.assert_allclose(found, expected, atol=1e-12)


def test_a_trajectory_is_drawn_and_ends_at_the_model() -> None:
    model, trajectory = regression(0.0, 1.0), plots.Trajectory()
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[trajectory])
    assert len(trajectory.weights) == 5
    ax = plots.loss_landscape(model, X, Y, trajectory=trajectory, points=7)
    (drawn,) = [line for line in ax.lines if line.get_label() == "trajectory"]
    assert len(drawn.get_xdata()) == 5
    np.testing.assert_allclose([drawn.get_xdata()[-1], drawn.get_ydata()[-1]], 0, atol=1e-6)


def test_on_a_surface_a_trajectory_lies_on_it() -> None:
    """The loss of y = ax + b on these data, at each of its points: all of them are in the plane of the picture."""
    model, trajectory = regression(0.0, 1.0), plots.Trajectory()
    model.fit(X, Y, epochs=4, verbose=0, callbacks=[trajectory])
    ax = plots.loss_landscape(model, X, Y, trajectory=trajectory, points=7, surface=True)
    (drawn,) = [line for line in ax.lines if line.get_label() == "trajectory"]
    places = np.array([[kernel[0, 0], bias[0]] for kernel, bias in trajectory.weights])
    np.testing.assert_allclose(drawn.get_data_3d()[2], quadratic(*places.T), rtol=1e-4)


def test_a_loss_of_0_everywhere() -> None:
    ax = plots.loss_landscape(regression(), 0 * X, 0 * X, points=3)
    bar = next(one for one in ax.figure.axes if one is not ax)
    assert "1e-18" not in [label.get_text() for label in bar.get_yticklabels()]


@pytest.mark.parametrize("options", [{"dimensions": 3}, {"dimensions": 1, "surface": True}])
def test_what_can_t_be_drawn(options: Any) -> None:
    with pytest.raises(ValueError, match="expected 2 dimensions, or 1 without"):
        plots.loss_landscape(regression(), X, Y, **options)
    assert pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"points": 1}, "expected at least two points, got 1"),
        ({"points": 2.5}, "expected at least two points, got 2.5"),
        ({"reach": 0.0}, "expected a reach above 0, got 0.0"),
        ({"reach": float("nan")}, "expected a reach above 0, got nan"),
        ({"dimensions": "2"}, "expected 2 dimensions, or 1 without .* got '2'"),
        ({"trajectory": plots.Trajectory()}, "at least three points that moves"),
    ],
)
def test_pictures_that_show_nothing(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        plots.loss_landscape(regression(), X, Y, **options)
    assert pyplot.get_fignums() == []


def test_a_surface_on_flat_axes() -> None:
    with pytest.raises(TypeError, match="needs three-dimensional axes"):
        plots.loss_landscape(regression(), X, Y, surface=True, ax=pyplot.subplots()[1])


def test_what_is_no_trajectory() -> None:
    with pytest.raises(TypeError, match=r"expected the callback plots.Trajectory .* got \[1\]"):
        plots.loss_landscape(regression(), X, Y, trajectory=[1])


def test_a_trajectory_of_another_model() -> None:
    trajectory = plots.Trajectory()
    trajectory.weights = [[np.full((1, 2), float(step)), np.zeros(2)] for step in range(3)]
    with pytest.raises(ValueError, match="expected a trajectory of this model"):
        plots.loss_landscape(regression(), X, Y, trajectory=trajectory)


def test_a_model_of_one_weight_has_no_plane() -> None:
    with pytest.raises(ValueError, match="a single weight has no plane"):
        principal_directions([[np.array([[step]])] for step in (3.0, 1.0, 0.0)], [np.array([[0.0]])])


def test_a_straight_trajectory_is_drawn_with_something_beside_it() -> None:
    trajectory = plots.Trajectory()
    trajectory.weights = [[np.array([[2.0 + step]]), np.array([2.0 * step])] for step in (3, 2, 1, 0)]
    ax = plots.loss_landscape(regression(), X, Y, trajectory=trajectory, points=5)
    width, height = (np.ptp(limits) for limits in (ax.get_xlim(), ax.get_ylim()))
    assert width == pytest.approx(1.6 * 3 * 5**0.5)
    assert height == pytest.approx(0.1 * width)


def test_the_memory_of_a_landscape_is_that_of_a_few_points() -> None:
    model = gpunet.Sequential([layers.Input(shape=(300,)), layers.Dense(300)], backend="numpy")
    model.compile("sgd", "mean_squared_error")
    plots.loss_landscape(model, np.ones((2, 300)), np.ones((2, 300)), points=2)
    tracemalloc.start()
    plots.loss_landscape(model, np.ones((2, 300)), np.ones((2, 300)), points=12)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * 8 * model.count_params()  # of 144 points


def test_a_trajectory_that_stands_still() -> None:
    model, trajectory = regression(), plots.Trajectory()
    trajectory.weights = [model.get_weights()] * 3
    with pytest.raises(ValueError, match="at least three points that moves"):
        plots.loss_landscape(model, X, Y, trajectory=trajectory)
