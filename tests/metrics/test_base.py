"""What holds for every metric: batches, empty batches, dtypes, reset, description; and a metric of one's own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gpunet import config, metrics
from gpunet.backend import Backend, NumpyBackend
from gpunet.metrics import Metric
from gpunet.registry import snake_case

ROWS, CLASSES = 31, 4


def batch(kind: str, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions of a kind."""
    random = np.random.default_rng(rows)
    scores = random.uniform(0.05, 0.95, (rows, CLASSES)).astype("float32")
    labels = random.integers(0, CLASSES, rows)
    if kind == "sparse":
        return labels, scores / scores.sum(axis=1, keepdims=True)
    if kind == "one-hot":
        return np.eye(CLASSES, dtype="float32")[labels], scores / scores.sum(axis=1, keepdims=True)
    if kind == "binary":
        return random.integers(0, 2, (rows, 1)).astype("float32"), scores[:, :1]
    if kind == "several":
        return random.integers(0, 2, (rows, CLASSES)).astype("float32"), scores
    return random.uniform(0.05, 0.95, (rows, CLASSES)).astype("float32"), scores


EVERY: list[tuple[type[Metric], dict[str, Any], str]] = [
    (metrics.AUC, {}, "binary"),
    (metrics.AUC, {"curve": "PR", "thresholds": [0.25, 0.5]}, "several"),
    (
        metrics.AUC,
        {"curve": "PRGAIN", "num_thresholds": 11, "label_weights": [1.0, 2.0, 3.0, 4.0]},
        "several",
    ),
    (metrics.AUC, {"multi_label": True, "summation_method": "majoring"}, "several"),
    (metrics.AUC, {"multi_label": True, "num_labels": 4, "label_weights": [1, 2, 3, 4]}, "several"),
    (metrics.AUC, {"from_logits": True}, "binary"),
    (metrics.Accuracy, {}, "binary"),
    (metrics.BinaryAccuracy, {"threshold": 0.3}, "binary"),
    (metrics.BinaryCrossentropy, {"label_smoothing": 0.1}, "several"),
    (metrics.CategoricalAccuracy, {}, "one-hot"),
    (metrics.CategoricalCrossentropy, {"from_logits": True}, "one-hot"),
    (metrics.CosineSimilarity, {"axis": 1}, "numbers"),
    (metrics.F1Score, {"average": "weighted"}, "one-hot"),
    (metrics.F1Score, {"average": "micro", "threshold": 0.5}, "several"),
    (metrics.FBetaScore, {"beta": 2.0}, "one-hot"),
    (metrics.FalseNegatives, {"thresholds": [0.2, 0.5]}, "several"),
    (metrics.FalsePositives, {}, "several"),
    (metrics.Hinge, {}, "several"),
    (metrics.KLDivergence, {}, "one-hot"),
    (metrics.LogCoshError, {}, "numbers"),
    (metrics.MeanAbsoluteError, {}, "numbers"),
    (metrics.MeanAbsolutePercentageError, {}, "numbers"),
    (metrics.MeanSquaredError, {}, "numbers"),
    (metrics.MeanSquaredLogarithmicError, {}, "numbers"),
    (metrics.Poisson, {}, "numbers"),
    (metrics.Precision, {"thresholds": [0.2, 0.5]}, "several"),
    (metrics.Precision, {"top_k": 2, "class_id": 1}, "one-hot"),
    (metrics.PrecisionAtRecall, {"recall": 0.5}, "binary"),
    (metrics.R2Score, {}, "numbers"),
    (metrics.R2Score, {"class_aggregation": None}, "numbers"),
    (metrics.Recall, {}, "binary"),
    (metrics.RecallAtPrecision, {"precision": 0.5, "class_id": 2}, "several"),
    (metrics.RootMeanSquaredError, {}, "numbers"),
    (metrics.SensitivityAtSpecificity, {"specificity": 0.5, "num_thresholds": 5}, "binary"),
    (metrics.SparseCategoricalAccuracy, {}, "sparse"),
    (metrics.SparseCategoricalCrossentropy, {}, "sparse"),
    (metrics.SparseTopKCategoricalAccuracy, {"k": 2}, "sparse"),
    (metrics.SpecificityAtSensitivity, {"sensitivity": 0.5}, "binary"),
    (metrics.SquaredHinge, {}, "several"),
    (metrics.TopKCategoricalAccuracy, {"k": 2}, "one-hot"),
    (metrics.TrueNegatives, {}, "several"),
    (metrics.TruePositives, {}, "several"),
]
every = pytest.mark.parametrize(
    ("kind", "options", "data"), EVERY, ids=[f"{kind.__name__}{options}" for kind, options, _ in EVERY]
)


def test_the_list_is_complete() -> None:
    classes = {
        value for value in vars(metrics).values() if isinstance(value, type) and issubclass(value, Metric)
    }
    general = {Metric, metrics.Mean, metrics.Sum, metrics.MeanMetricWrapper}  # test_reduction
    assert {kind for kind, _, _ in EVERY} == classes - general
    assert {name for name in metrics.registry.names() if not name.islower()} >= {
        kind.__name__ for kind in classes - {Metric}
    }


@every
@pytest.mark.parametrize("weighted", [False, True])
def test_several_batches_are_one_batch(
    kind: type[Metric], options: dict[str, Any], data: str, weighted: bool
) -> None:
    y_true, y_pred = batch(data)
    weight = np.random.default_rng(8).uniform(size=ROWS).astype("float32") if weighted else None
    whole, parts = kind(**options), kind(**options)
    whole.update_state(y_true, y_pred, weight)
    for rows in (slice(0, 1), slice(1, 1), slice(1, 20), slice(20, None)):
        parts.update_state(y_true[rows], y_pred[rows], None if weight is None else weight[rows])
    np.testing.assert_allclose(parts.result(), whole.result(), rtol=2e-6)
    for of_parts, of_whole in zip(parts.variables, whole.variables, strict=True):
        np.testing.assert_allclose(of_parts, of_whole, rtol=1e-6)


@every
def test_weights_of_one_change_nothing(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    y_true, y_pred = batch(data)
    plain, weighted = kind(**options), kind(**options)
    plain.update_state(y_true, y_pred)
    for ones in (np.ones(ROWS), np.ones((ROWS, 1))):
        weighted.reset_state()
        weighted.update_state(y_true, y_pred, sample_weight=ones)
        np.testing.assert_allclose(weighted.result(), plain.result(), rtol=1e-6)


@every
def test_a_weight_counts_samples(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    y_true, y_pred = batch(data)
    weight = np.arange(ROWS) % 3
    repeated, weighted = kind(**options), kind(**options)
    repeated.update_state(
        np.repeat(y_true, weight, axis=0), np.repeat(y_pred, weight, axis=0), np.ones(weight.sum())
    )
    weighted.update_state(y_true, y_pred, weight)
    np.testing.assert_allclose(weighted.result(), repeated.result(), rtol=2e-6)


@every
def test_reset_starts_again(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    fresh, used = kind(**options), kind(**options)
    used.update_state(*batch(data, 7))
    arrays = used.variables
    used.reset_state()
    assert all(after is before for after, before in zip(used.variables, arrays, strict=True))
    assert not any(np.any(variable) for variable in used.variables)
    np.testing.assert_array_equal(used(*batch(data)), fresh(*batch(data)))


@every
def test_nothing_and_an_empty_batch_are_no_number_of_samples(
    kind: type[Metric], options: dict[str, Any], data: str
) -> None:
    y_true, y_pred = batch(data)
    metric = kind(**options)
    assert np.all(metric.result() == 0.0)
    metric.update_state(y_true[:0], y_pred[:0])
    assert np.all(metric.result() == 0.0)
    only = kind(**options)
    np.testing.assert_array_equal(metric(y_true, y_pred), only(y_true, y_pred))


@every
def test_dtypes_of_inputs_and_results(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    y_true, y_pred = batch(data)
    single, double = kind(**options), kind(**options, dtype="float64")
    single.update_state(y_true, y_pred)
    double.update_state(y_true, y_pred)
    assert single.result().dtype == "float32"
    assert double.result().dtype == "float64"
    assert all(variable.dtype == "float64" for variable in single.variables)
    np.testing.assert_allclose(single.result(), double.result(), rtol=1e-6)
    wide = kind(**options)
    wide.update_state(y_true.astype("float64"), y_pred.astype("float64"))
    np.testing.assert_allclose(wide.result(), single.result(), rtol=1e-5)


@every
def test_lists_and_arrays_with_gaps(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    y_true, y_pred = batch(data)
    expected = kind(**options)(y_true[::2], y_pred[::2])
    np.testing.assert_allclose(kind(**options)(y_true[::2].copy(), y_pred[::2].copy()), expected, rtol=1e-6)
    np.testing.assert_allclose(
        kind(**options)(y_true[::2].tolist(), y_pred[::2].tolist()), expected, rtol=1e-5
    )


@every
def test_inputs_are_kept_and_repeated_runs_are_equal(
    kind: type[Metric], options: dict[str, Any], data: str
) -> None:
    y_true, y_pred = batch(data)
    kept = y_true.copy(), y_pred.copy()
    weight = np.random.default_rng(8).uniform(size=ROWS)
    first, second = kind(**options), kind(**options)
    first.update_state(y_true, y_pred, weight)
    second.update_state(y_true, y_pred, weight)
    assert np.asarray(first.result()).tobytes() == np.asarray(second.result()).tobytes()
    np.testing.assert_array_equal(y_true, kept[0])
    np.testing.assert_array_equal(y_pred, kept[1])


@every
def test_description_round_trip(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    metric = kind(**options, name="mine", dtype="float64")
    description = metrics.serialize(metric)
    assert description["config"]["name"] == "mine"
    again = metrics.deserialize(json.loads(json.dumps(description)))
    assert type(again) is kind
    assert again.get_config() == metric.get_config()
    np.testing.assert_array_equal(again(*batch(data)), metric(*batch(data)))


@every
def test_another_backend(kind: type[Metric], options: dict[str, Any], data: str, backend: Backend) -> None:
    y_true, y_pred = batch(data)
    moved, stayed = kind(**options), kind(**options)
    for metric in (moved, stayed):
        metric.update_state(y_true[:9], y_pred[:9])
    moved.to(backend)
    arrays = backend.xp.asarray(y_true[9:]), backend.xp.asarray(y_pred[9:])
    np.testing.assert_allclose(backend.download(moved(*arrays)), stayed(y_true[9:], y_pred[9:]), rtol=1e-6)
    assert all(isinstance(variable, backend.xp.ndarray) for variable in moved.variables)


@every
def test_weights_that_fit_nothing_are_refused(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    y_true, y_pred = batch(data)
    metric = kind(**options)
    metric.update_state(y_true, y_pred)
    before = [variable.copy() for variable in metric.variables]
    with pytest.raises(ValueError, match=r"expected sample_weight as one weight a sample.*got shape \(30,\)"):
        metric.update_state(y_true, y_pred, np.ones(30))
    for variable, kept in zip(metric.variables, before, strict=True):
        np.testing.assert_array_equal(variable, kept)


@every
def test_targets_of_another_shape_are_refused(kind: type[Metric], options: dict[str, Any], data: str) -> None:
    y_true, y_pred = batch(data)
    metric = kind(**options)
    with pytest.raises(ValueError, match="shape"):
        metric.update_state(y_true[:30], y_pred)
    assert not any(np.any(variable) for variable in metric.variables)


def test_copies_are_independent() -> None:
    metric = metrics.Precision(thresholds=[0.2, 0.6])
    metric.update_state([0, 1], [0.3, 0.7])
    twin = metrics.Precision.from_config(metric.get_config())
    twin.update_state([1], [0.9])
    assert metric.result().tolist() == [0.5, 1.0]
    assert twin.result().tolist() == [1.0, 1.0]


# -- a metric of one's own -----------------------------------------------------------------------------------------


class Range(Metric):
    """The span of predictions; what it assigns are new arrays, as people write it."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        self.low = self.add_variable((), "low", initial=np.inf)
        self.high = self.add_variable((), "high", initial=-np.inf)
        self.seen = self.add_variable((2,), "seen", dtype="int64")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        y_pred = self.xp.asarray(y_pred)
        self.low = self.xp.minimum(self.low, y_pred.min())
        self.high = self.xp.maximum(self.high, y_pred.max())
        self.seen += 1

    def result(self) -> Any:
        return self.high - self.low


def test_what_is_assigned_to_state_goes_into_its_array() -> None:
    metric = Range()
    low = metric.low
    metric.update_state(None, [1.0, 4.0])
    metric.update_state(None, [2.0, 6.0])
    assert metric.low is low
    assert [variable.tolist() for variable in metric.variables] == [1.0, 6.0, [2, 2]]
    assert float(metric.result()) == 5.0
    metric.reset_state()
    assert [variable.tolist() for variable in metric.variables] == [np.inf, -np.inf, [0, 0]]
    with pytest.raises(ValueError, match="broadcast"):
        metric.low = np.zeros(3)


def test_attributes_that_are_no_state_stay_ordinary() -> None:
    metric = Range()
    metric.name, metric.note = "span", [1]  # type: ignore[attr-defined]
    assert (metric.name, metric.note) == ("span", [1])  # type: ignore[attr-defined]
    assert len(metric.variables) == 3


def test_state_moves_with_its_values_and_names() -> None:
    metric = Range()
    metric.limits = np.array([1.0, 2.0])  # type: ignore[attr-defined]
    metric.update_state(None, [1.0, 4.0])
    old = metric.variables
    metric.to(NumpyBackend())
    assert [variable.tolist() for variable in metric.variables] == [1.0, 4.0, [1, 1]]
    assert metric.limits.tolist() == [1.0, 2.0]  # type: ignore[attr-defined]
    assert all(new is not before for new, before in zip(metric.variables, old, strict=True))
    metric.update_state(None, [0.0])
    assert float(metric.low) == 0.0
    assert float(old[0]) == 1.0


def test_a_metric_of_ones_own_is_described() -> None:
    description = metrics.serialize(Range(name="span"))
    assert description == {"class_name": "Range", "config": {"name": "span", "dtype": "float32"}}
    again = metrics.deserialize(description, custom_objects={"Range": Range})
    assert (type(again), again.name) == (Range, "span")


def test_a_metric_without_its_methods_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Metric defines no update_state"):
        Metric().update_state([1], [1])
    with pytest.raises(NotImplementedError, match="Metric defines no result"):
        Metric().result()


def test_floatx_is_the_default_type() -> None:
    config.set_floatx("float64")
    assert metrics.Mean().dtype == "float64"
    assert metrics.Mean(dtype=np.float32).dtype == "float32"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AUC", "auc"),
        ("Precision", "precision"),
        ("KLDivergence", "kl_divergence"),
        ("R2Score", "r2_score"),
        ("MeanSquaredError", "mean_squared_error"),
        ("HTTPError2Rate", "http_error2_rate"),
    ],
)
def test_names_are_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected
    assert type(name, (Metric,), {})().name == expected


def test_every_metric_knows_where_better_is() -> None:
    directions = {kind(**options).direction for kind, options, _ in EVERY}
    assert directions == {"up", "down"}
    assert metrics.AUC().direction == metrics.F1Score().direction == metrics.R2Score().direction == "up"
    assert metrics.MeanSquaredError().direction == metrics.RootMeanSquaredError().direction == "down"
    assert metrics.BinaryCrossentropy().direction == metrics.Hinge().direction == "down"
    assert metrics.CosineSimilarity().direction == metrics.BinaryAccuracy().direction == "up"
    assert metrics.Mean().direction is None
    assert Range().direction is None
