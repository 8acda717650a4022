"""Names, and the metric that fits shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import losses, metrics


@pytest.mark.parametrize(
    ("output", "target", "kind"),
    [
        ((None, 1), (32,), "Binary"),
        ((None, 1), (32, 1), "Binary"),
        ((None, 10), (32,), "SparseCategorical"),
        ((None, 10), (32, 1), "SparseCategorical"),
        ((None, 10), (32, 10), "Categorical"),
        ((None, 7, 10), (32, 7), "SparseCategorical"),
        ((None, 7, 10), (32, 7, 1), "SparseCategorical"),
        ((None, 7, 10), (32, 7, 10), "Categorical"),
        ((None, 7, 1), (32, 7, 1), "Binary"),
    ],
)
def test_the_kind_by_shapes(output: tuple, target: tuple, kind: str) -> None:
    for name in ("accuracy", "acc", "Accuracy", "ACC"):
        metric = metrics.resolve(name, output, target, None)
        assert type(metric).__name__ == f"{kind}Accuracy"
        assert metric.name == name
    for name in ("crossentropy", "ce"):
        metric = metrics.resolve(name, output, target, None)
        assert type(metric).__name__ == f"{kind}Crossentropy"
        assert metric.name == name


@pytest.mark.parametrize(
    ("output", "loss", "kind"),
    [
        ((None, 10), losses.SparseCategoricalCrossentropy(), "SparseCategoricalAccuracy"),
        ((None, 10), losses.CategoricalCrossentropy(), "CategoricalAccuracy"),
        ((None, 10), losses.MeanSquaredError(), "CategoricalAccuracy"),
        ((None, 10), None, "CategoricalAccuracy"),
        ((None, 1), losses.BinaryCrossentropy(), "BinaryAccuracy"),
        ((None, 1), losses.MeanSquaredError(), "BinaryAccuracy"),
    ],
)
def test_without_targets_the_loss_decides(output: tuple, loss: Any, kind: str) -> None:
    assert type(metrics.resolve("accuracy", output, None, loss)).__name__ == kind


def test_cross_entropy_takes_what_the_loss_takes() -> None:
    logits = losses.SparseCategoricalCrossentropy(from_logits=True)
    assert metrics.resolve("ce", (None, 3), (5,), logits).get_config()["from_logits"] is True
    assert (
        metrics.resolve("ce", (None, 3), (5,), losses.SparseCategoricalCrossentropy()).get_config()[
            "from_logits"
        ]
        is False
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("mse", metrics.MeanSquaredError),
        ("MSE", metrics.MeanSquaredError),
        ("mean_squared_error", metrics.MeanSquaredError),
        ("MeanSquaredError", metrics.MeanSquaredError),
        ("mae", metrics.MeanAbsoluteError),
        ("mape", metrics.MeanAbsolutePercentageError),
        ("msle", metrics.MeanSquaredLogarithmicError),
        ("bce", metrics.BinaryCrossentropy),
        ("root_mean_squared_error", metrics.RootMeanSquaredError),
        ("auc", metrics.AUC),
        ("AUC", metrics.AUC),
        ("precision", metrics.Precision),
        ("recall", metrics.Recall),
        ("f1_score", metrics.F1Score),
        ("r2_score", metrics.R2Score),
        ("kl_divergence", metrics.KLDivergence),
        ("top_k_categorical_accuracy", metrics.TopKCategoricalAccuracy),
        ("sparse_top_k_categorical_accuracy", metrics.SparseTopKCategoricalAccuracy),
        ("binary_accuracy", metrics.BinaryAccuracy),
        ("cosine_similarity", metrics.CosineSimilarity),
    ],
)
def test_a_name_is_its_key_in_logs(name: str, kind: type[metrics.Metric]) -> None:
    metric = metrics.resolve(name, (None, 3), (5, 3), None)
    assert type(metric) is kind
    assert metric.name == name
    assert type(metrics.get(name)) is kind


def test_a_metric_stays_itself() -> None:
    metric = metrics.Precision(name="exactness")
    assert metrics.resolve(metric, (None, 1), (5,), None) is metric
    assert metric.name == "exactness"
    assert metrics.resolve(metrics.Recall, (None, 1), (5,), None).name == "recall"
    described = metrics.serialize(metric)
    assert metrics.resolve(described, (None, 1), (5,), None).name == "exactness"


def test_functions_and_losses_are_averaged_under_their_names() -> None:
    def largestError(y_true: Any, y_pred: Any) -> Any:  # noqa: N802 - written as in logs it is not
        return abs(y_pred - y_true).max(axis=-1)

    metric = metrics.resolve(largestError, (None, 2), (5, 2), None)
    assert (type(metric), metric.name) == (metrics.MeanMetricWrapper, "largest_error")
    assert float(metric(np.zeros((2, 2)), np.array([[1.0, -3.0], [0.0, 1.0]]))) == 2.0
    assert metrics.resolve(metrics.mean_absolute_error, (None, 2), (5, 2), None).name == "mean_absolute_error"
    assert metrics.resolve(losses.Huber(), (None, 2), (5, 2), None).name == "huber_loss"


def test_unknown_names_and_other_things() -> None:
    with pytest.raises(ValueError, match=r'Unknown metric "acuracy"\. Did you mean "accuracy"'):
        metrics.resolve("acuracy", (None, 1), (5,), None)
    with pytest.raises(ValueError, match=r'Unknown metric "presicion"\. Did you mean "precision"'):
        metrics.get("presicion")
    with pytest.raises(TypeError, match="metric: expected a name, a Metric or a function, got 5"):
        metrics.resolve(5, (None, 1), (5,), None)
    with pytest.raises(ValueError, match="metric: expected a name, a Metric or a function, got 5"):
        metrics.get(5)
    with pytest.raises(ValueError, match='expected a dictionary with "class_name"'):
        metrics.get({"name": "auc"})
    assert metrics.get(None) is None


def test_names_stay_names_in_descriptions() -> None:
    assert metrics.serialize("accuracy") == "accuracy"
    assert metrics.serialize(metrics.mean_squared_error) == "mean_squared_error"
    assert set(metrics.RESOLVED_NAMES) == {"accuracy", "acc", "crossentropy", "ce"}


def test_names_of_ones_own_come_first() -> None:
    class Mine(metrics.Mean):
        pass

    assert type(metrics.get("auc", custom_objects={"auc": Mine})) is Mine
