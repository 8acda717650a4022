"""Every gradient against central differences in float64, as a training step computes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from gpunet import activations, losses
from gpunet.backend import Backend
from gpunet.losses import Loss

EVERY: dict[str, Loss] = {
    "mse": losses.MeanSquaredError(dtype="float64"),
    "half": losses.HalfMeanSquaredError(dtype="float64"),
    "mae": losses.MeanAbsoluteError(dtype="float64"),
    "msle": losses.MeanSquaredLogarithmicError(dtype="float64"),
    "mape": losses.MeanAbsolutePercentageError(dtype="float64"),
    "huber": losses.Huber(0.3, dtype="float64"),
    "log_cosh": losses.LogCosh(dtype="float64"),
    "hinge": losses.Hinge(dtype="float64"),
    "squared_hinge": losses.SquaredHinge(dtype="float64"),
    "kl_divergence": losses.KLDivergence(dtype="float64"),
    "poisson": losses.Poisson(dtype="float64"),
    "cosine": losses.CosineSimilarity(dtype="float64"),
    "bce": losses.BinaryCrossentropy(dtype="float64"),
    "bce smooth": losses.BinaryCrossentropy(label_smoothing=0.2, dtype="float64"),
    "bce logits": losses.BinaryCrossentropy(from_logits=True, dtype="float64"),
    "bce logits smooth": losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2, dtype="float64"),
    "cce": losses.CategoricalCrossentropy(dtype="float64"),
    "cce smooth": losses.CategoricalCrossentropy(label_smoothing=0.2, dtype="float64"),
    "cce logits": losses.CategoricalCrossentropy(from_logits=True, dtype="float64"),
    "cce logits smooth": losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.2, dtype="float64"
    ),
    "scce": losses.SparseCategoricalCrossentropy(dtype="float64"),
    "scce logits": losses.SparseCategoricalCrossentropy(from_logits=True, dtype="float64"),
    "scce ignoring": losses.SparseCategoricalCrossentropy(ignore_class=1, dtype="float64"),
    "scce logits ignoring": losses.SparseCategoricalCrossentropy(True, 1, dtype="float64"),
}
AXES: dict[str, Loss] = {
    "cosine": losses.CosineSimilarity(axis=1, dtype="float64"),
    "bce": losses.BinaryCrossentropy(axis=1, dtype="float64"),
    "cce": losses.CategoricalCrossentropy(axis=1, dtype="float64"),
    "cce logits": losses.CategoricalCrossentropy(from_logits=True, axis=1, dtype="float64"),
    "scce": losses.SparseCategoricalCrossentropy(axis=1, dtype="float64"),
    "scce logits": losses.SparseCategoricalCrossentropy(from_logits=True, axis=1, dtype="float64"),
}
FUSED: dict[str, Loss] = {
    "bce": losses.BinaryCrossentropy(dtype="float64"),
    "bce smooth": losses.BinaryCrossentropy(label_smoothing=0.2, dtype="float64"),
    "cce": losses.CategoricalCrossentropy(dtype="float64"),
    "cce smooth": losses.CategoricalCrossentropy(label_smoothing=0.2, dtype="float64"),
    "scce": losses.SparseCategoricalCrossentropy(dtype="float64"),
    "scce ignoring": losses.SparseCategoricalCrossentropy(ignore_class=1, dtype="float64"),
}


def targets(loss: Loss, shape: tuple[int, ...], axis: int = -1) -> np.ndarray:
    random = np.random.default_rng(5)
    if loss.integer_targets:
        return random.integers(0, shape[axis], np.delete(shape, axis))
    if isinstance(loss, losses.Hinge):
        return random.choice([-1.0, 1.0], shape)
    return random.uniform(0.05, 0.9, shape)


def predictions(loss: Loss, shape: tuple[int, ...]) -> np.ndarray:
    random = np.random.default_rng(6)
    return random.standard_normal(shape) if loss.from_logits else random.uniform(0.1, 0.95, shape)


def differences(function: Callable[[np.ndarray], float], point: np.ndarray, step: float = 1e-6) -> np.ndarray:
    slopes = np.empty(point.shape)
    for index in np.ndindex(point.shape):
        up, down = point.copy(), point.copy()
        up[index] += step
        down[index] -= step
        slopes[index] = (function(up) - function(down)) / (2 * step)
    return slopes


@pytest.mark.parametrize("shape", [(4, 3), (1, 2), (3, 1), (2, 3, 2)])
@pytest.mark.parametrize("name", EVERY)
def test_gradient_of_every_sample(name: str, shape: tuple[int, ...], backend: Backend) -> None:
    loss = EVERY[name]
    if "cce" in name and shape[-1] == 1:
        shape = (3, 4)
    xp = backend.xp
    y_true, y_pred = targets(loss, shape), predictions(loss, shape)
    received = loss.gradient(xp.asarray(y_true), xp.asarray(y_pred))
    expected = differences(lambda p: float(loss.call(xp.asarray(y_true), xp.asarray(p)).sum()), y_pred)
    np.testing.assert_allclose(backend.download(received), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", AXES)
def test_gradient_along_another_axis(name: str, backend: Backend) -> None:
    loss, xp = AXES[name], backend.xp
    y_true, y_pred = targets(loss, (2, 4, 3), axis=1), predictions(loss, (2, 4, 3))
    received = loss.gradient(xp.asarray(y_true), xp.asarray(y_pred))
    values = loss.call(xp.asarray(y_true), xp.asarray(y_pred))
    assert values.shape == (2, 3)
    expected = differences(lambda p: float(loss.call(xp.asarray(y_true), xp.asarray(p)).sum()), y_pred)
    np.testing.assert_allclose(backend.download(received), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "sum", "mean_with_sample_weight"])
@pytest.mark.parametrize("name", EVERY)
def test_what_a_step_computes_is_the_loss_and_its_gradient(
    name: str, reduction: str, weighted: bool, backend: Backend
) -> None:
    config = {**EVERY[name].get_config(), "reduction": reduction}
    if config.get("ignore_class") is not None and reduction == "mean_with_sample_weight":
        with pytest.raises(ValueError, match="ignore_class doesn't go with"):
            type(EVERY[name])(**config)
        return
    loss, xp = type(EVERY[name])(**config), backend.xp
    y_true, y_pred = targets(loss, (4, 3)), predictions(loss, (4, 3))
    weight = xp.asarray([0.5, 2.0, 0.0, 1.0]) if weighted else None
    gradient, totals = backend.empty((4, 3), "float64"), backend.zeros(2, "float64")
    backend.loss(loss, xp.asarray(y_true), xp.asarray(y_pred), weight, None, gradient, totals)
    whole = float(loss(xp.asarray(y_true), xp.asarray(y_pred), weight))
    assert backend.download(totals) == pytest.approx([4 * whole, 4])
    expected = differences(lambda p: float(loss(xp.asarray(y_true), xp.asarray(p), weight)), y_pred)
    np.testing.assert_allclose(backend.download(gradient), expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("shape", [(4, 3), (1, 2), (2, 3, 2)])
@pytest.mark.parametrize("name", FUSED)
def test_fused_with_the_last_activation(name: str, shape: tuple[int, ...], backend: Backend) -> None:
    loss, xp = FUSED[name], backend.xp
    y_true, logits = targets(loss, shape), np.random.default_rng(7).standard_normal(shape)
    probabilities, gradient = (backend.empty(shape, "float64") for _ in range(2))
    values = loss.fused_values_and_gradient(
        xp, xp.asarray(y_true), xp.asarray(logits), probabilities, gradient
    )
    assert loss.fuses is not None
    activation = activations.get(loss.fuses)
    np.testing.assert_allclose(backend.download(probabilities), activation(logits), rtol=1e-14)
    plain = loss.call(xp.asarray(y_true), probabilities)
    np.testing.assert_allclose(backend.download(values), backend.download(plain), rtol=1e-12)

    def summed(z: np.ndarray) -> float:
        return float(loss.call(xp.asarray(y_true), activation(xp.asarray(z))).sum())

    np.testing.assert_allclose(backend.download(gradient), differences(summed, logits), rtol=1e-6, atol=1e-8)


def test_what_is_fused() -> None:
    assert losses.BinaryCrossentropy().fuses == "sigmoid"
    assert losses.CategoricalCrossentropy().fuses == "softmax"
    assert losses.SparseCategoricalCrossentropy().fuses == "softmax"
    for kind in (
        losses.BinaryCrossentropy,
        losses.CategoricalCrossentropy,
        losses.SparseCategoricalCrossentropy,
    ):
        assert kind(from_logits=True).fuses is None
        assert kind(axis=1).fuses is None
    assert losses.MeanSquaredError().fuses is None
    with pytest.raises(NotImplementedError, match="MeanSquaredError has no fused form"):
        losses.MeanSquaredError().fused_values_and_gradient(np, 0, 0, 0, 0)


@pytest.mark.parametrize("name", FUSED)
def test_fused_in_single_precision(name: str) -> None:
    loss = FUSED[name]
    y_true, logits = targets(loss, (31, 10)), np.random.default_rng(7).normal(0, 5, (31, 10))
    results = []
    for dtype in ("float32", "float64"):
        kind = type(loss)(**{**loss.get_config(), "dtype": dtype})
        y = y_true if loss.integer_targets else y_true.astype(dtype)
        probabilities, gradient = np.empty((31, 10), dtype), np.empty((31, 10), dtype)
        values = kind.fused_values_and_gradient(np, y, logits.astype(dtype), probabilities, gradient)
        assert values.dtype == dtype
        results.append((values, probabilities, gradient))
    for single, double in zip(*results, strict=True):
        np.testing.assert_allclose(single, double, rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize("name", FUSED)
def test_a_step_keeps_what_it_reads(name: str) -> None:
    loss = FUSED[name]
    y_true, logits = targets(loss, (5, 4)), np.random.default_rng(7).standard_normal((5, 4))
    kept = y_true.copy(), logits.copy()
    loss.fused_values_and_gradient(np, y_true, logits, np.empty((5, 4)), np.empty((5, 4)))
    np.testing.assert_array_equal(y_true, kept[0])
    np.testing.assert_array_equal(logits, kept[1])


@pytest.mark.parametrize("name", EVERY)
def test_the_plain_form_keeps_what_it_reads(name: str) -> None:
    loss = EVERY[name]
    y_true, y_pred = targets(loss, (5, 4)), predictions(loss, (5, 4))
    y_true.flags.writeable = y_pred.flags.writeable = False
    assert np.isfinite(loss.gradient(y_true, y_pred)).all()


def test_where_the_clip_binds_the_gradient_is_zero() -> None:
    edge = np.array([[0.0, 1.0], [-0.1, 1.1]])
    for kind in (losses.BinaryCrossentropy, losses.KLDivergence):
        gradient = kind(dtype="float64").gradient(np.array([[1.0, 0.5]] * 2), edge)
        assert gradient[:, 0].tolist() == [0.0, 0.0]
        assert gradient[1, 1] == 0.0
    assert losses.MeanSquaredLogarithmicError().gradient([[1.0]], [[-3.0]]).tolist() == [[0.0]]
    certain = np.array([[0.0, 1.0]])
    assert not losses.CategoricalCrossentropy().gradient(certain[:, ::-1], certain).any()
    assert not losses.SparseCategoricalCrossentropy().gradient([0], certain).any()


def test_at_a_kink_the_gradient_is_zero() -> None:
    for kind in (losses.MeanAbsoluteError, losses.MeanAbsolutePercentageError, losses.Huber, losses.LogCosh):
        assert kind().gradient([[2.0]], [[2.0]]).tolist() == [[0.0]]
    assert losses.Hinge().gradient([[1.0]], [[1.0]]).tolist() == [[0.0]]
