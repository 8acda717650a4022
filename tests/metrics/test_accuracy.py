"""Accuracy of each kind: by hand, shapes, ties, dtypes of labels."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import config, metrics
from gpunet.backend import Backend

PROBABILITIES = np.array([[0.1, 0.6, 0.3], [0.05, 0.95, 0.0], [0.2, 0.2, 0.6]], "float32")
LABELS = np.array([2, 1, 2])
INTEGERS = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"]


@pytest.mark.parametrize("dtype", [*INTEGERS, "float32", "float64"])
def test_sparse_labels_of_any_dtype(dtype: str, backend: Backend) -> None:
    labels = backend.xp.asarray(LABELS.astype(dtype))
    predictions = backend.xp.asarray(PROBABILITIES)
    for shaped in (labels, labels[:, None]):
        metric = metrics.SparseCategoricalAccuracy()
        metric.to(backend)
        assert float(metric(shaped, predictions)) == pytest.approx(2 / 3)
        assert float(metric(shaped, predictions, backend.xp.asarray([0.7, 0.3, 0.0]))) == pytest.approx(
            (2 + 0.3) / (3 + 1)
        )


@pytest.mark.parametrize("dtype", [*INTEGERS, "bool", "float32", "float64"])
def test_one_hot_and_binary_targets_of_any_dtype(dtype: str) -> None:
    one_hot = np.eye(3)[LABELS].astype(dtype)
    assert float(metrics.CategoricalAccuracy()(one_hot, PROBABILITIES)) == pytest.approx(2 / 3)
    # threshold 0.5: (0,0,1)→(0,1,0), (0,1,0)→(0,1,0), (0,0,1)→(0,0,1): 7 of 9
    assert float(metrics.BinaryAccuracy()(one_hot, PROBABILITIES)) == pytest.approx(7 / 9)
    assert metrics.binary_accuracy(one_hot, PROBABILITIES).tolist() == [[1, 0, 0], [1, 1, 1], [1, 1, 1]]


def test_of_equal_predictions_the_first_is_the_largest() -> None:
    ties = [[0.5, 0.5], [0.5, 0.5]]
    assert metrics.sparse_categorical_accuracy([0, 1], ties).tolist() == [1.0, 0.0]
    assert metrics.categorical_accuracy([[1, 0], [0, 1]], ties).tolist() == [1.0, 0.0]


def test_a_prediction_at_the_threshold_is_no() -> None:
    predictions = np.array([0.5, 0.7, 0.3], "float32")
    assert metrics.binary_accuracy([0, 1, 0], predictions).tolist() == [1.0, 1.0, 1.0]
    assert metrics.binary_accuracy([0, 0, 0], predictions, threshold=0.7).tolist() == [1.0, 1.0, 1.0]
    assert float(metrics.BinaryAccuracy(threshold=0.2)([0, 0, 0], predictions)) == 0.0
    logits = np.array([[-1.0], [2.0]])
    assert float(metrics.BinaryAccuracy(threshold=0)([[0], [1]], logits)) == 1.0


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [
        ([1, 1, 0, 0], [[0.98], [1.0], [0.0], [0.6]]),
        ([[1], [1], [0], [0]], [0.98, 1.0, 0.0, 0.6]),
        ([[1, 1], [0, 0]], [[0.98, 1.0], [0.0, 0.6]]),
        ([True, True, False, False], [1, 1, 0, 1]),
    ],
)
def test_binary_shapes(y_true: list, y_pred: list) -> None:
    assert float(metrics.BinaryAccuracy()(y_true, y_pred)) == 0.75


def test_equal_numbers() -> None:
    metric = metrics.Accuracy()
    assert float(metric([[1], [2], [3], [4]], [[0], [2], [3], [4]])) == 0.75
    assert float(metric([1, 2, 3, 4], [0, 2, 3, 4], [1, 1, 0, 0])) == pytest.approx((3 + 1) / (4 + 2))
    assert float(metrics.Accuracy()([[1, 2], [3, 4]], [[0, 2], [3, 4]], [[1, 0], [0, 1]])) == 0.5


def test_sequences_of_classes() -> None:
    predictions = np.zeros((2, 3, 4))
    predictions[:, :, 1] = 1.0
    labels = np.array([[1, 1, 0], [2, 1, 1]])
    expected = [[1, 1, 0], [0, 1, 1]]
    for shaped in (labels, labels[..., None]):
        assert metrics.sparse_categorical_accuracy(shaped, predictions).tolist() == expected
    assert metrics.categorical_accuracy(np.eye(4)[labels], predictions).tolist() == expected
    assert float(metrics.SparseCategoricalAccuracy()(labels, predictions, [1, 3])) == pytest.approx(2 / 3)


def test_large_labels_are_compared_exactly() -> None:
    assert metrics.Accuracy()([2**24, 2**24 + 1], np.array([2**24, 2**24], "int64")).tolist() == 0.5


def test_nan_and_labels_out_of_range_hit_nothing() -> None:
    assert metrics.sparse_categorical_accuracy([-1, 3, 2**31], PROBABILITIES).tolist() == [0, 0, 0]
    assert metrics.binary_accuracy([1.0], [np.nan]).tolist() == [0]


def test_functions_return_floatx() -> None:
    for values in (
        metrics.binary_accuracy([1], [1]),
        metrics.categorical_accuracy([[1]], [[1]]),
        metrics.sparse_categorical_accuracy([0], [[1]]),
    ):
        assert values.dtype == "float32"
    config.set_floatx("float64")
    assert metrics.binary_accuracy([1], [1]).dtype == "float64"


@pytest.mark.parametrize(
    ("metric", "y_true", "message"),
    [
        (
            metrics.SparseCategoricalAccuracy(),
            np.eye(3),
            r"sparse_categorical_accuracy: expected y_true with one class",
        ),
        (metrics.SparseCategoricalAccuracy(), np.zeros(2), r"shape \(3,\), got shape \(2,\)"),
        (metrics.CategoricalAccuracy(), LABELS, r"same shape, got \(3,\) and \(3, 3\)"),
        (metrics.BinaryAccuracy(), LABELS, r"binary_accuracy: expected y_true and y_pred of the same shape"),
        (metrics.BinaryAccuracy(), np.zeros((1, 3)), r"got \(1, 3\) and \(3, 3\)"),
        (metrics.Accuracy(), LABELS, r"accuracy: expected y_true and y_pred of the same shape"),
    ],
)
def test_shapes_that_do_not_fit(metric: metrics.Metric, y_true: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metric.update_state(y_true, PROBABILITIES)
    assert float(metric.result()) == 0.0
