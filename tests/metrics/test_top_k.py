"""The right class among the k largest predictions."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import metrics
from gpunet.backend import Backend

PREDICTIONS = np.array([[0.1, 0.4, 0.3, 0.2], [0.7, 0.1, 0.1, 0.1], [0.25, 0.25, 0.25, 0.25]], "float32")
LABELS = np.array([3, 2, 3])
# rank of the right class: 3; 2 (tied with two others, so in the top 2); 1 (all tied)
HITS = {1: [0, 0, 1], 2: [0, 1, 1], 3: [1, 1, 1], 4: [1, 1, 1], 9: [1, 1, 1]}


@pytest.mark.parametrize(("k", "expected"), HITS.items())
def test_by_hand(k: int, expected: list[int], backend: Backend) -> None:
    labels, predictions = backend.xp.asarray(LABELS), backend.xp.asarray(PREDICTIONS)
    one_hot = backend.xp.asarray(np.eye(4)[LABELS])
    for dtype in ("uint8", "int32", "int64", "float32"):
        found = metrics.sparse_top_k_categorical_accuracy(labels.astype(dtype), predictions, k=k)
        assert found.tolist() == expected
    assert metrics.top_k_categorical_accuracy(one_hot, predictions, k=k).tolist() == expected
    for metric, y_true in (
        (metrics.TopKCategoricalAccuracy(k=k), one_hot),
        (metrics.SparseTopKCategoricalAccuracy(k=k), labels),
        (metrics.SparseTopKCategoricalAccuracy(k=k), labels[:, None]),
    ):
        metric.to(backend)
        assert float(metric(y_true, predictions)) == pytest.approx(np.mean(expected))
        metric.reset_state()
        weighted = float(metric(y_true, predictions, backend.xp.asarray([1.0, 2.0, 5.0])))
        assert weighted == pytest.approx(np.average(expected, weights=[1, 2, 5]))


@pytest.mark.parametrize("k", [1, 2, 3, 5, 8])
def test_equals_sorting(k: int) -> None:
    random = np.random.default_rng(0)
    predictions = random.standard_normal((127, 8))
    labels = random.integers(0, 8, 127)
    expected = (np.argsort(-predictions, axis=1)[:, :k] == labels[:, None]).any(axis=1)
    assert (metrics.sparse_top_k_categorical_accuracy(labels, predictions, k) == expected).all()


def test_the_first_is_accuracy() -> None:
    random = np.random.default_rng(0)
    predictions, labels = random.standard_normal((127, 8)), random.integers(0, 8, 127)
    np.testing.assert_array_equal(
        metrics.sparse_top_k_categorical_accuracy(labels, predictions, k=1),
        metrics.sparse_categorical_accuracy(labels, predictions),
    )


def test_sequences_of_classes() -> None:
    predictions = np.stack([PREDICTIONS, PREDICTIONS[::-1]])
    labels = np.stack([LABELS, LABELS[::-1]])
    assert metrics.sparse_top_k_categorical_accuracy(labels, predictions, k=2).tolist() == [
        [0, 1, 1],
        [1, 1, 0],
    ]
    assert metrics.top_k_categorical_accuracy(np.eye(4)[labels], predictions, k=2).tolist() == [
        [0, 1, 1],
        [1, 1, 0],
    ]


def test_nan_and_labels_out_of_range_hit_nothing() -> None:
    assert metrics.sparse_top_k_categorical_accuracy([-1, 4, 2**40], PREDICTIONS, k=3).tolist() == [0, 0, 0]
    assert metrics.sparse_top_k_categorical_accuracy(
        [0, 1], [[np.nan, 0.5], [np.nan, 0.5]], k=1
    ).tolist() == [0, 0]


def test_sorted_class_indices() -> None:
    metric = metrics.SparseTopKCategoricalAccuracy(k=2, from_sorted_ids=True)
    ids = np.array([[1, 0, 3], [1, 2, 3], [3, 1, 2]])
    assert float(metric([0, 3, 3], ids)) == pytest.approx(2 / 3)
    assert metric.get_config()["from_sorted_ids"] is True


@pytest.mark.parametrize("k", [0, -1, 2.0, True, None])
def test_k_is_a_positive_integer(k: object) -> None:
    for kind in (metrics.TopKCategoricalAccuracy, metrics.SparseTopKCategoricalAccuracy):
        with pytest.raises(ValueError, match="expected k as an integer of at least 1"):
            kind(k=k)  # type: ignore[arg-type]


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="one class index a prediction"):
        metrics.SparseTopKCategoricalAccuracy()(np.eye(4)[LABELS], PREDICTIONS)
    with pytest.raises(ValueError, match="same shape"):
        metrics.TopKCategoricalAccuracy()(LABELS, PREDICTIONS)
