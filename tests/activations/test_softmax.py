"""Functions of a whole row."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import activations
from gpunet.backend import Backend


def test_the_lectures_example(backend: Backend) -> None:
    y = activations.softmax(backend.xp.asarray([1.1, 2.2, 0.2, -1.7]))
    assert backend.download(y) == pytest.approx([0.224, 0.672, 0.091, 0.013], abs=1e-3)


def test_rows_with_large_scores() -> None:
    x = np.array([[1e4, -1e4, 1e4], [-1e4, -1e4, -1e4], [1e4, 0.0, -1e4]], np.float32)
    assert activations.softmax(x).tolist() == [
        [0.5, 0.0, 0.5],
        [pytest.approx(1 / 3)] * 3,
        [1.0, 0.0, 0.0],
    ]
    assert activations.log_softmax(x)[2].tolist() == [0.0, -1e4, -2e4]
    assert activations.sparsemax(x)[0].tolist() == [0.5, 0.0, 0.5]


@pytest.mark.parametrize("axis", [0, 1, -1, (0, 1), (1, 2), [0, 2], (0, 1, 2)])
def test_probabilities_sum_to_one_along_the_axis(axis: int | tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(0, 5, (3, 4, 5))
    y = activations.softmax(x, axis=axis)
    axes = axis if isinstance(axis, int) else tuple(axis)
    np.testing.assert_allclose(y.sum(axis=axes), 1, rtol=1e-14)
    np.testing.assert_allclose(y, np.exp(x) / np.exp(x).sum(axis=axes, keepdims=True), rtol=1e-13)
    np.testing.assert_allclose(activations.log_softmax(x, axis=axis), np.log(y), rtol=1e-12, atol=1e-15)


def test_jacobian_by_hand() -> None:
    """g = (1/4, 3/4): ∂gᵢ/∂zⱼ = gᵢ (δᵢⱼ - gⱼ)."""
    z = np.log([1.0, 3.0])
    np.testing.assert_allclose(activations.softmax.derivative(z), [[3 / 16, -3 / 16], [-3 / 16, 3 / 16]])
    np.testing.assert_allclose(activations.log_softmax.derivative(z), [[3 / 4, -3 / 4], [-1 / 4, 1 / 4]])


def test_jacobian_along_another_axis() -> None:
    x = np.random.default_rng(1).standard_normal((3, 2))
    expected = activations.softmax.derivative(x.T)
    np.testing.assert_array_equal(activations.softmax.derivative(x, axis=0), expected)
    with pytest.raises(
        ValueError, match=r"softmax: the Jacobian matrix needs a single axis, got axis=\(0, 1\)"
    ):
        activations.softmax.derivative(x, axis=(0, 1))


def test_sparsemax_of_two_classes_is_a_hard_sigmoid() -> None:
    """Martins and Astudillo 2016, section 2.3: p₁ = min(1, max(0, (z₁ - z₂ + 1) / 2))."""
    z = np.linspace(-2, 2, 33)
    y = activations.sparsemax(np.stack([z, np.zeros_like(z)], axis=1))
    np.testing.assert_allclose(y[:, 0], np.clip((z + 1) / 2, 0, 1), atol=1e-15)
    np.testing.assert_allclose(y.sum(axis=1), 1)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sparsemax_of_scores_too_far_apart_for_their_difference(dtype: str) -> None:
    largest = np.finfo(dtype).max
    scores = np.array([[-largest, largest, 0.0], [-largest, -largest, -largest]], dtype)
    y = activations.sparsemax(scores)
    np.testing.assert_allclose(y, [[0, 1, 0], [1 / 3, 1 / 3, 1 / 3]], rtol=1e-6)
    np.testing.assert_allclose(activations.sparsemax.backward(scores, [1.0, 0.0, 0.0])[0], 0)
