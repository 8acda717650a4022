"""F scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import metrics
from gpunet.backend import Backend

TARGETS = np.array([[1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0]])
PREDICTIONS = np.array([[0.9, 0.2, 0.4], [0.6, 0.7, 0.1], [0.3, 0.8, 0.2], [0.1, 0.6, 0.9], [0.55, 0.1, 0.7]])
WEIGHTS = np.array([1.0, 2.0, 0.5, 1.0, 3.0])


@pytest.mark.parametrize(
    ("average", "beta", "plain", "weighted"),
    [  # scikit-learn's fbeta_score says
        (None, 1.0, [2 / 3, 0.8, 0.5], [0.76190476, 0.83333333, 0.33333333]),
        (None, 2.0, [2 / 3, 0.90909091, 0.5], [0.83333333, 0.92592593, 0.41666667]),
        ("micro", 1.0, 2 / 3, 2 / 3),
        ("micro", 2.0, 0.69444444, 0.75757576),
        ("macro", 1.0, 0.65555556, 0.64285714),
        ("macro", 2.0, 0.69191919, 0.72530864),
        ("weighted", 1.0, 0.65714286, 0.68650794),
        ("weighted", 2.0, 0.68831169, 0.76646091),
    ],
)
def test_against_scikit_learn(
    average: str | None, beta: float, plain: Any, weighted: Any, backend: Backend
) -> None:
    y_true, y_pred = backend.xp.asarray(TARGETS), backend.xp.asarray(PREDICTIONS)
    for weight, expected in ((None, plain), (backend.xp.asarray(WEIGHTS), weighted)):
        metric = metrics.FBetaScore(average, beta, 0.5)
        metric.to(backend)
        np.testing.assert_allclose(backend.download(metric(y_true, y_pred, weight)), expected, rtol=1e-6)
        if beta == 1.0:
            f1 = metrics.F1Score(average, 0.5)
            f1.to(backend)
            np.testing.assert_array_equal(
                backend.download(f1(y_true, y_pred, weight)), backend.download(metric.result())
            )


def test_without_a_threshold_the_largest_prediction_is_positive() -> None:
    one_hot = np.eye(3)[[0, 1, 2, 0, 0, 2]]
    y_pred = [[0.9, 0.1, 0], [0.2, 0.6, 0.2], [0, 0, 1], [0.4, 0.3, 0.3], [0, 0.9, 0.1], [0, 0, 1]]
    # precision 1, 1/2, 1; recall 2/3, 1, 1
    assert metrics.F1Score()(one_hot, y_pred).tolist() == pytest.approx([0.8, 2 / 3, 1.0])


def test_ties_are_all_positive_and_zero_never_is() -> None:
    metric = metrics.F1Score()
    metric.update_state([[1, 0], [1, 0]], [[0.5, 0.5], [0.0, 0.0]])
    assert metric.true_positives.tolist() == [1.0, 0.0]  # type: ignore[attr-defined]
    assert metric.false_positives.tolist() == [0.0, 1.0]  # type: ignore[attr-defined]
    assert metric.false_negatives.tolist() == [1.0, 0.0]  # type: ignore[attr-defined]


def test_perfect_is_exactly_one_and_nothing_right_exactly_zero() -> None:
    for average in (None, "micro", "macro", "weighted"):
        assert np.all(metrics.F1Score(average, dtype="float64")(np.eye(3), np.eye(3)) == 1.0)
        assert np.all(metrics.F1Score(average, dtype="float64")(np.eye(2), 1 - np.eye(2)) == 0.0)


def test_a_prediction_at_the_threshold_is_no() -> None:
    metric = metrics.F1Score(threshold=0.7)
    assert metric([[1], [1]], np.array([[0.7], [0.8]], "float32")).tolist() == pytest.approx([2 / 3])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"average": "mean"}, r"Invalid `average` argument value. Expected one of: \{None, 'micro'"),
        ({"beta": 1}, "Invalid `beta` argument value. It should be a Python float"),
        ({"beta": 0.0}, "It should be > 0. Received: beta=0.0"),
        ({"beta": float("nan")}, "It should be > 0. Received: beta=nan"),
        ({"threshold": 1}, "Invalid `threshold` argument value. It should be a Python float"),
        ({"threshold": 0.0}, "It should verify 0 < threshold <= 1. Received: threshold=0.0"),
        ({"threshold": 1.1}, "It should verify 0 < threshold <= 1. Received: threshold=1.1"),
    ],
)
def test_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metrics.FBetaScore(**options)


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"F1Score expects 2D inputs with shape \(batch_size, output_dim\)"):
        metrics.F1Score().update_state([0, 1], [0, 1])
    with pytest.raises(ValueError, match=r"same shape, got \(5,\) and \(5, 3\)"):
        metrics.F1Score().update_state([0, 1, 2, 0, 1], PREDICTIONS)
    metric = metrics.F1Score()
    metric.update_state(TARGETS, PREDICTIONS)
    with pytest.raises(ValueError, match=r"F1Score: expected predictions with 3 columns, got shape \(5, 2\)"):
        metric.update_state(TARGETS[:, :2], PREDICTIONS[:, :2])


def test_a_refused_first_batch_does_not_fix_the_number_of_columns() -> None:
    metric = metrics.F1Score()
    with pytest.raises(ValueError, match="F1Score: expected sample_weight"):
        metric.update_state(TARGETS, PREDICTIONS, [1.0, 2.0])
    assert metric(np.eye(2), np.eye(2)).tolist() == [1.0, 1.0]
