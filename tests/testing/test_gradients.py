"""The gradient check finds what is wrong, and nothing else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet import layers
from gpunet.backend import Backend, backend_of
from gpunet.testing import check_gradients, numerical_gradient


class Affine(layers.Layer):
    """``y = a · x + b`` with a factor and a summand for each feature; a subclass plants a bug."""

    def build(self, input_shape: Any) -> None:
        self.a = self.add_weight(input_shape[1:], "ones", name="a")
        self.b = self.add_weight(input_shape[1:], "zeros", name="b")

    def forward(self, x: Any, training: bool = False) -> Any:
        return x * self.a.value + self.b.value

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        self.a.gradient[...] = (gradient * x).sum(axis=0)
        self.b.gradient[...] = gradient.sum(axis=0)
        return gradient * self.a.value


class WrongSign(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        return -super().backward(x, y, gradient)


class MissingFactor(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        super().backward(x, y, gradient)
        return gradient


class WrongParameter(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        result = super().backward(x, y, gradient)
        self.a.gradient[...] = gradient.sum(axis=0)
        return result


class OneElement(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        result = super().backward(x, y, gradient)
        self.b.gradient[-1] *= 1.001
        return result


class Mean(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        result = super().backward(x, y, gradient)
        self.b.gradient[...] = gradient.mean(axis=0)
        return result


class Accumulated(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        self.a.gradient[...] = (gradient * x).sum(axis=0)
        self.b.gradient[...] += gradient.sum(axis=0)
        return gradient * self.a.value


class Forgotten(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        self.a.gradient[...] = (gradient * x).sum(axis=0)
        return gradient * self.a.value


class NotANumber(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        return super().backward(x, y, gradient) * np.nan


class ChangesInput(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        result = super().backward(x, y, gradient)
        x *= 2
        return result


class ChangesInputForward(Affine):
    def forward(self, x: Any, training: bool = False) -> Any:
        x *= self.a.value
        return x + self.b.value


class ChangesOutput(Affine):
    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        result = super().backward(x, y, gradient)
        y += 1
        return result


def test_a_right_layer_passes(backend: Backend) -> None:
    check_gradients(Affine(), (4,), backend=backend)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (
            WrongSign,
            r"wrong_sign: gradient of the input at \(\d, \d\): backward says .*, central differences say",
        ),
        (MissingFactor, "missing_factor: gradient of the input"),
        (WrongParameter, r"wrong_parameter/a: gradient at \(\d,\): backward says"),
        (OneElement, r"one_element/b: gradient at \(3,\)"),
        (Mean, "mean/b: gradient"),
        (Accumulated, "accumulated/b: gradient"),
        (Forgotten, "forgotten/b: gradient"),
        (NotANumber, "not_a_number: gradient of the input at .*: backward says nan"),
        (ChangesInput, "changes_input: the input was changed in place"),
        (ChangesInputForward, "changes_input_forward: the input was changed in place"),
        (ChangesOutput, "changes_output: the output was changed in place"),
    ],
)
def test_planted_bugs_are_found(kind: type[Affine], what: str, backend: Backend) -> None:
    with pytest.raises(AssertionError, match=what):
        check_gradients(kind(), (4,), backend=backend)


def test_the_gradient_of_the_output_may_be_overwritten(backend: Backend) -> None:
    class InPlace(Affine):
        def backward(self, x: Any, y: Any, gradient: Any) -> Any:
            super().backward(x, y, gradient)
            gradient *= self.a.value
            return gradient

    check_gradients(InPlace(), (4,), backend=backend)


def test_a_layer_may_use_its_output(backend: Backend) -> None:
    class Exponential(layers.Layer):
        def forward(self, x: Any, training: bool = False) -> Any:
            return backend_of(x).xp.exp(x)

        def backward(self, x: Any, y: Any, gradient: Any) -> Any:
            return gradient * y

    check_gradients(Exponential(), (4,), backend=backend)
    check_gradients(Exponential(), (1,), x=[[-900.0], [3.0]], backend=backend)  # underflow is no news


def test_a_kink_is_named() -> None:
    with pytest.raises(
        AssertionError, match=r"\(0, 1\).*The function has a kink there: give an x that is not at 0\."
    ):
        check_gradients(layers.ReLU(), (2,), x=[[1.0, 0.0]])
    check_gradients(layers.ReLU(), (2,), x=[[1.0, -0.01]])
    with pytest.raises(AssertionError, match=r"central differences say -?\d\.\d+\.$"):
        check_gradients(WrongSign(), (2,))


def test_the_tolerance_is_relative_to_large_gradients() -> None:
    class Slightly(Affine):
        def backward(self, x: Any, y: Any, gradient: Any) -> Any:
            return super().backward(x, y, gradient) * (1 + 1e-4)

    with pytest.raises(AssertionError, match="gradient of the input"):
        check_gradients(Slightly(), (4,))
    check_gradients(Slightly(), (4,), tolerance=1e-3)


def test_random_layers_are_checked_with_one_mask() -> None:
    for seed in range(3):
        check_gradients(layers.Dropout(0.5), (8,), seed=seed)


def test_numerical_gradient_by_hand() -> None:
    a = np.array([[1.0, -2.0], [0.5, 30.0]])
    kept = a.copy()
    received = numerical_gradient(lambda: float((a**3).sum()), a)
    np.testing.assert_allclose(received, 3 * kept**2, rtol=1e-6)
    np.testing.assert_array_equal(a, kept)


def test_numerical_gradient_of_single_precision_and_of_nothing() -> None:
    a = np.array([3.0], "float32")
    assert numerical_gradient(lambda: float(a[0]) * 5, a)[0] == pytest.approx(5, rel=1e-6)
    assert numerical_gradient(lambda: 1.0, np.zeros((0, 3))).shape == (0, 3)


def test_numerical_gradient_wants_floats() -> None:
    with pytest.raises(TypeError, match="numerical_gradient: expected an array of floats, got dtype int64"):
        numerical_gradient(lambda: 0.0, np.array([1, 2], np.int64))


def test_the_array_is_as_before_when_the_function_fails() -> None:
    a = np.array([1.0])
    with pytest.raises(ZeroDivisionError):
        numerical_gradient(lambda: 1 / 0, a)
    assert a[0] == 1
