"""Areas under curves, and the best of one rate under a condition on another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import metrics
from gpunet.backend import Backend
from gpunet.metrics.curve import split_sums

TARGETS = np.array([0, 1, 0, 1, 1, 0, 1, 0])
PREDICTIONS = np.array([0.1, 0.4, 0.35, 0.8, 0.65, 0.6, 0.9, 0.2], "float32")
WEIGHTS = np.array([1.0, 2.0, 1.0, 0.5, 1.0, 3.0, 1.0, 2.0])
SEVERAL = np.array([[0, 1], [1, 1], [0, 0], [1, 0], [1, 1]])
SCORES = np.array([[0.3, 0.9], [0.6, 0.4], [0.7, 0.1], [0.8, 0.6], [0.2, 0.5]], "float32")


@pytest.mark.parametrize(
    ("curve", "method", "plain", "weighted", "fine"),
    [  # Keras 3.15.1 says, with 5 thresholds and with 200
        ("ROC", "interpolation", 0.875, 0.73015869, 0.9375),
        ("ROC", "minoring", 0.8125, 0.65079361, 0.9375),
        ("ROC", "majoring", 0.9375, 0.80952382, 0.9375),
        ("PR", "interpolation", 0.88732654, 0.69115019, 0.94421411),
        ("PR", "minoring", 0.35416669, 0.30303031, 0.6875),
        ("PR", "majoring", 0.9375, 0.79084969, 0.94999999),
        ("PRGAIN", "interpolation", 0.75, 0.46734691, 0.90277779),
        ("PRGAIN", "minoring", 0.61111104, 0.22857141, 0.88888884),
        ("PRGAIN", "majoring", 0.88888889, 0.70612240, 0.91666663),
    ],
)
def test_against_keras(
    curve: str, method: str, plain: float, weighted: float, fine: float, backend: Backend
) -> None:
    y_true, y_pred, weight = (backend.xp.asarray(array) for array in (TARGETS, PREDICTIONS, WEIGHTS))
    for thresholds, weights, expected in ((5, None, plain), (5, weight, weighted), (200, None, fine)):
        metric = metrics.AUC(thresholds, curve, method)
        metric.to(backend)
        assert float(metric(y_true, y_pred, weights)) == pytest.approx(expected, rel=1e-6)


def test_many_thresholds_give_the_exact_area() -> None:
    # scikit-learn's roc_auc_score says
    metric = metrics.AUC(1001)
    assert float(metric(TARGETS, PREDICTIONS)) == pytest.approx(0.9375)
    metric.reset_state()
    assert float(metric(TARGETS, PREDICTIONS, WEIGHTS)) == pytest.approx(0.80952381)


@pytest.mark.parametrize("rows", [1, 31, 33, 127, 1025])
def test_the_area_is_the_share_of_ordered_pairs(rows: int) -> None:
    random = np.random.default_rng(rows)
    y_true = np.append(random.integers(0, 2, rows), [0, 1])
    y_pred = np.round(random.uniform(size=rows + 2), 2)
    positive, negative = y_pred[y_true == 1][:, None], y_pred[y_true == 0]
    pairs = (positive > negative).mean() + (positive == negative).mean() / 2
    # thresholds between the values that the predictions take
    metric = metrics.AUC(thresholds=((np.arange(100) + 0.5) / 100).tolist(), dtype="float64")
    assert float(metric(y_true, y_pred)) == pytest.approx(pairs)


def test_extremes() -> None:
    for method in ("interpolation", "minoring", "majoring"):
        assert float(metrics.AUC(summation_method=method)([0, 0, 1, 1], [0.0, 0.2, 0.8, 1.0])) == 1.0
        assert float(metrics.AUC(summation_method=method)([1, 1, 0, 0], [0.0, 0.2, 0.8, 1.0])) == 0.0
    assert float(metrics.AUC()([0, 1, 0, 1], [0.5] * 4)) == 0.5
    assert float(metrics.AUC()([1, 1], [0.5, 0.7])) == 0.0


@pytest.mark.parametrize(
    ("options", "labels", "flat", "weighted"),
    [  # Keras 3.15.1 says, with 11 thresholds
        ({}, 0.58333337, 0.64583331, 0.60714287),
        ({"label_weights": [1.0, 3.0]}, 0.625, 0.67187506, 0.625),
    ],
)
def test_several_labels_against_keras(
    options: dict[str, Any], labels: float, flat: float, weighted: float, backend: Backend
) -> None:
    y_true, y_pred = backend.xp.asarray(SEVERAL), backend.xp.asarray(SCORES)
    weight = backend.xp.asarray([1.0, 2.0, 1.0, 1.0, 0.5])
    for multi_label, weights, expected in (
        (True, None, labels),
        (False, None, flat),
        (True, weight, weighted),
    ):
        metric = metrics.AUC(11, multi_label=multi_label, **options)
        metric.to(backend)
        assert float(metric(y_true, y_pred, weights)) == pytest.approx(expected, rel=1e-6)


def test_labels_are_averaged() -> None:
    single = [float(metrics.AUC()(SEVERAL[:, label], SCORES[:, label])) for label in (0, 1)]
    metric = metrics.AUC(multi_label=True)
    assert float(metric(SEVERAL, SCORES)) == pytest.approx(np.mean(single))
    assert metric.true_positives.shape == (200, 2)


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ({"multi_label": True, "label_weights": [1.0]}, 2),
        ({"multi_label": True, "label_weights": [1.0, 2.0, 3.0]}, 2),
        ({"multi_label": True, "num_labels": 2, "label_weights": [1.0, 2.0, 3.0]}, 2),
        ({"label_weights": [1.0]}, 2),
        ({"label_weights": [1.0, 2.0, 3.0, 4.0, 5.0]}, 0),  # as many as rows
    ],
)
def test_there_is_one_label_weight_a_column(options: dict[str, Any], columns: int) -> None:
    metric = metrics.AUC(**options)
    y_true, y_pred = (SEVERAL, SCORES) if columns else (SEVERAL[:, 0], SCORES[:, 0])
    with pytest.raises(ValueError, match=r"AUC: expected label_weights with one weight a column.*got shape"):
        metric.update_state(y_true, y_pred)
    assert not any(variable.any() for variable in metric.variables)


def test_a_refused_first_batch_does_not_fix_the_number_of_columns() -> None:
    metric = metrics.AUC(multi_label=True)
    with pytest.raises(ValueError, match="AUC: expected sample_weight"):
        metric.update_state(np.eye(3), np.eye(3), [1.0, 2.0])
    assert float(metric(np.eye(2), np.eye(2))) == 1.0


def test_logits_are_probabilities_after_the_sigmoid() -> None:
    logits = np.log(PREDICTIONS / (1 - PREDICTIONS))
    for curve in ("ROC", "PR"):
        expected = metrics.AUC(7, curve)(TARGETS, PREDICTIONS)
        assert float(metrics.AUC(7, curve, from_logits=True)(TARGETS, logits)) == pytest.approx(
            float(expected)
        )


def test_negative_weights_do_no_harm() -> None:
    metric = metrics.AUC(num_thresholds=3, curve="PR")
    assert float(metric([0, 0, 1, 1], [0, 0.5, 0.3, 0.9], [-1, -2, -3, -4])) == 0.0
    metric = metrics.AUC(num_thresholds=5, curve="PR")
    mixed = metric([0, 1, 1, 0, 1], [0.1, 0.3, 0.6, 0.6, 0.9], [1, 2, -1, -2, 3])
    assert float(mixed) == pytest.approx(1.25)  # Keras 3.15.1 says


def test_more_axes_are_one_set() -> None:
    deep = metrics.AUC()(TARGETS.reshape(2, 2, 2), PREDICTIONS.reshape(2, 2, 2), WEIGHTS.reshape(2, 2, 2))
    assert float(deep) == float(metrics.AUC()(TARGETS, PREDICTIONS, WEIGHTS))


def test_the_counts_at_each_threshold() -> None:
    metric = metrics.AUC(thresholds=[0.4, 0.6])
    metric.update_state(TARGETS, PREDICTIONS)
    assert [variable.tolist() for variable in metric.variables] == [
        [4, 3, 3, 0],  # true positives above -1e-7, 0.4, 0.6, 1 + 1e-7
        [4, 1, 0, 0],
        [0, 3, 4, 4],
        [0, 1, 1, 4],
    ]
    assert metric.num_thresholds == 4


def test_thresholds_in_any_order() -> None:
    metric = metrics.AUC(thresholds=[0.6, 0.4])
    metric.update_state(TARGETS, PREDICTIONS)
    assert metric.thresholds[1:-1] == [0.4, 0.6]
    assert metric.true_positives.tolist() == [4, 3, 3, 0]


def test_predictions_outside_of_the_range_are_clipped() -> None:
    metric = metrics.AUC(num_thresholds=3)
    metric.update_state([1, 0], [1.5, -0.5])
    assert metric.true_positives.tolist() == [1, 1, 0]
    assert metric.false_positives.tolist() == [1, 0, 0]


@pytest.mark.parametrize(("rows", "labels"), [(0, 1), (1, 1), (31, 3), (33, 2), (127, 1), (1025, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sums_at_thresholds_equal_comparing_with_each(
    rows: int, labels: int, dtype: str, backend: Backend
) -> None:
    random = np.random.default_rng(rows)
    y_pred = np.round(random.uniform(size=(rows, labels)), 1).astype(dtype)
    weights = random.integers(0, 5, (2, rows, labels)).astype("float64")
    thresholds = np.linspace(0, 1, 11)
    exceeds = y_pred[None] > thresholds.astype(dtype)[:, None, None]
    below, above = split_sums(
        backend.xp, *(backend.xp.asarray(array) for array in (y_pred, weights, thresholds))
    )
    np.testing.assert_array_equal(backend.download(above), (weights[:, None] * exceeds).sum(axis=2))
    np.testing.assert_array_equal(backend.download(below), (weights[:, None] * ~exceeds).sum(axis=2))


def test_refused() -> None:
    for number in (-1, 0, 1, None):
        with pytest.raises(ValueError, match="Argument `num_thresholds` must be an integer > 1"):
            metrics.AUC(num_thresholds=number)
    with pytest.raises(ValueError, match=r'Invalid AUC curve value: "RCO"\. Did you mean "ROC"'):
        metrics.AUC(curve="RCO")
    with pytest.raises(ValueError, match='Invalid AUC summation method value: "minor"'):
        metrics.AUC(summation_method="minor")
    with pytest.raises(ValueError, match="`num_labels` is needed only when `multi_label` is True"):
        metrics.AUC(num_labels=2)
    with pytest.raises(ValueError, match=r"Threshold values must be in \[0, 1\]"):
        metrics.AUC(thresholds=[0.5, 1.5])
    with pytest.raises(ValueError, match=r"must have rank 2 when `multi_label=True`\. Found rank 1"):
        metrics.AUC(multi_label=True).update_state(TARGETS, PREDICTIONS)
    with pytest.raises(ValueError, match=r"AUC: expected predictions with 3 columns, got shape \(5, 2\)"):
        metrics.AUC(multi_label=True, num_labels=3).update_state(SEVERAL, SCORES)


def test_spellings_of_options() -> None:
    metric = metrics.AUC(curve="pr", summation_method="Majoring")
    assert (metric.curve, metric.summation_method) == ("PR", "majoring")


# -- operating points ----------------------------------------------------------------------------------------------

POINTS = [
    (metrics.SensitivityAtSpecificity, "specificity"),
    (metrics.SpecificityAtSensitivity, "sensitivity"),
    (metrics.PrecisionAtRecall, "recall"),
    (metrics.RecallAtPrecision, "precision"),
]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        # sorted by prediction: 0.1-, 0.2-, 0.35-, 0.4+, 0.6-, 0.65+, 0.8+, 0.9+
        (metrics.SensitivityAtSpecificity(0.75), 1.0),  # above 0.35: TP 4, FP 1
        (metrics.SensitivityAtSpecificity(0.8), 0.75),  # above 0.6: TP 3, FP 0
        (metrics.SpecificityAtSensitivity(1.0), 0.75),
        (metrics.SpecificityAtSensitivity(0.7), 1.0),
        (metrics.PrecisionAtRecall(0.8), 0.8),
        (metrics.PrecisionAtRecall(0.75), 1.0),
        (metrics.RecallAtPrecision(0.8), 1.0),
        (metrics.RecallAtPrecision(0.9), 0.75),
        (metrics.SensitivityAtSpecificity(0.5, num_thresholds=1), 0.75),
    ],
)
def test_operating_points_by_hand(metric: metrics.Metric, expected: float) -> None:
    assert float(metric(TARGETS, PREDICTIONS)) == pytest.approx(expected)


def test_a_condition_that_is_never_met_gives_zero() -> None:
    assert float(metrics.RecallAtPrecision(0.9)([0, 0, 1], [0.9, 0.8, 0.1])) == 0.0


def test_a_single_threshold_is_a_half() -> None:
    y_true, y_pred = [1, 1, 0, 0], [0.45, 0.55, 0.45, 0.55]  # above 0.5: TP 1, FP 1
    for kind, _ in POINTS:
        assert float(kind(0.5, num_thresholds=1)(y_true, y_pred)) == 0.5


def test_operating_points_of_one_class() -> None:
    columns = np.stack([TARGETS, 1 - TARGETS], axis=1), np.stack([PREDICTIONS, PREDICTIONS], axis=1)
    for kind, _ in POINTS:
        chosen, alone = kind(0.75, class_id=0), kind(0.75)
        assert float(chosen(*columns, WEIGHTS)) == float(alone(TARGETS, PREDICTIONS, WEIGHTS))


@pytest.mark.parametrize(("kind", "name"), POINTS)
def test_operating_points_refuse(kind: Any, name: str) -> None:
    for value in (-0.1, 1.1):
        with pytest.raises(ValueError, match=rf"Argument `{name}` must be in the range \[0, 1\]"):
            kind(value)
    with pytest.raises(ValueError, match="Argument `num_thresholds` must be an integer > 0"):
        kind(0.4, num_thresholds=0)
    assert kind(0.4, 7).get_config()[name] == getattr(kind(0.4), name) == 0.4
