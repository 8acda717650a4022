"""Cross-entropies, divergences and margins: the losses of the same name, averaged."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import metrics
from gpunet.backend import Backend

TARGETS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
PREDICTIONS = np.array([[0.7, 0.2], [0.4, 0.9], [0.3, 0.6]])
LABELS = np.array([0, 2, 1])
CLASSES = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.5, 0.25, 0.25]])
WEIGHTS = np.array([1.0, 2.0, 0.5])


@pytest.mark.parametrize(
    ("name", "plain", "weighted"),
    [  # Keras 3.15.1 says
        ("kl_divergence", 0.72561032, 0.40708309),
        ("poisson", 0.87947226, 0.76782787),
        ("binary_crossentropy", 0.48513386, 0.38137001),
        ("hinge", 0.68333334, 0.72142857),
        ("squared_hinge", 0.69166666, 0.82785708),
    ],
)
def test_against_keras(name: str, plain: float, weighted: float, backend: Backend) -> None:
    y_true, y_pred = backend.xp.asarray(TARGETS), backend.xp.asarray(PREDICTIONS)
    for weight, expected in ((None, plain), (backend.xp.asarray(WEIGHTS), weighted)):
        metric = metrics.get(name)
        metric.to(backend)
        assert float(metric(y_true, y_pred, weight)) == pytest.approx(expected, rel=2e-6)


def test_classes_against_keras() -> None:
    one_hot = np.eye(3)[LABELS]
    assert float(metrics.CategoricalCrossentropy()(one_hot, CLASSES)) == pytest.approx(0.88642001, rel=1e-6)
    assert float(metrics.SparseCategoricalCrossentropy()(LABELS, CLASSES)) == pytest.approx(
        0.88642001, rel=1e-6
    )
    weighted = metrics.SparseCategoricalCrossentropy()(LABELS, CLASSES, WEIGHTS)
    assert float(weighted) == pytest.approx(0.82354391, rel=1e-6)


def test_options_against_keras() -> None:
    one_hot = np.eye(3)[LABELS]
    for metric, y_true, y_pred, expected in (
        (metrics.BinaryCrossentropy(label_smoothing=0.2), TARGETS, PREDICTIONS, 0.55837464),
        (metrics.BinaryCrossentropy(from_logits=True), TARGETS, PREDICTIONS, 0.57455617),
        (metrics.CategoricalCrossentropy(label_smoothing=0.3), one_hot, CLASSES, 0.98911637),
        (metrics.CategoricalCrossentropy(from_logits=True), one_hot, CLASSES, 0.99669600),
        (metrics.SparseCategoricalCrossentropy(from_logits=True), LABELS, CLASSES, 0.99669600),
    ):
        assert float(metric(y_true, y_pred)) == pytest.approx(expected, rel=1e-6)


def test_an_ignored_class_counts_as_zero_and_with_weights_not_at_all() -> None:
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=2)
    assert float(metric(LABELS, CLASSES)) == pytest.approx(0.58098978, rel=1e-6)  # Keras 3.15.1 says
    for labels in (LABELS, LABELS[:, None]):
        metric.reset_state()
        assert float(metric(labels, CLASSES, WEIGHTS)) == pytest.approx(0.69988137, rel=1e-6)
    entropies = -np.log([0.7, 0.25])
    assert float(metric.result()) == pytest.approx(np.average(entropies, weights=[1.0, 0.5]))


def test_certain_and_wrong_is_finite() -> None:
    assert float(metrics.BinaryCrossentropy()([[1.0]], [[0.0]])) == pytest.approx(-np.log(1e-7), rel=1e-5)
    assert float(metrics.BinaryCrossentropy(from_logits=True)([[1.0]], [[-1e4]])) == pytest.approx(1e4)


def test_labels_of_any_integer_type() -> None:
    for dtype in ("uint8", "int16", "int32", "uint64"):
        metric = metrics.SparseCategoricalCrossentropy()
        assert float(metric(LABELS.astype(dtype), CLASSES)) == pytest.approx(0.88642001, rel=1e-6)
