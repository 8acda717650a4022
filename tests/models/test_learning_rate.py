"""The range test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers, plots
from gpunet.backend import Backend
from gpunet.models.learning_rate import LearningRateSweep, steepest


def quadratic() -> Any:
    """A model of one weight whose loss is ``(w - 1)² · 4``, of second derivative 8: descent diverges above 2 / 8."""
    gpunet.set_random_seed(0)
    model = gpunet.Sequential(
        [layers.Input(shape=(1,)), layers.Dense(1, use_bias=False, kernel_initializer="zeros")]
    )
    model.compile("sgd", "mean_squared_error", metrics=["mae"])
    return model


X = np.full((40, 1), 2.0)


def test_the_suggestion_is_below_what_diverges_and_of_its_size(backend: Backend) -> None:
    y = X + np.random.default_rng(0).standard_normal(X.shape)
    sweep = quadratic().find_learning_rate(X, y, minimum=1e-4, maximum=10, batch_size=8)
    assert 0.001 < sweep.suggestion < 0.25
    assert sweep.rates[-1] < 10  # it ended where the loss diverged
    assert len(sweep.rates) == len(sweep.losses) == len(sweep.smoothed)


def test_losses_by_hand() -> None:
    """w ← w - α · 8 (w - 1), and the loss is that before the step."""
    sweep = quadratic().find_learning_rate(X, X, minimum=1e-3, maximum=1e-2, steps=10, batch_size=8)
    weight, expected = 0.0, []
    for rate in sweep.rates:
        expected.append(4 * (weight - 1) ** 2)
        weight -= rate * 8 * (weight - 1)
    np.testing.assert_allclose(sweep.losses, expected, rtol=1e-5)
    np.testing.assert_allclose(sweep.rates, np.geomspace(1e-3, 1e-2, 10))
    np.testing.assert_allclose(sweep.smoothed[0], sweep.losses[0])
    np.testing.assert_allclose(sweep.smoothed[1], (0.09 * sweep.losses[0] + 0.1 * sweep.losses[1]) / 0.19)


def test_the_suggestion_comes_before_the_lowest_loss() -> None:
    """Behind its lowest point the loss jumps to 3 and comes down from there twice as steeply as it fell before."""
    smoothed = [2.0] * 8 + [1.9, 1.5, 1.1, 1.0, 3.0, 2.0, 1.2]
    rates = np.geomspace(1e-4, 1e-4 * 2**14, 15)
    assert steepest(rates, np.array(smoothed)) == pytest.approx(1e-4 * 2**9)


def test_the_suggestion_for_digits_is_below_the_rate_of_the_lowest_loss() -> None:
    (x, y), _ = gpunet.datasets.digits.load_data()
    for seed in range(3):
        gpunet.set_random_seed(seed)
        model = gpunet.Sequential(
            [layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")]
        )
        model.compile("sgd", "sparse_categorical_crossentropy")
        found = model.find_learning_rate(x, y, minimum=1e-4)
        assert 0.01 < found.suggestion <= found.rates[np.argmin(found.smoothed)]


def test_seeds_are_drawn_as_if_it_had_not_run() -> None:
    """An unbuilt model begins with the same weights, and a model made later too."""
    found = []
    for asks in (False, True):
        gpunet.set_random_seed(3)
        model = gpunet.Sequential([layers.Dense(3), layers.Dropout(0.5), layers.Dense(1)])
        model.compile("sgd", "mean_squared_error")
        if asks:
            model.find_learning_rate(X, X, minimum=1e-4, maximum=1e-2, steps=10)
            assert not model.built
        history = model.fit(X, X, epochs=2, verbose=0)
        later = gpunet.Sequential([layers.Input(shape=(2,)), layers.Dense(2)])
        found.append((history.history["loss"], [weight.tolist() for weight in later.get_weights()]))
    assert found[0] == found[1]


def test_it_says_what_it_found() -> None:
    sweep = quadratic().find_learning_rate(X, X, minimum=1e-3, maximum=1e-2, steps=10)
    assert repr(sweep) == f"LearningRateSweep(10 steps from 0.001 to 0.01, suggestion={sweep.suggestion:.2g})"


def test_nothing_changes_in_the_model() -> None:
    model, twin = quadratic(), quadratic()
    for one in (model, twin):
        one.fit(X, X, verbose=0)
    before = model.get_state()
    model.find_learning_rate(X, X, minimum=1e-4)
    after = model.get_state()
    np.testing.assert_equal(after, before)
    histories = [one.fit(X, X, epochs=2, verbose=0).history for one in (model, twin)]
    assert histories[0] == histories[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minimum": 0.0}, "expected 0 < minimum < maximum"),
        ({"minimum": 1.0, "maximum": 0.1}, "expected 0 < minimum < maximum"),
        ({"steps": 3}, "at least 10 steps"),
        ({"minimum": 5.0}, "the loss diverged after"),
        ({"steps": 20.5}, "expected steps to be a positive whole number, got 20.5"),
        ({"batch_size": 0}, "expected batch_size to be a positive whole number, got 0"),
    ],
)
def test_ranges_that_tell_nothing(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quadratic().find_learning_rate(X, X, **options)


def test_a_loss_that_never_falls() -> None:
    model = quadratic()
    model.set_weights([[[1.0]]])
    with pytest.raises(ValueError, match="the loss falls at no rate from"):
        model.find_learning_rate(X, X, minimum=1e-4)


def test_a_rate_that_is_no_number() -> None:
    with pytest.raises(TypeError, match="expected numbers as rates, got 'small' and 10"):
        quadratic().find_learning_rate(X, X, minimum="small")


def test_data_that_don_t_fit() -> None:
    with pytest.raises(ValueError, match="x has 40 rows, y has 39 rows"):
        quadratic().find_learning_rate(X, X[1:])
    bare = gpunet.Sequential([layers.Dense(1)])
    with pytest.raises(RuntimeError, match=r"call compile\(optimizer, loss\) first"):
        bare.find_learning_rate(X, X)


def test_the_picture_marks_the_suggestion() -> None:
    sweep = quadratic().find_learning_rate(X, X, minimum=1e-4)
    ax = plots.learning_rate_finder(sweep)
    assert ax.get_xscale() == "log"
    assert ax.lines[2].get_xdata() == [sweep.suggestion] * 2
    drawn = plots.learning_rate_finder(quadratic(), X, X)
    np.testing.assert_array_equal(drawn.lines[0].get_ydata(), quadratic().find_learning_rate(X, X).losses)


def test_a_batch_that_diverges_doesn_t_flatten_the_rest() -> None:
    rates, losses, smoothed = (np.array(v) for v in ([0.1, 0.2, 0.4], [1.0, 0.5, 90.0], [1.0, 0.5, 2.0]))
    ax = plots.learning_rate_finder(LearningRateSweep(rates, losses, smoothed, 0.2))
    assert 2 < ax.get_ylim()[1] < 3


def test_what_has_no_picture() -> None:
    with pytest.raises(ValueError, match="a model needs the data x and y"):
        plots.learning_rate_finder(quadratic())
    with pytest.raises(TypeError, match="expected a sweep or a model, got 'sgd'"):
        plots.learning_rate_finder("sgd")
