"""Errors of predicted numbers, and the coefficient of determination."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import metrics
from gpunet.backend import Backend

TARGETS = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.25, 2.0]])
PREDICTIONS = np.array([[0.4, 0.5, 0.6], [0.1, 0.2, 0.3], [0.5, 0.8, 0.2], [0.25, 0.5, 1.0]])
WEIGHTS = np.array([1.0, 2.0, 0.5, 3.0])


@pytest.mark.parametrize(
    ("name", "plain", "weighted"),
    [  # Keras 3.15.1 says
        ("mean_squared_error", 0.28041667, 0.30205128),
        ("mean_absolute_error", 0.45833334, 0.45897436),
        ("root_mean_squared_error", 0.52954382, 0.54959190),
        ("mean_squared_logarithmic_error", 0.11322079, 0.09889908),
        ("cosine_similarity", 0.67062360, 0.74603754),
        ("log_cosh_error", 0.12854037, 0.13633248),
    ],
)
def test_against_keras(name: str, plain: float, weighted: float, backend: Backend) -> None:
    y_true, y_pred = backend.xp.asarray(TARGETS), backend.xp.asarray(PREDICTIONS)
    for weight, expected in ((None, plain), (backend.xp.asarray(WEIGHTS), weighted)):
        metric = metrics.get(name)
        metric.to(backend)
        assert float(metric(y_true, y_pred, weight)) == pytest.approx(expected, rel=1e-6)


def test_percentages_against_keras() -> None:
    metric = metrics.MeanAbsolutePercentageError()
    assert float(metric(TARGETS + 1, PREDICTIONS)) == pytest.approx(67.916672, rel=1e-6)
    metric.reset_state()
    assert float(metric(TARGETS + 1, PREDICTIONS, WEIGHTS)) == pytest.approx(71.666672, rel=1e-6)


def test_the_root_is_taken_over_all_batches() -> None:
    metric = metrics.RootMeanSquaredError(dtype="float64")
    metric.update_state([2, 4, 6], [1, 3, 2])  # errors 1, 1, 4
    assert float(metric.result()) == pytest.approx(6**0.5)
    metric.update_state([8], [1])
    assert float(metric.result()) == pytest.approx((67 / 4) ** 0.5)
    metric.reset_state()
    assert float(metric([2, 4, 6, 8], [1, 3, 2, 3], [0, 1, 0, 1])) == pytest.approx(13**0.5)


def test_the_root_of_large_errors_does_not_overflow() -> None:
    metric = metrics.RootMeanSquaredError()
    assert float(metric(np.zeros(3, "float32"), np.full(3, 1e30, "float32"))) == pytest.approx(1e30)


def test_weights_of_values() -> None:
    metric = metrics.RootMeanSquaredError()
    weights = np.array([[1, 0], [0, 3]])
    assert float(metric([[0, 0], [0, 0]], [[1, 7], [7, 3]], weights)) == pytest.approx((28 / 4) ** 0.5)


def test_a_column_and_a_row_of_targets() -> None:
    for y_true in ([1.0, 2.0], [[1.0], [2.0]]):
        assert float(metrics.RootMeanSquaredError()(y_true, [[4.0], [5.0]])) == 3.0
        assert float(metrics.MeanSquaredError()(y_true, [[4.0], [5.0]])) == 9.0
        assert float(metrics.MeanAbsoluteError()(y_true, [[4.0], [5.0]])) == 3.0


def test_cosine_of_right_angles_and_of_zero() -> None:
    values = metrics.cosine_similarity([[0, 2], [1, 0], [1, 0], [0, 0]], [[0, 3], [-1, 0], [0, 5], [1, 1]])
    assert values.tolist() == [1.0, -1.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("aggregation", "regressors", "plain", "weighted"),
    [  # Keras 3.15.1 says; without regressors scikit-learn's r2_score does, too
        (None, 0, [0.2981818, -1.3702326, 0.5309091], [0.2239394, -0.9896716, 0.3847888]),
        (None, 2, [0.1422222, -1.8969510, 0.4266667], [0.0514814, -1.4318208, 0.2480752]),
        ("uniform_average", 0, -0.1803806, -0.1269812),
        ("uniform_average", 2, -0.4426874, -0.3774214),
        ("variance_weighted_average", 0, 0.1811406, 0.1727751),
        ("variance_weighted_average", 2, -0.0008281, -0.0110526),
    ],
)
def test_r2_against_keras(
    aggregation: str | None, regressors: int, plain: Any, weighted: Any, backend: Backend
) -> None:
    y_true, y_pred = backend.xp.asarray(TARGETS), backend.xp.asarray(PREDICTIONS)
    for weight, expected in ((None, plain), (backend.xp.asarray(WEIGHTS), weighted)):
        metric = metrics.R2Score(aggregation, regressors)
        metric.to(backend)
        np.testing.assert_allclose(backend.download(metric(y_true, y_pred, weight)), expected, atol=1e-6)


def test_r2_by_hand() -> None:
    metric = metrics.R2Score(dtype="float64")
    assert float(metric([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])) == pytest.approx(4 / 7)
    metric.reset_state()
    assert float(metric([1.0, 4.0, 3.0], [[1.0], [4.0], [3.0]])) == 1.0
    metric.reset_state()
    assert float(metric([[1.0], [2.0]], [[1.5], [1.5]])) == 0.0


def test_r2_of_targets_far_from_zero() -> None:
    targets = 1e6 + np.array([[1.0], [4.0], [3.0]])
    metric = metrics.R2Score()
    assert float(metric(targets, targets + np.array([[1.0], [0.0], [1.0]]))) == pytest.approx(4 / 7, rel=1e-3)


def test_r2_of_a_constant_column_is_zero() -> None:
    metric = metrics.R2Score(class_aggregation=None)
    assert metric([[2.0, 1.0], [2.0, 3.0]], [[2.0, 1.0], [2.0, 3.0]]).tolist() == [0.0, 1.0]
    metric.reset_state()
    assert metric([[2.0, 1.0], [2.0, 3.0]], [[5.0, 1.0], [2.0, 3.0]]).tolist() == [0.0, 1.0]


def test_r2_with_too_many_regressors_warns() -> None:
    targets, predictions = [[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]]
    with pytest.warns(UserWarning, match="More independent predictors than datapoints"):
        assert float(metrics.R2Score(num_regressors=3)(targets, predictions)) == pytest.approx(4 / 7)
    with pytest.warns(UserWarning, match="Division by zero in Adjusted R2 score"):
        assert float(metrics.R2Score(num_regressors=2)(targets, predictions)) == pytest.approx(4 / 7)
    assert float(metrics.R2Score(num_regressors=1)(targets, predictions)) == pytest.approx(1 - 3 / 7 * 2)


def test_r2_refuses() -> None:
    with pytest.raises(ValueError, match="Invalid value for argument `class_aggregation`"):
        metrics.R2Score(class_aggregation="wrong")
    with pytest.raises(ValueError, match="Invalid value for argument `num_regressors`"):
        metrics.R2Score(num_regressors=-1)
    with pytest.raises(ValueError, match=r"expects 2D inputs with shape \(batch_size, output_dim\)"):
        metrics.R2Score().update_state([0.0, 1.0], [0.0, 1.0])
    metric = metrics.R2Score()
    metric.update_state(TARGETS, PREDICTIONS)
    with pytest.raises(ValueError, match=r"expected predictions with 3 columns, got shape \(4, 2\)"):
        metric.update_state(TARGETS[:, :2], PREDICTIONS[:, :2])


def test_r2_whose_first_batch_is_refused_takes_another_number_of_outputs() -> None:
    metric = metrics.R2Score()
    with pytest.raises(ValueError, match="sample_weight"):
        metric.update_state(np.ones((3, 2)), np.ones((3, 2)), sample_weight=np.ones(5))
    metric.update_state([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
    assert float(metric.result()) == pytest.approx(4 / 7)  # 1 - 2 / (14/3)
