"""Sum, Mean and the mean of a function."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gpunet import losses, metrics
from gpunet.backend import Backend

VALUES = [[1.0, 3.0], [5.0, 7.0]]


@pytest.mark.parametrize(
    ("values", "weight", "total", "mean"),
    [
        ([1, 3, 5, 7], None, 16, 4),
        ([1, 3, 5, 7], [1, 1, 0, 0], 4, 2),
        ([1, 3, 5, 7], [-1, -1, 0, 0], -4, 2),
        ([1, 3, 5, 7], [[1], [1], [0], [0]], 4, 2),
        ([[1], [3], [5], [7]], [1, 1, 0, 0], 4, 2),
        ([1, 3, 5, 7], [2], 32, 4),
        ([1, 3, 5, 7], 2, 32, 4),
        ([1, 3, 5, 7], [0, 0, 0, 0], 0, 0),
        (VALUES, None, 16, 4),
        (VALUES, [1, 3], 40, 5),
        (VALUES, [[1, 1], [1, 0]], 9, 3),
        (VALUES, [[1, 0]], 6, 3),
        (VALUES, [[0], [1]], 12, 6),
        (5, None, 5, 5),
        (5, 3, 15, 5),
        ([True, False, True, True], None, 3, 0.75),
        ([True, False, True, True], [1, 2, 3, 4], 8, 0.8),
        ([], None, 0, 0),
        (np.zeros((0, 3)), None, 0, 0),
        (np.zeros((3, 0)), None, 0, 0),
        (np.arange(24.0).reshape(2, 3, 4), [1, 2], 66 + 2 * 210, (66 + 2 * 210) / 36),
        (np.arange(24.0).reshape(2, 3, 4), np.ones((2, 3)), 276, 11.5),
    ],
)
def test_by_hand(values: Any, weight: Any, total: float, mean: float, backend: Backend) -> None:
    for metric, expected in ((metrics.Sum(), total), (metrics.Mean(), mean)):
        metric.to(backend)
        metric.update_state(
            backend.xp.asarray(values), None if weight is None else backend.xp.asarray(weight)
        )
        assert float(metric.result()) == pytest.approx(expected, rel=1e-6)


def test_batches_count_by_their_samples() -> None:
    metric = metrics.Mean()
    metric.update_state([1.0, 1.0, 1.0])
    metric.update_state([[5.0, 5.0]])
    assert float(metric.result()) == 2.0
    assert [float(variable) for variable in metric.variables] == [8.0, 4.0]


def test_a_number_as_weight_makes_the_batch_one_sample() -> None:
    # Keras 3.15.1 says total 14, count 3: 2 · mean(1, 3) + 1 · mean(9, 11)
    metric = metrics.Mean()
    metric.update_state([1.0, 3.0], 2.0)
    metric.update_state([9.0, 11.0], 1.0)
    assert [float(variable) for variable in metric.variables] == [14.0, 3.0]


def test_sums_are_kept_in_double_precision() -> None:
    total, mean = metrics.Sum(dtype="float64"), metrics.Mean(dtype="float64")
    for metric in (total, mean):
        metric.update_state(np.array([2**24, 1, 1], "float32"))
    assert float(total.result()) == 2**24 + 2
    assert float(mean.result()) == (2**24 + 2) / 3


def test_integers_and_halves_do_not_overflow() -> None:
    assert float(metrics.Sum()(np.full(1000, 255, np.uint8))) == 255_000.0
    assert float(metrics.Mean()(np.full(10, 6e4, np.float16))) == pytest.approx(6e4, rel=1e-3)


def test_weights_are_named_in_the_error() -> None:
    with pytest.raises(ValueError, match=r"mean: expected sample_weight.*shape \(2, 2\), got shape \(3,\)"):
        metrics.Mean().update_state(VALUES, [1, 2, 3])


# -- MeanMetricWrapper ---------------------------------------------------------------------------------------------


def largest_error(y_true: Any, y_pred: Any, scale: float = 1.0) -> Any:
    return scale * abs(np.asarray(y_pred) - np.asarray(y_true)).max(axis=-1)


TARGETS, PREDICTIONS = np.zeros((2, 2)), np.array([[1.0, -3.0], [0.5, 1.0]])


def test_the_mean_of_a_function() -> None:
    metric = metrics.MeanMetricWrapper(largest_error, scale=2.0)
    assert float(metric(TARGETS, PREDICTIONS)) == 4.0
    assert float(metric(TARGETS, PREDICTIONS, [0, 1])) == pytest.approx((6 + 2 + 2) / 3)
    assert metric.name == "mean_metric_wrapper"
    assert metric.direction is None


def test_a_function_of_ones_own_is_described_by_its_name() -> None:
    metric = metrics.MeanMetricWrapper(largest_error, name="largest", scale=2.0)
    assert metric.get_config() == {"name": "largest", "dtype": "float32", "fn": largest_error, "scale": 2.0}
    assert metrics.MeanMetricWrapper.from_config(metric.get_config()).fn is largest_error
    description = json.loads(json.dumps(metrics.serialize(metric)))
    assert description["config"]["fn"] == "largest_error"
    again = metrics.deserialize(description, custom_objects={"largest_error": largest_error})
    assert (again.name, again.fn, again.options) == ("largest", largest_error, {"scale": 2.0})
    with pytest.raises(ValueError, match='Unknown metric "largest_error"'):
        metrics.deserialize(description)


def test_a_known_function_needs_no_help() -> None:
    metric = metrics.MeanMetricWrapper(metrics.mean_absolute_error, name="distance")
    again = metrics.deserialize(json.loads(json.dumps(metrics.serialize(metric))))
    assert float(again([[0.0]], [[3.0]])) == float(metric([[0.0]], [[3.0]])) == 3.0


def test_of_losses_less_is_better() -> None:
    assert metrics.MeanMetricWrapper(losses.huber).direction == "down"
    assert metrics.MeanMetricWrapper(losses.Huber()).direction == "down"


def test_a_loss_counts_once_a_batch() -> None:
    metric = metrics.MeanMetricWrapper(losses.MeanSquaredError(), name="mse")
    metric.update_state([[0.0], [0.0]], [[1.0], [3.0]])
    metric.update_state([[0.0]], [[1.0]])
    assert float(metric.result()) == 3.0
