"""The kernels of functions of a row against the Python classes."""

from __future__ import annotations

import numpy as np
import pytest
from device_arrays import DTYPES, EPSILON, computed, on, stored

from gpunet import activations
from gpunet.activations import Activation
from gpunet.backend import Backend
from gpunet.backend.cuda import softmax as launch

CLASSES = [1, 2, 3, 10, 31, 32, 33, 127, 1000, 1024, 1025, 5000]
FUNCTIONS = [activations.softmax, activations.log_softmax, activations.sparsemax]


def rows_of(classes: int) -> int:
    return 19 if classes < 40 else 3


def scores(classes: int, dtype: str, seed: int = 0) -> np.ndarray:
    """Return rows of scores: the sparsest and the most even ones, large ones, and ordinary ones."""
    x = np.random.default_rng(seed).standard_normal((rows_of(classes), classes)) * 2
    x[0] *= 1e-3
    x[1] += 3e4
    return stored(x, dtype)


def forward(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return what the Python class makes of stored numbers in float64."""
    out = np.empty(x.shape)
    with np.errstate(all="ignore"):
        activation.forward_into(np, computed(x).astype("float64"), out)
    return out


def backward(activation: Activation, y: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    out = np.empty(y.shape)
    with np.errstate(all="ignore"):
        activation.backward_into(
            np, None, computed(y).astype("float64"), computed(gradient).astype("float64"), out
        )
    return out


def assert_close(found: np.ndarray, wanted: np.ndarray, units: float, scale: float = 0.0) -> None:
    """Compare relative to the result, plus what is lost where numbers of some scale were subtracted."""
    epsilon = EPSILON[found.dtype.name]
    computing = max(min(epsilon, EPSILON["float32"]) * units, epsilon if found.dtype.itemsize == 2 else 0)
    np.testing.assert_allclose(
        computed(found), wanted, rtol=computing, atol=min(epsilon, EPSILON["float32"]) * units * scale + 6e-8 * (found.dtype == np.float16)
    )  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", FUNCTIONS, ids=lambda one: one.name)
def test_forward_is_the_formula_of_the_class(device: Backend, activation: Activation, dtype: str) -> None:
    for classes in CLASSES:
        x = scores(classes, dtype)
        source, out = on(device, x, 1), on(device, np.zeros_like(x))
        assert launch.softmax(device.kernels, activation, source, out)
        found = device.download(out)
        assert_close(found, forward(activation, x), 32, scale=activation.name != "softmax")
        np.testing.assert_array_equal(device.download(source), x)
        assert launch.softmax(device.kernels, activation, source, source)
        np.testing.assert_array_equal(device.download(source), found)
        if dtype in ("float32", "float64"):
            probabilities = np.exp(found) if activation.name == "log_softmax" else found
            np.testing.assert_allclose(
                probabilities.sum(axis=1, dtype="float64"), 1, rtol=16 * EPSILON[dtype]
            )


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("activation", FUNCTIONS, ids=lambda one: one.name)
def test_backward_is_the_formula_of_the_class(device: Backend, activation: Activation, dtype: str) -> None:
    for classes in CLASSES:
        y = stored(forward(activation, scores(classes, "float64")), dtype)
        gradient = stored(np.random.default_rng(1).standard_normal(y.shape), dtype)
        there, out = on(device, gradient), on(device, np.zeros_like(y), 1)
        assert launch.softmax_backward(device.kernels, activation, on(device, y), there, out)
        found = device.download(out)
        assert_close(found, backward(activation, y, gradient), 32, scale=4)
        np.testing.assert_array_equal(device.download(there), gradient)
        assert launch.softmax_backward(device.kernels, activation, on(device, y), there, there)
        np.testing.assert_array_equal(device.download(there), found)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("classes", [2, 10, 33, 1030])
@pytest.mark.parametrize("activation", FUNCTIONS, ids=lambda one: one.name)
def test_nan_and_infinity_are_numpys(
    device: Backend, activation: Activation, classes: int, dtype: str
) -> None:
    x = np.random.default_rng(2).standard_normal((9, classes)).astype(dtype)
    x[0, 1], x[1, -1], x[2, 0], x[3] = np.nan, np.inf, -np.inf, -np.inf
    x[4, :-1] = -np.inf  # masked but for the last one
    x[5, : classes // 2], x[6, 0], x[7] = np.inf, 1e30, -1e30
    wanted = np.empty_like(x)
    with np.errstate(all="ignore"):
        activation.forward_into(np, x, wanted)
    out = on(device, np.zeros_like(x))
    assert launch.softmax(device.kernels, activation, on(device, x), out)
    np.testing.assert_allclose(
        device.download(out), wanted, rtol=64 * EPSILON[dtype], atol=64 * EPSILON[dtype]
    )


def test_a_gradient_without_support_and_one_that_is_not_finite_are_numpys(device: Backend) -> None:
    y = np.array([[0.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], "float32")
    gradient = np.array([[1, 2, 3], [np.inf, 1, 2], [1, 2, np.inf], [np.nan, 0, 0]], "float32")
    for activation in FUNCTIONS:
        out = on(device, np.zeros_like(y))
        assert launch.softmax_backward(device.kernels, activation, on(device, y), on(device, gradient), out)
        np.testing.assert_allclose(device.download(out), backward(activation, y, gradient), rtol=1e-6)


def test_the_sparsest_row_takes_many_rounds(device: Backend) -> None:
    falling = -np.log2(np.arange(1, 1500, dtype="float32"))[None] / 8
    out = on(device, falling)
    assert launch.softmax(device.kernels, activations.sparsemax, out, out)
    found = device.download(out)
    np.testing.assert_allclose(found, forward(activations.sparsemax, falling), atol=1e-6)
    assert 1 < np.count_nonzero(found) < 100


def test_rows_may_lie_along_several_axes_and_there_may_be_none(device: Backend) -> None:
    x = np.random.default_rng(3).standard_normal((2, 3, 5)).astype("float32")
    for shape in [(2, 3, 5), (30,), (0, 5), (5, 0)]:
        part = np.resize(x, shape)
        out = on(device, part)
        for axis in (-1, len(shape) - 1):
            activation = activations.softmax.with_options({"axis": axis})
            assert launch.softmax(device.kernels, activation, on(device, part), out)
            np.testing.assert_allclose(device.download(out), forward(activation, part), rtol=1e-6)


@pytest.mark.parametrize("axis", [0, -2, (0, 1), (-1,)])
def test_other_axes_have_no_kernel(device: Backend, axis: int | tuple[int, ...]) -> None:
    activation = activations.softmax.with_options({"axis": axis})
    x = on(device, np.zeros((3, 4), "float32"))
    assert not launch.softmax(device.kernels, activation, x, x)
    assert not launch.softmax_backward(device.kernels, activation, x, x, x)
