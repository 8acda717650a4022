"""The kernels of the metrics: the state that they leave is the one that the NumPy backend leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from device_arrays import computed, on, stored
from metric_batches import Batch, batches, numbers

from gpunet import losses, metrics
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import columns, counts
from gpunet.backend.cuda import metric as launches
from gpunet.backend.cuda.kernels import Kernels
from gpunet.metrics.curve import CurveMetric

Make = Callable[[], metrics.Metric]

WITHOUT_KERNEL = dict.fromkeys(
    ("Mean", "Sum"), "take values, not targets and predictions: no model is compiled with them"
)

# Metrics that count, with the kinds of data that they are given: without weights they must agree exactly.
COUNTS: list[tuple[Make, str]] = [
    (metrics.Accuracy, "binary"),
    (metrics.BinaryAccuracy, "binary"),
    (lambda: metrics.BinaryAccuracy(threshold=0.3), "binary"),
    (lambda: metrics.MeanMetricWrapper(metrics.binary_accuracy, threshold=0.7), "binary"),
    (metrics.CategoricalAccuracy, "one_hot"),
    (metrics.CategoricalAccuracy, "binary"),
    (metrics.SparseCategoricalAccuracy, "labels"),
    (metrics.SparseCategoricalAccuracy, "real_labels"),
    (lambda: metrics.TopKCategoricalAccuracy(1), "one_hot"),
    (lambda: metrics.TopKCategoricalAccuracy(3), "binary"),
    (lambda: metrics.TopKCategoricalAccuracy(40), "one_hot"),
    (lambda: metrics.SparseTopKCategoricalAccuracy(3), "labels"),
    (lambda: metrics.SparseTopKCategoricalAccuracy(2), "real_labels"),
    (lambda: metrics.SparseTopKCategoricalAccuracy(3, from_sorted_ids=True), "classes"),
    (metrics.TruePositives, "binary"),
    (metrics.FalsePositives, "binary"),
    (metrics.TrueNegatives, "binary"),
    (metrics.FalseNegatives, "binary"),
    (metrics.Precision, "binary"),
    (metrics.Recall, "binary"),
    (lambda: metrics.Precision(thresholds=[0.7, 0.1, 0.5]), "one_hot"),
    (lambda: metrics.Precision(top_k=1), "binary"),
    (lambda: metrics.Precision(top_k=2), "binary"),
    (lambda: metrics.Recall(top_k=3, thresholds=0.5, class_id=0), "binary"),
    (lambda: metrics.Recall(class_id=0), "one_hot"),
    (metrics.AUC, "binary"),
    (lambda: metrics.AUC(thresholds=[0.5, 0.1, 0.7]), "binary"),
    (lambda: metrics.AUC(num_thresholds=11, multi_label=True), "binary"),
    (lambda: metrics.AUC(num_thresholds=50, from_logits=True), "scores"),
    (lambda: metrics.SensitivityAtSpecificity(0.5, num_thresholds=21), "binary"),
    (lambda: metrics.SpecificityAtSensitivity(0.5, num_thresholds=1), "binary"),
    (lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=21, class_id=0), "binary"),
    (lambda: metrics.RecallAtPrecision(0.5, num_thresholds=11), "one_hot"),
    (metrics.F1Score, "binary"),
    (lambda: metrics.F1Score(average="micro"), "one_hot"),
    (lambda: metrics.FBetaScore(beta=2.0, threshold=0.5), "binary"),
]  # fmt: skip

# Metrics that sum real numbers in float64.
SUMS: list[tuple[Make, str]] = [
    (metrics.RootMeanSquaredError, "positive"),
    (metrics.R2Score, "positive"),
    (lambda: metrics.FBetaScore(average="macro"), "positive"),
]

# Means of losses: their kernels are those of the losses, without a gradient.
LOSSES: list[tuple[Make, str]] = [
    (metrics.MeanSquaredError, "positive"),
    (metrics.MeanAbsoluteError, "positive"),
    (metrics.MeanAbsolutePercentageError, "positive"),
    (metrics.MeanSquaredLogarithmicError, "positive"),
    (metrics.LogCoshError, "positive"),
    (metrics.CosineSimilarity, "positive"),
    (metrics.Hinge, "binary_positive"),
    (metrics.SquaredHinge, "binary_positive"),
    (metrics.KLDivergence, "distributions"),
    (metrics.Poisson, "positive"),
    (metrics.BinaryCrossentropy, "distributions"),
    (lambda: metrics.BinaryCrossentropy(from_logits=True, label_smoothing=0.1), "distributions"),
    (metrics.CategoricalCrossentropy, "distributions"),
    (lambda: metrics.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), "distributions"),
    (metrics.SparseCategoricalCrossentropy, "labels_positive"),
    (lambda: metrics.SparseCategoricalCrossentropy(from_logits=True, ignore_class=1), "labels_positive"),
    (lambda: metrics.MeanMetricWrapper(losses.huber, delta=0.3), "positive"),
    (lambda: metrics.MeanMetricWrapper(losses.half_mean_squared_error), "positive"),
]

SHAPES = [(0, 3), (1, 1), (31, 2), (33, 10), (127, 33), (2, 1000), (1025, 10), (1025, 1)]
FEW = [(33, 10), (1025, 3)]


def state_after(backend: Backend, make: Make, given: list[Batch], launched: bool) -> dict[str, np.ndarray]:
    """Return what a metric has kept of some batches, and check whether a kernel has taken them in."""
    metric = make()
    metric.to(backend)
    with np.errstate(all="ignore"):
        first = [on(backend, array[:1]) for array in given[0][:2]]
        backend.update_metric(metric, *first, None)  # makes the state, as a trainer does
        metric.reset_state()
        for batch in given:
            arrays = [None if array is None else on(backend, array) for array in batch]
            if backend.name == "numpy":
                backend.update_metric(metric, *arrays)
            else:
                backend.kernels.workspace.fill(np.nan)  # whatever an earlier operation has left there
                assert launches.update(backend.kernels, metric, *arrays) == launched
                if not launched:
                    backend.update_metric(metric, *arrays)
    return {name: backend.download(getattr(metric, name)) for name in metric._initial}


def assert_same_state(device: Backend, make: Make, given: list[Batch], tolerance: float) -> None:
    expected = state_after(NumpyBackend(), make, given, True)
    found = state_after(device, make, given, len(given[0][1]) > 0)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        scale = np.nanmax(np.abs(value), initial=0.0)
        np.testing.assert_allclose(found[name], value, rtol=tolerance, atol=tolerance * scale, err_msg=name)


def named(cases: list[tuple[Make, str]]) -> list[Any]:
    return [pytest.param(*case, id=f"{type(case[0]()).__name__}-{case[1]}") for case in cases]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("make", "kind"), named(COUNTS))
def test_counts_are_exact(device: Backend, make: Make, kind: str, dtype: str) -> None:
    for shape in SHAPES if dtype == "float32" else FEW:
        assert_same_state(device, make, batches(kind, shape, dtype, weighted=False), 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("make", "kind"), named(COUNTS))
def test_weights_are_summed_in_float64(device: Backend, make: Make, kind: str, dtype: str) -> None:
    # The reference of a curve adds up all columns and subtracts.
    tolerance = 1e-13 if isinstance(make(), CurveMetric) else 1e-14
    for shape in FEW:
        assert_same_state(device, make, batches(kind, shape, dtype, weighted=True), tolerance)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("make", "kind"), named(SUMS))
def test_sums_are_made_in_float64(device: Backend, make: Make, kind: str, dtype: str, weighted: bool) -> None:
    for shape in SHAPES if dtype == "float32" else FEW:
        assert_same_state(device, make, batches(kind, shape, dtype, weighted), 1e-14)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("make", "kind"), named(LOSSES))
def test_means_of_losses(device: Backend, make: Make, kind: str, weighted: bool) -> None:
    for shape in [(1, 3), (33, 10), (1025, 10)]:
        assert_same_state(device, make, batches(kind, shape, "float64", weighted), 1e-13)
    assert_same_state(device, make, batches(kind, (127, 33), "float32", weighted), 2e-6)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("make", "kind"),
    named([*COUNTS[:16], *SUMS[:1], *LOSSES[:1], *LOSSES[14:16]]),
)
def test_samples_of_several_rows_count_once(device: Backend, make: Make, kind: str, weighted: bool) -> None:
    for shape in [(5, 3, 4), (129, 3, 4)]:
        assert_same_state(device, make, batches(kind, shape, "float64", weighted), 1e-14)


@pytest.mark.parametrize("dtype", ["float16", "uint16"])
@pytest.mark.parametrize(
    ("make", "kind"),
    named(
        [
            (metrics.SparseCategoricalAccuracy, "labels"),
            (metrics.BinaryAccuracy, "binary"),
            (metrics.Precision, "binary"),
            (metrics.AUC, "binary"),
            (metrics.F1Score, "one_hot"),
            (metrics.RootMeanSquaredError, "positive"),
            (metrics.R2Score, "positive"),
            (metrics.MeanSquaredError, "positive"),
        ]
    ),
)
def test_predictions_may_be_stored_in_16_bits(device: Backend, make: Make, kind: str, dtype: str) -> None:
    y_true, y_pred = numbers(kind, (127, 10), "float32")
    narrow = stored(y_pred, dtype)
    wide = computed(narrow)
    expected = state_after(NumpyBackend(), make, [(y_true, wide, None)], True)
    metric = make()
    metric.update_state(y_true[:1], wide[:1])
    metric.reset_state()
    metric.to(device)
    assert launches.update(device.kernels, metric, on(device, y_true), on(device, narrow), None)
    for name, value in expected.items():
        found = device.download(getattr(metric, name))
        np.testing.assert_allclose(found, value, rtol=2e-6, err_msg=name)


def test_many_thresholds_of_a_large_batch_have_room(device: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many parts as the workspace has room for would take more than the half of it that is theirs."""
    monkeypatch.setattr(Kernels, "WORKSPACE", 2048)
    monkeypatch.setattr(counts, "HALF", 1024)
    y_pred = np.linspace(0, 1, 3000, dtype="float32")[:, None]
    y_true = np.round(y_pred)
    thresholds = np.linspace(0.01, 0.99, 100).tolist()
    given: list[Batch] = [(y_true, y_pred, None)]
    assert_same_state(device, lambda: metrics.TruePositives(thresholds=thresholds), given, 0)


def test_label_weights_and_more_columns_than_there_is_room_for(
    device: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = [0.25, 1.0, 2.0]
    given = batches("binary", (33, 3), "float32", weighted=True)
    assert_same_state(device, lambda: metrics.AUC(5, label_weights=weights), given, 1e-14)
    monkeypatch.setattr(Kernels, "WORKSPACE", 30)  # bins of two columns
    assert_same_state(device, lambda: metrics.AUC(5, multi_label=True, label_weights=weights), given, 1e-14)


def test_a_block_goes_on_to_the_next_of_its_elements(
    device: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "PARTS", 2)
    monkeypatch.setattr(columns, "PARTS", 2)
    given = batches("binary", (1025, 1), "float32", weighted=True)
    assert_same_state(device, lambda: metrics.AUC(40), given, 1e-13)
    assert_same_state(
        device, metrics.R2Score, batches("positive", (1025, 10), "float32", weighted=True), 1e-14
    )


def test_a_curve_may_have_more_bins_than_a_block_has_threads(device: Backend) -> None:
    y_pred = np.repeat((np.arange(599) + 0.5) / 599, 2)[:, None]  # two in each bin, of which one is true
    y_true, weight = np.tile([0.0, 1.0], 599)[:, None], np.random.default_rng(1).random(1198)
    assert_same_state(device, lambda: metrics.AUC(600), [(y_true, y_pred, weight)], 1e-12)


def test_every_metric_has_a_kernel() -> None:
    members = [getattr(metrics, name) for name in metrics.__all__]
    classes = {
        kind.__name__ for kind in members if isinstance(kind, type) and issubclass(kind, metrics.Metric)
    }
    tested = {type(make()).__name__ for make, _ in (*COUNTS, *SUMS, *LOSSES)}
    assert classes - {"Metric"} == tested | set(WITHOUT_KERNEL)


class OwnAccuracy(metrics.BinaryAccuracy):
    """A class of the user's."""


def own_function(y_true: Any, y_pred: Any) -> Any:
    return (y_true - y_pred)[..., 0]


@pytest.mark.parametrize("make", [OwnAccuracy, lambda: metrics.MeanMetricWrapper(own_function)])
def test_what_is_not_gpunets_own_is_left_to_the_reference(device: Backend, make: Make) -> None:
    given = batches("positive", (33, 3), "float32", weighted=False)
    expected, found = state_after(NumpyBackend(), make, given, True), state_after(device, make, given, False)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-14, err_msg=name)


@pytest.mark.parametrize(
    ("make", "y_true", "y_pred"),
    [
        (metrics.CategoricalAccuracy, (4, 3), (4, 2)),
        (metrics.SparseCategoricalAccuracy, (4, 2), (4, 3)),
        (metrics.BinaryAccuracy, (4, 2), (4,)),
        (metrics.Precision, (4, 2), (4, 3)),
        (lambda: metrics.Recall(class_id=3), (4, 3), (4, 3)),
        (lambda: metrics.AUC(multi_label=True, num_labels=2), (4, 3), (4, 3)),
        (lambda: metrics.AUC(label_weights=[1.0, 2.0]), (4, 3), (4, 3)),
        (metrics.MeanSquaredError, (4, 3), (4, 2)),
    ],
)
def test_shapes_that_do_not_fit_are_refused_by_the_reference(
    device: Backend, make: Make, y_true: tuple[int, ...], y_pred: tuple[int, ...]
) -> None:
    metric = make()
    metric.to(device)
    with pytest.raises(ValueError):  # noqa: PT011 (each metric has a message of its own)
        device.update_metric(metric, on(device, np.zeros(y_true)), on(device, np.zeros(y_pred)), None)
    for name in metric._initial:
        assert not device.download(getattr(metric, name)).any()


def test_the_operation_of_the_backend_is_this_kernel(device: Backend) -> None:
    metric = metrics.SparseCategoricalAccuracy()
    metric.to(device)
    total = metric.total.data.ptr
    device.update_metric(
        metric, on(device, np.array([1, 0])), on(device, np.eye(3, dtype="float32")[1:]), None
    )
    assert (float(metric.total), float(metric.count), metric.total.data.ptr) == (1.0, 2.0, total)


@pytest.mark.parametrize(
    "make", [lambda: metrics.Recall(class_id=2, top_k=4), lambda: metrics.RecallAtPrecision(0.5, 5, 2)]
)
def test_one_class_counts(device: Backend, make: Make) -> None:
    for weighted in (False, True):
        assert_same_state(device, make, batches("binary", (33, 10), "float32", weighted), 1e-14)


@pytest.mark.parametrize("make", [metrics.R2Score, lambda: metrics.F1Score(average="micro"), metrics.F1Score])
def test_columns_and_rows_may_be_many(device: Backend, make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same_state(device, make, batches("positive", (31, 300), "float32", weighted=True), 1e-14)
    monkeypatch.setattr(columns, "HALF", 40)  # sums of ten columns
    monkeypatch.setattr(columns, "ROWS", 1)
    for width in (1, 3, 10):
        assert_same_state(device, make, batches("positive", (127, width), "float32", weighted=True), 1e-14)


def test_sums_over_more_columns_than_there_is_room_for_are_left_to_the_reference(
    device: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "HALF", 40)
    given = batches("positive", (5, 11), "float32", weighted=False)
    assert state_after(device, lambda: metrics.F1Score(average="micro"), given, False).keys()
    assert state_after(device, metrics.F1Score, given, True).keys()


def test_a_step_with_all_of_them_can_be_captured(device: Backend, capsys: pytest.CaptureFixture[str]) -> None:
    every = [*COUNTS, *SUMS, *LOSSES]
    expected, made, operations = [], [], []
    for make, kind in every:
        batch = batches(kind, (129, 10), "float32", weighted=True)[0]
        expected.append(state_after(NumpyBackend(), make, [batch] * 3, True))
        metric = make()
        metric.to(device)
        arrays = [on(device, array) for array in batch if array is not None]
        device.update_metric(metric, *arrays)  # makes the state
        metric.reset_state()
        made.append(metric)
        operations.append(partial(device.update_metric, metric, *arrays))

    def step() -> None:
        for operation in operations:
            operation()

    device.record([step])(3)
    assert capsys.readouterr().err == ""
    for metric, state in zip(made, expected, strict=True):
        for name, value in state.items():
            found = device.download(getattr(metric, name))
            np.testing.assert_allclose(found, value, rtol=2e-6, err_msg=f"{metric.name}: {name}")
