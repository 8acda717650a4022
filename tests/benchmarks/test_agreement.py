"""The check before the clock: it passes who trains the same network, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks import agreement
from benchmarks.contenders.gpunet_fit import Gpunet
from benchmarks.contenders.listing import Listing
from benchmarks.workloads import Workload

WORKLOADS = (
    Workload("binary", (6, 5, 1), 8, 10, 1, "adam", 0.01),
    Workload("classes", (6, 7, 5, 3), 8, 10, 1, "adam", 0.01),
    Workload("plain", (6, 7, 3), 8, 10, 1, "sgd", 0.1),
    Workload("sigmoid", (6, 7, 3), 1, 40, 1, "sgd", 0.1, hidden="sigmoid"),
)


def off(workload: Workload, kind: Any = Gpunet, trained: Workload | None = None, **changes: Any) -> float:
    """Return how far a contender is from the reference when it trains another workload, or from other weights."""
    (x, y), weights = workload.data(), workload.weights()
    contender = kind(trained or workload, x, y, changes.get("weights", weights), "numpy")
    losses = contender.fit(agreement.EPOCHS, shuffle=changes.get("shuffle", False))
    return agreement.difference(losses, agreement.reference(workload, x, y, weights))


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_the_same_network_agrees(workload: Workload) -> None:
    assert off(workload) < 1e-5


def test_the_listing_agrees() -> None:
    assert off(WORKLOADS[3], Listing) < 1e-5


@pytest.mark.parametrize(
    "change",
    [{"learning_rate": 0.0102}, {"optimizer": "sgd"}, {"hidden": "sigmoid"}, {"batch_size": 16}],
    ids=str,
)
def test_another_training_does_not(change: dict[str, Any]) -> None:
    workload = WORKLOADS[1]
    assert off(workload, trained=replace(workload, **change)) > agreement.TOLERANCE


def test_other_weights_or_another_order_do_not() -> None:
    workload = WORKLOADS[1]
    weights = [weight * np.float32(1.01) for weight in workload.weights()]
    assert off(workload, weights=weights) > agreement.TOLERANCE
    assert off(workload, shuffle=True) > agreement.TOLERANCE


def test_nothing_at_all_learned_and_no_number_do_not() -> None:
    assert agreement.difference([2.0, 2.0], [2.0, 1.0]) == 1.0
    assert agreement.difference([2.0, float("nan")], [2.0, 1.0]) == np.inf


def test_a_reset_forgets_the_training() -> None:
    workload = WORKLOADS[1]
    contender = Gpunet(workload, *workload.data(), workload.weights(), "numpy")
    losses = contender.fit(2, shuffle=False)
    contender.reset()
    assert contender.fit(2, shuffle=False) == losses


def test_the_two_places_of_epsilon_differ_by_the_bias_correction() -> None:
    """One weight, one step: the gradient of ½ after a sigmoid at 0 on a sample of 1 that wants 1."""
    workload = Workload("one", (1, 1), 1, 1, 1, "adam", 1.0)
    x, y, weights = np.ones((1, 1)), np.ones((1, 1)), [np.zeros((1, 1)), np.zeros(1)]
    for corrected, epsilon in ((True, 1e-7), (False, 1e-7 / np.sqrt(0.001))):
        losses = agreement.reference(workload, x, y, weights, 2, epsilon_corrected=corrected)
        step = 0.5 / (0.5 + epsilon)  # of the weight and of the bias
        np.testing.assert_allclose(losses, [np.log(2), np.log1p(np.exp(-2 * step))], rtol=1e-9)
