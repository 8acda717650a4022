"""Counts of decisions, precision and recall."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gpunet import metrics
from gpunet.backend import Backend

TARGETS = np.array([[0, 1, 0, 1, 0], [0, 0, 1, 1, 1], [1, 1, 1, 1, 0], [0, 0, 0, 0, 1]])
DECISIONS = np.array([[0, 0, 1, 1, 0], [1, 1, 1, 1, 1], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1]])
WEIGHTS = np.array([1.0, 1.5, 2.0, 2.5])


@pytest.mark.parametrize(
    ("kind", "plain", "weighted"),
    [  # rows have TP 1, 3, 2, 1; FP 1, 2, 0, 4; FN 1, 0, 2, 0; TN 2, 0, 1, 0
        (metrics.TruePositives, 7, 12),
        (metrics.FalsePositives, 7, 14),
        (metrics.FalseNegatives, 3, 5),
        (metrics.TrueNegatives, 3, 4),
        (metrics.Precision, 7 / 14, 12 / 26),
        (metrics.Recall, 7 / 10, 12 / 17),
    ],
)
def test_by_hand(kind: type[metrics.Metric], plain: float, weighted: float, backend: Backend) -> None:
    asarray = backend.xp.asarray
    for dtype in ("bool", "uint8", "int64", "float32", "float64"):
        for weight, expected in ((None, plain), (WEIGHTS, weighted), (WEIGHTS[:, None], weighted)):
            metric = kind()
            metric.to(backend)
            weight = None if weight is None else asarray(weight)
            result = metric(asarray(TARGETS.astype(dtype)), asarray(DECISIONS.astype("float32")), weight)
            assert float(result) == pytest.approx(expected)


def test_counts_at_several_thresholds() -> None:
    y_true = [[0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
    y_pred = [[0.9, 0.2, 0.8, 0.1], [0.2, 0.9, 0.7, 0.6], [0.1, 0.2, 0.4, 0.3], [0, 1, 0.7, 0.3]]
    thresholds = [0.15, 0.5, 0.85]
    for kind, expected in (
        (metrics.TruePositives, [6, 3, 1]),
        (metrics.FalsePositives, [7, 4, 2]),
        (metrics.TrueNegatives, [2, 5, 7]),
        (metrics.FalseNegatives, [1, 4, 6]),
    ):
        assert kind(thresholds=thresholds)(y_true, y_pred).tolist() == expected
        assert kind(thresholds=thresholds)(y_true, y_pred, 37.0).tolist() == [
            37 * count for count in expected
        ]
    assert metrics.Recall(thresholds)(y_true, y_pred).tolist() == pytest.approx([6 / 7, 3 / 7, 1 / 7])


def test_weights_of_values_and_of_columns() -> None:
    y_true, y_pred = [[0, 1, 1, 0], [1, 0, 0, 1]], [[1, 0, 1, 0], [1, 0, 1, 0]]
    weights = [[1, 2, 3, 4], [4, 3, 2, 1]]
    assert float(metrics.Precision()(y_true, y_pred, weights)) == pytest.approx(7 / 10)
    assert float(metrics.Recall()(y_true, y_pred, weights)) == pytest.approx(7 / 10)
    assert float(metrics.TruePositives()(y_true, y_pred, [[1, 0, 5, 0]])) == 6.0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_prediction_at_the_threshold_is_no(dtype: str) -> None:
    y_pred = np.array([0.1, 0.7, 1.0], dtype)
    metric = metrics.TruePositives(thresholds=[0.1, 0.7, 1.0])
    assert metric([1, 1, 1], y_pred).tolist() == [2.0, 1.0, 0.0]


def test_nan_is_no() -> None:
    metric = metrics.FalseNegatives()
    assert float(metric([1, 1], [np.nan, 0.9])) == 1.0


def test_zero_over_zero_is_zero() -> None:
    for kind in (metrics.Precision, metrics.Recall):
        assert float(kind()([0, 0], [0, 0])) == 0.0
        assert kind(thresholds=[0.2, 0.4])([0, 0], [0, 0]).tolist() == [0.0, 0.0]


def test_top_k() -> None:
    y_true, y_pred = [0, 1, 1, 0, 0], [0.2, 0.1, 0.5, 0, 0.2]
    assert float(metrics.Precision(top_k=3)(y_true, y_pred)) == pytest.approx(1 / 3)
    assert float(metrics.Recall(top_k=3)(y_true, y_pred)) == pytest.approx(1 / 2)
    both = metrics.Precision(thresholds=0.7, top_k=2)
    assert float(both([0, 1, 1, 0, 1], [0.2, 0.8, 0.6, 0, 0.2])) == 1.0
    assert [variable.tolist() for variable in both.variables] == [[1.0], [0.0]]


def test_of_equal_predictions_the_first_are_the_top() -> None:
    y_pred = np.full((2, 4), 0.25, "float32")
    metric = metrics.Recall(top_k=2)
    assert float(metric([[1, 1, 0, 0], [0, 0, 1, 1]], y_pred)) == 0.5
    assert metric.true_positives.tolist() == [2.0]


def test_of_many_equal_predictions_the_first_are_the_top(backend: Backend) -> None:
    places = np.arange(127)
    y_true, y_pred = np.isin(places, [2, 5, 8]), places % 3 / 4
    metric = metrics.Recall(top_k=3)
    metric.to(backend)
    assert float(metric(backend.xp.asarray(y_true), backend.xp.asarray(y_pred))) == 1.0


@pytest.mark.parametrize("rows", [0, 1, 33, 127])
def test_top_k_equals_sorting(rows: int, backend: Backend) -> None:
    random = np.random.default_rng(rows)
    y_pred, y_true = random.standard_normal((rows, 6)), random.integers(0, 2, (rows, 6))
    top = np.argsort(-y_pred, axis=1)[:, :2]
    metric = metrics.Precision(top_k=2)
    metric.to(backend)
    metric.update_state(backend.xp.asarray(y_true), backend.xp.asarray(y_pred))
    hits = np.take_along_axis(y_true, top, axis=1).sum()
    assert [float(variable[0]) for variable in metric.variables] == [hits, 2 * rows - hits]


def test_top_k_of_half_precision(backend: Backend) -> None:
    y_true, y_pred = backend.xp.asarray(np.eye(3)), backend.xp.asarray(np.eye(3, dtype="float16")[[0, 1, 1]])
    for options in ({}, {"thresholds": 0.5}):
        metric = metrics.Recall(top_k=1, **options)
        metric.to(backend)
        assert float(metric(y_true, y_pred)) == pytest.approx(2 / 3)


def test_one_class() -> None:
    y_pred = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2], [0.2, 0.6, 0.2], [0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    y_true = np.eye(3)[[2, 0, 1, 0, 2]]
    precision, recall = metrics.Precision(class_id=1), metrics.Recall(class_id=2, top_k=1)
    assert float(precision(y_true, y_pred)) == 1.0
    assert [variable.tolist() for variable in precision.variables] == [[1.0], [0.0]]
    assert float(recall(y_true, y_pred)) == 1.0
    assert recall.true_positives.tolist() == [2.0]
    weights = np.arange(15).reshape(5, 3)
    recall.reset_state()
    recall.update_state(y_true, y_pred, weights)
    assert recall.true_positives.tolist() == [2.0 + 14.0]


@pytest.mark.parametrize("class_id", [-1, 3, 12])
def test_a_class_that_does_not_exist(class_id: int) -> None:
    with pytest.raises(ValueError, match=f"class_id: expected a class from 0 to 2, got {class_id}"):
        metrics.Precision(class_id=class_id).update_state(np.eye(3), np.eye(3))
    with pytest.raises(
        ValueError, match=r"y_pred must be a 2D array with shape \(num_samples, num_classes\)"
    ):
        metrics.Recall(class_id=class_id).update_state([0, 1], [0, 1])


@pytest.mark.parametrize(
    ("thresholds", "invalid"),
    [([-1, 0.5, 2], r"\[-1, 2\]"), ([None], r"\[None\]"), (1.5, r"\[1.5\]"), ([np.nan], r"\[nan\]")],
)
def test_thresholds_outside_of_the_range(thresholds: Any, invalid: str) -> None:
    for kind in (metrics.Precision, metrics.Recall, metrics.TruePositives, metrics.FalseNegatives):
        with pytest.raises(ValueError, match=rf"Threshold values must be in \[0, 1\]. Received: {invalid}"):
            kind(thresholds=thresholds)


def test_top_k_is_a_positive_integer() -> None:
    with pytest.raises(ValueError, match="Precision: expected top_k as an integer of at least 1, got 0"):
        metrics.Precision(top_k=0)


def test_the_given_thresholds_come_back() -> None:
    assert metrics.Precision(thresholds=0.3).get_config()["thresholds"] == 0.3
    assert metrics.Precision(thresholds=[0.3]).get_config()["thresholds"] == [0.3]
    assert metrics.Precision().get_config()["thresholds"] is None
    assert metrics.Precision(top_k=2).thresholds == [-1e10]
    assert metrics.Recall(thresholds=(0.3, 0.6)).thresholds == [0.3, 0.6]


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        (np.array([0.25, 0.5]), [0.25, 0.5]),
        (np.array([0.5]), [0.5]),
        (np.array(0.5), 0.5),
        (np.float32(0.5), 0.5),
    ],
)
def test_thresholds_in_arrays_are_plain_numbers_in_the_configuration(thresholds: Any, expected: Any) -> None:
    metric, plain = metrics.Precision(thresholds), metrics.Precision(expected)
    assert json.loads(json.dumps(metric.get_config()))["thresholds"] == expected
    result = metric([0, 1, 1], [0.3, 0.4, 0.9])
    assert result.tolist() == plain([0, 1, 1], [0.3, 0.4, 0.9]).tolist()


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match=r"Precision: expected y_true and y_pred of the same shape"):
        metrics.Precision().update_state([0, 1, 2], np.eye(3))
