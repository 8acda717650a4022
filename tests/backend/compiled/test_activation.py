"""The compiled activations against the Python classes, whose formulas they follow."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")
from device_activations import SIZES, check, check_far_tails, classes, elementwise

from gpunet import activations
from gpunet.activations import Activation
from gpunet.backend.compiled import activation as launch
from gpunet.backend.compiled.activation_rules import RULES
from gpunet.backend.compiled_backend import CompiledBackend

DEVICE = CompiledBackend()

every = pytest.mark.parametrize("activation", elementwise(), ids=repr)
floats = pytest.mark.parametrize("dtype", ["float32", "float64"])


def test_every_elementwise_activation_has_rules_and_none_are_left_over() -> None:
    names = {name for name, kind in classes().items() if kind.elementwise}
    assert names | {"GELU approximate"} == set(RULES)


@floats
@every
def test_each_is_the_formula_of_its_class(activation: Activation, dtype: str) -> None:
    for shape in (*SIZES, (3, 43), (2, 3, 5, 7), (0, 4)):
        check(DEVICE, activation, shape, dtype)


@floats
@every
def test_far_tails_keep_their_digits(activation: Activation, dtype: str) -> None:
    check_far_tails(DEVICE, activation, dtype)


@floats
@every
def test_bias_and_its_gradient_come_in_the_same_pass(activation: Activation, dtype: str) -> None:
    """Sums that are rounded in another order would differ; these are exact."""
    x = (np.arange(5 * 33).reshape(5, 33) % 13 - 6.0).astype(dtype)
    bias, gradient = (np.arange(33) % 5 - 2.0).astype(dtype), np.ones_like(x)
    y, z, total = np.empty_like(x), x.copy(), np.full(33, np.nan, dtype)
    assert launch.bias_activate(DEVICE.kernels, activation, bias, z, y)
    np.testing.assert_array_equal(z, x + bias)
    alone = np.empty_like(x)
    assert launch.activate(DEVICE.kernels, activation, z, alone)
    np.testing.assert_array_equal(y, alone)
    if activation.differentiable:
        out = np.empty_like(x)
        assert launch.activate_backward(DEVICE.kernels, activation, z, y, gradient, out, total)
        np.testing.assert_allclose(total, out.sum(axis=0), rtol=1e-6)


def test_training_through_a_step_is_left_to_the_class_that_refuses_it() -> None:
    x = np.ones((2, 3), "float32")
    assert not launch.activate_backward(DEVICE.kernels, activations.step, None, x, x, x)
