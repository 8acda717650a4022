"""Values and gradients against Keras and by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gpunet import losses
from gpunet.backend import Backend

REAL = [[0.3, -1.2, 2.0], [1.5, 0.0, -0.7]], [[0.5, -1.0, -0.5], [4.0, 0.25, -0.7]]
POSITIVE = [[0.3, 1.2, 2.0], [1.5, 0.0, 0.7]], [[0.5, 1.0, 0.5], [4.0, 0.25, -0.7]]
PERCENT = [[0.4, 1.3, 2.1], [1.6, 0.1, 0.8]], POSITIVE[1]
COUNTS = POSITIVE[0], [[0.5, 1.0, 0.5], [4.0, 0.25, 0.7]]
LOGITS = [[1.5, -0.5, 0.25], [-2.0, 3.0, 0.5]]
CHANCES = [[0.2, 0.5, 0.3], [0.0, 1.0, 0.0]], [[0.1, 0.6, 0.4], [0.0, 0.9, 0.2]]
YES_NO = [[1.0, 0.0, 0.25], [0.0, 1.0, 1.0]], [[0.8, 0.3, 0.25], [0.0, 1.0, 0.4]]
SIGNS = [[1.0, -1.0, 1.0], [-1.0, -1.0, 1.0]], [[0.5, 0.25, 2.0], [-3.0, 0.5, -1.5]]
BITS = [[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]], SIGNS[1]
TWICE = [[0.4, 1.0, 0.6], [0.0, 2.0, 0.0]]
THIRDS = 1 / 3

# function, options, (targets, predictions), the values and gradients of Keras 3.15.1 with JAX in float64
KERAS: list[tuple[str, dict[str, Any], tuple[Any, Any], list[float], list[list[float]]]] = [
    (
        "mean_squared_error",
        {},
        REAL,
        [2.11, 2.104167],
        [[0.13333, 0.13333, -1.66667], [1.66667, 0.16667, 0]],
    ),
    (
        "mean_squared_logarithmic_error",
        {},
        POSITIVE,
        [0.170005, 0.270604],
        [[0.0636, -0.03177, -0.30807], [0.09242, 0.11901, 0]],
    ),
    (
        "mean_absolute_error",
        {},
        PERCENT,
        [0.666667, 1.35],
        [[THIRDS, -THIRDS, -THIRDS], [THIRDS, THIRDS, -THIRDS]],
    ),
    (
        "mean_absolute_percentage_error",
        {},
        PERCENT,
        [41.422468, 162.5],
        [[83.33334, -25.64103, -15.87302], [20.83333, 333.33336, -41.66667]],
    ),
    ("huber", {}, REAL, [0.68, 0.677083], [[0.06667, 0.06667, -0.33333], [0.33333, 0.08333, 0]]),
    ("huber", {"delta": 0.4}, REAL, [0.32, 0.317083], [[0.06667, 0.06667, -0.13333], [0.13333, 0.08333, 0]]),
    ("log_cosh", {}, REAL, [0.617768, 0.614833], [[0.06579, 0.06579, -0.32887], [0.32887, 0.08164, 0]]),
    ("kl_divergence", {}, CHANCES, [-0.038836, 0.105359], [[-2, -0.83333, -0.75], [0, -1.11111, 0]]),
    ("poisson", {}, COUNTS, [1.198079, 1.040077], [[0.13333, -0.06667, -1], [0.20833, 0.33333, 0]]),
    ("hinge", {}, SIGNS, [0.583333, 1.333333], [[-THIRDS, THIRDS, 0], [0, THIRDS, -THIRDS]]),
    ("hinge", {}, BITS, [0.583333, 1.333333], [[-THIRDS, THIRDS, 0], [0, THIRDS, -THIRDS]]),
    ("squared_hinge", {}, SIGNS, [0.604167, 2.833333], [[-0.33333, 0.83333, 0], [0, 1, -1.66667]]),
    (
        "cosine_similarity",
        {},
        REAL,
        [-0.121523, -0.963691],
        [[-0.06366, 0.33564, -0.73493], [0.01015, 0.01456, 0.06319]],
    ),
    (
        "cosine_similarity",
        {"axis": 0},
        REAL,
        [-0.997334, -0.970143, 0.279789],
        [[-0.01796, 0.05707, -0.90817], [0.00225, 0.22827, 0.64869]],
    ),
    ("binary_crossentropy", {}, YES_NO, [0.380718, 0.30543], [[-0.41667, 0.47619, 0], [0, 0, -0.83333]]),
    (
        "binary_crossentropy",
        {"label_smoothing": 0.2},
        (YES_NO[0], [[0.8, 0.3, 0.25], [0.0, 0.9, 0.4]]),
        [0.473481, 0.937546],
        [[-0.20833, 0.31746, -0.08889], [0, 0, -0.69444]],
    ),
    (
        "binary_crossentropy",
        {"axis": 0},
        YES_NO,
        [0.111572, 0.178338, 0.739313],
        [[-0.625, 0.71429, 0], [0, 0, -1.25]],
    ),
    (
        "binary_crossentropy",
        {"from_logits": True},
        (YES_NO[0], LOGITS),
        [0.479643, 0.216531],
        [[-0.06081, 0.12585, 0.10406], [0.03973, -0.01581, -0.12585]],
    ),
    (
        "binary_crossentropy",
        {"from_logits": True, "label_smoothing": 0.2},
        (YES_NO[0], LOGITS),
        [0.542143, 0.399864],
        [[-0.02748, 0.09251, 0.08739], [0.0064, 0.01752, -0.09251]],
    ),
    (
        "categorical_crossentropy",
        {},
        CHANCES,
        [1.086127, 0.200671],
        [[-1.09091, 0.07576, 0.15909], [0.90909, -0.20202, 0.90909]],
    ),
    (
        "categorical_crossentropy",
        {"label_smoothing": 0.3},
        CHANCES,
        [1.161852, 1.942821],
        [[-1.49091, 0.15909, 0.13409], [0.81818, -0.07071, 0.31818]],
    ),
    (
        "categorical_crossentropy",
        {"from_logits": True},
        (TWICE, LOGITS),
        [3.453904, 0.170194],
        [[1.00663, -0.80963, -0.19699], [0.01238, -0.16315, 0.15078]],
    ),
    (
        "categorical_crossentropy",
        {"from_logits": True, "label_smoothing": 0.3},
        (CHANCES[0], LOGITS),
        [1.639452, 0.835097],
        [[0.46331, -0.35482, -0.1085], [-0.09381, 0.11842, -0.02461]],
    ),
    (
        "categorical_crossentropy",
        {"axis": 0},
        (CHANCES[0], [[0.2, 0.7, 0.5], [0.1, 1.0, 0.3]]),
        [0.081093, 0.97428, 0.141001],
        [[-0.33333, 0.16807, -0.225], [0.66667, -0.11765, 0.375]],
    ),
    (
        "categorical_crossentropy",
        {"axis": 0, "from_logits": True},
        (CHANCES[0], LOGITS),
        [0.00595, 1.794626, 0.247782],
        [[-0.00586, -0.45603, -0.16865], [0.00586, 0.45603, 0.16865]],
    ),
    (
        "sparse_categorical_crossentropy",
        {},
        ([2, 1], CHANCES[1]),
        [1.011601, 0.200671],
        [[0.90909, 0.90909, -1.59091], [0.90909, -0.20202, 0.90909]],
    ),
    (
        "sparse_categorical_crossentropy",
        {"from_logits": True},
        ([2, 1], LOGITS),
        [1.601952, 0.085097],
        [[0.70331, 0.09518, -0.7985], [0.00619, -0.08158, 0.07539]],
    ),
    (
        "sparse_categorical_crossentropy",
        {},
        ([0, 0], [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]),
        [1e-7, 16.118096],
        [[0, 0, 0], [0, 0, 0]],
    ),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("name", "options", "data", "values", "gradient"),
    KERAS,
    ids=[f"{name} {' '.join(options)}" for name, options, *_ in KERAS],
)
def test_keras_says(
    name: str,
    options: dict[str, Any],
    data: tuple[Any, Any],
    values: list[float],
    gradient: list[list[float]],
    dtype: str,
    backend: Backend,
) -> None:
    function = getattr(losses, name)
    y_true, y_pred = backend.xp.asarray(data[0]), backend.xp.asarray(data[1], dtype=dtype)
    received = function(y_true, y_pred, **options)
    assert received.dtype == dtype
    np.testing.assert_allclose(backend.download(received), values, rtol=2e-6, atol=1e-6)
    loss = type(losses.get(name))(**options, dtype=dtype)
    np.testing.assert_allclose(
        backend.download(loss.gradient(y_true, y_pred)), gradient, rtol=1e-5, atol=1e-5
    )


def test_the_clip_in_single_precision() -> None:
    """1 - 1e-7 is 1 - 2⁻²³ there, so a wrong certainty costs 15.9 or 16.1: Keras 3.15.1 says so, too."""
    wrong = losses.binary_crossentropy([[0.0], [1.0]], np.array([[1], [0]], np.float32))
    np.testing.assert_allclose(wrong, [15.942385, 16.118095], rtol=1e-7)


def test_the_lectures_cost() -> None:
    """J = 1/(2m) Σ (f(xᵢ) - yᵢ)² of f(x) = x at (1, 1), (2, 2), (3, 5): 4/6; ∂J/∂f = (f - y)/m."""
    y, f = np.array([[1.0], [2.0], [5.0]]), np.array([[1.0], [2.0], [3.0]])
    loss = losses.HalfMeanSquaredError(dtype="float64")
    assert loss(y, f) == pytest.approx(4 / 6)
    assert loss.gradient(y, f).tolist() == [[0.0], [0.0], [-2.0]]


def test_half_the_squared_error_sums_over_outputs() -> None:
    assert losses.half_mean_squared_error([[1.0, 2.0, 0.0]], [[2.0, 0.0, 0.0]]).tolist() == [2.5]
    one = losses.half_mean_squared_error([[3.0]], [[0.0]])
    assert one == losses.mean_squared_error([[3.0]], [[0.0]]) / 2


def test_entropy_of_a_coin_and_of_a_die() -> None:
    assert losses.binary_crossentropy([[1.0], [0.0]], [[0.5], [0.5]]) == pytest.approx(math.log(2))
    die = np.full((1, 6), 1 / 6)
    assert losses.categorical_crossentropy(die, die) == pytest.approx(math.log(6))
    assert losses.sparse_categorical_crossentropy([4], die) == pytest.approx(math.log(6))
    assert losses.sparse_categorical_crossentropy([4], 0 * die, from_logits=True) == pytest.approx(
        math.log(6)
    )


def test_sparse_is_categorical_with_one_hot_targets() -> None:
    random = np.random.default_rng(0)
    labels, scores = random.integers(0, 5, (7, 3)), random.standard_normal((7, 3, 5))
    one_hot = np.eye(5)[labels]
    for y_pred, options in ((np.exp(scores), {}), (scores, {"from_logits": True})):
        sparse = losses.SparseCategoricalCrossentropy(**options, dtype="float64")
        categorical = losses.CategoricalCrossentropy(**options, dtype="float64")
        assert sparse(labels, y_pred) == pytest.approx(categorical(one_hot, y_pred))
        assert sparse(labels[..., None], y_pred) == sparse(labels, y_pred)
        np.testing.assert_allclose(
            sparse.gradient(labels, y_pred), categorical.gradient(one_hot, y_pred), atol=1e-14
        )


def test_sparse_along_another_axis() -> None:
    random = np.random.default_rng(1)
    labels, scores = random.integers(0, 5, (7, 3)), random.standard_normal((7, 3, 5))
    moved = np.moveaxis(scores, -1, 1)
    for from_logits in (True, False):
        y_pred, y_moved = (scores, moved) if from_logits else (np.exp(scores), np.exp(moved))
        last = losses.SparseCategoricalCrossentropy(from_logits, dtype="float64")
        middle = losses.SparseCategoricalCrossentropy(from_logits, axis=1, dtype="float64")
        assert middle(labels, y_moved) == pytest.approx(last(labels, y_pred))
        assert middle(labels[:, None], y_moved) == pytest.approx(last(labels, y_pred))
        gradient = np.moveaxis(middle.gradient(labels, y_moved), 1, -1)
        np.testing.assert_allclose(gradient, last.gradient(labels, y_pred), atol=1e-14)


IGNORING = {  # Keras 3.15.1 says, for class 1 ignored: without and with sample weights 2, 1, 1/2
    "sum_over_batch_size": (1.2410254, 1.8219766),
    "mean": (1.2410254, 1.8219766),
    "sum": (2.4820508, 3.6439532),
    "none": ([1.6019518, 0.0, 0.8800989], [3.2039037, 0.0, 0.4400495]),
}


@pytest.mark.parametrize("reduction", IGNORING)
def test_an_ignored_class(reduction: str, backend: Backend) -> None:
    labels = backend.xp.asarray([2, 1, 0])
    logits = backend.xp.asarray([[1.5, -0.5, 0.25], [-2.0, 3.0, 0.5], [0.5, 0.1, 0.2]])
    loss = losses.SparseCategoricalCrossentropy(True, 1, reduction)
    plain, weighted = IGNORING[reduction]
    np.testing.assert_allclose(backend.download(loss(labels, logits)), plain, rtol=1e-6)
    np.testing.assert_allclose(
        backend.download(loss(labels, logits, backend.xp.asarray([2.0, 1.0, 0.5]))), weighted, rtol=1e-6
    )


def test_an_ignored_class_may_lie_outside_the_range() -> None:
    chances = [[0.25, 0.75], [0.5, 0.5], [0.5, 0.5]]
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1, dtype="float64")
    assert loss([0, -1, 1], chances) == pytest.approx((math.log(4) + math.log(2)) / 2)
    assert loss.gradient([0, -1, 1], chances)[1].tolist() == [0.0, 0.0]
    assert loss([-1, -1, -1], chances) == 0.0


def test_a_vector_without_direction() -> None:
    """A norm below 1e-7 counts as 1e-7, so -ŷ·f̂ is linear there."""
    y, tiny = np.array([[3.0, 4.0]]), np.array([[1e-8, 0.0]])
    loss = losses.CosineSimilarity(dtype="float64")
    assert loss(y, tiny) == pytest.approx(-0.06)
    np.testing.assert_allclose(loss.gradient(y, tiny), [[-0.6e7, -0.8e7]])
    assert loss(y, np.zeros((1, 2))) == 0.0
    assert loss(np.zeros((1, 2)), y) == 0.0
