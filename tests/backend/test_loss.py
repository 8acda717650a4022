"""How a backend reduces a loss and its gradient over a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet.backend import Backend


class Squared:
    """``(y_pred - y_true)²``, a value for each element of the last axis but one."""

    def __init__(self, reduction: str = "sum_over_batch_size") -> None:
        self.reduction = reduction

    def values_and_gradient(self, xp: Any, y_true: Any, y_pred: Any, gradient: Any) -> Any:
        xp.multiply(y_pred - y_true, 2, out=gradient)
        return ((y_pred - y_true) ** 2).sum(axis=-1)

    def fused_values_and_gradient(
        self, xp: Any, y_true: Any, logits: Any, predictions: Any, gradient: Any
    ) -> Any:
        predictions[...] = -logits
        return self.values_and_gradient(xp, y_true, predictions, gradient)


def run(
    backend: Backend, loss: Squared, y_pred: Any, weight: Any = None, fused: bool = False
) -> tuple[list[float], Any, Any]:
    """Return totals (which held 1, 1 before), gradient and predictions for targets of 0."""
    predictions = backend.xp.asarray(np.asarray(y_pred, "float32"))
    totals, gradient = backend.xp.asarray(np.ones(2)), backend.empty(predictions.shape, "float32")
    out = backend.empty(predictions.shape, "float32") if fused else None
    weight = None if weight is None else backend.xp.asarray(np.asarray(weight, "float32"))
    backend.loss(
        loss, backend.zeros(predictions.shape, "float32"), predictions, weight, out, gradient, totals
    )
    return (
        backend.download(totals).tolist(),
        backend.download(gradient),
        None if out is None else backend.download(out),
    )


PREDICTED = [[1.0, 2.0], [3.0, 0.0]]  # the values of the two samples: 5 and 9


@pytest.mark.parametrize(
    ("reduction", "weight", "loss", "gradient"),
    [
        ("sum_over_batch_size", None, 7, [[1, 2], [3, 0]]),
        ("sum_over_batch_size", [2, 0], 5, [[2, 4], [0, 0]]),
        ("mean", None, 7, [[1, 2], [3, 0]]),
        ("sum", None, 14, [[2, 4], [6, 0]]),
        ("sum", [2, 1], 19, [[4, 8], [6, 0]]),
        ("mean_with_sample_weight", None, 7, [[1, 2], [3, 0]]),
        ("mean_with_sample_weight", [3, 1], 6, [[1.5, 3], [1.5, 0]]),
    ],
)
def test_reductions(
    backend: Backend, reduction: str, weight: list[float] | None, loss: float, gradient: list[list[float]]
) -> None:
    totals, received, _ = run(backend, Squared(reduction), PREDICTED, weight)
    assert totals == pytest.approx([1 + 2 * loss, 1 + 2])  # the sums of an epoch: rows · loss, and rows
    np.testing.assert_allclose(received, gradient)


def test_several_values_a_sample(backend: Backend) -> None:
    totals, gradient, _ = run(backend, Squared(), [PREDICTED, PREDICTED], [2, 0])
    assert totals == pytest.approx([1 + 2 * 7, 3])  # (2 · 5 + 2 · 9 + 0 + 0) / 4 values
    np.testing.assert_allclose(gradient, [[[1, 2], [3, 0]], [[0, 0], [0, 0]]])


def test_the_fused_form_writes_its_predictions(backend: Backend) -> None:
    totals, gradient, predictions = run(backend, Squared(), PREDICTED, fused=True)
    assert totals == pytest.approx([1 + 2 * 7, 3])
    np.testing.assert_allclose(predictions, [[-1, -2], [-3, 0]])
    np.testing.assert_allclose(gradient, [[-1, -2], [-3, 0]])


def test_no_weight_at_all_is_no_division_by_zero(backend: Backend) -> None:
    totals, gradient, _ = run(backend, Squared("mean_with_sample_weight"), PREDICTED, [0, 0])
    assert totals == [1, 3]
    assert not gradient.any()


@pytest.mark.parametrize("weight", [[3e-9, 1e-9], [-3, -1], [3e9, 1e9]])
def test_only_the_ratios_of_the_weights_count_in_a_weighted_mean(
    backend: Backend, weight: list[float]
) -> None:
    totals, gradient, _ = run(backend, Squared("mean_with_sample_weight"), PREDICTED, weight)
    assert totals == pytest.approx([1 + 2 * 6, 3])
    np.testing.assert_allclose(gradient, [[1.5, 3], [1.5, 0]], rtol=1e-6)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_an_empty_batch(backend: Backend, reduction: str) -> None:
    for weight in (None, []):
        assert run(backend, Squared(reduction), np.empty((0, 2)), weight)[0] == [1, 1]
