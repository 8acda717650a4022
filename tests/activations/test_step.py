"""The perceptron's step."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import activations
from gpunet.backend import Backend


def test_the_lectures_definition(backend: Backend) -> None:
    x = backend.xp.asarray([[-1.0, 0.0], [0.4999, 0.5]], dtype="float32")
    assert activations.step(x).tolist() == [[-1.0, 1.0], [1.0, 1.0]]
    assert activations.step(x, threshold=0.5).tolist() == [[-1.0, -1.0], [-1.0, 1.0]]
    assert activations.get({"class_name": "Step", "config": {"threshold": 0.5}})(x).tolist() == [
        [-1.0, -1.0],
        [-1.0, 1.0],
    ]


def test_a_perceptron_computes_and() -> None:
    """x₁ + x₂ ≥ ω₀ = 2."""
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    assert activations.step(x.sum(axis=1), threshold=2).tolist() == [-1.0, -1.0, -1.0, 1.0]


def test_training_through_it_is_refused_with_the_reason() -> None:
    reason = "derivative is 0 everywhere and undefined at the threshold 0.5"
    assert not activations.step.differentiable
    with pytest.raises(ValueError, match=reason):
        activations.step.backward([1.0], [1.0], threshold=0.5)
    with pytest.raises(ValueError, match="step: training through it is impossible"):
        activations.step.derivative([1.0])
