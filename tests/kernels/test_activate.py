"""The activation kernels against the Python classes, whose formulas they follow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from device_activations import (
    SIZES,
    assert_close,
    backward,
    check,
    check_far_tails,
    classes,
    elementwise,
    forward,
    numbers,
)
from device_arrays import DTYPES, EPSILON, computed, on, stored

from gpunet import activations
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import activation as launch
from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda.kernels import Kernels


def test_every_elementwise_activation_has_a_functor_and_no_functor_is_left_over() -> None:
    assert {name for name, kind in classes().items() if kind.elementwise} == set(
        catalogue.functors("Activation")
    )


def test_every_function_of_a_row_has_its_kernels() -> None:
    rows = [kind.name for kind in classes().values() if not kind.elementwise]
    assert len(rows) >= 3
    assert {*rows, *(f"{name}_backward" for name in rows)} <= set(catalogue.kernels())


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_activation_is_the_formula_of_its_class(device: Backend, dtype: str) -> None:
    for activation in elementwise():
        check(device, activation, 127, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [*SIZES, (3, 43), (2, 3, 5, 7), (0, 4)])
def test_arrays_may_have_any_size_and_shape(
    device: Backend, shape: tuple[int, ...] | int, dtype: str
) -> None:
    for activation in (activations.elu, activations.silu):
        check(device, activation, shape, dtype)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("offsets", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)])
def test_addresses_need_not_be_aligned(device: Backend, offsets: tuple[int, int, int], dtype: str) -> None:
    activation = activations.hard_silu
    x, gradient = numbers((3, 37), dtype), numbers((3, 37), dtype, seed=1)
    inputs, there = on(device, x, offsets[0]), on(device, gradient, offsets[1])
    out = on(device, np.zeros_like(x), offsets[2])
    assert launch.activate(device.kernels, activation, inputs, out)
    assert_close(activation, device.download(out), forward(activation, x))
    assert launch.activate_backward(device.kernels, activation, inputs, out, there, out)
    assert_close(activation, device.download(out), backward(activation, x, x, gradient))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_far_tails_keep_their_digits(device: Backend, dtype: str) -> None:
    for activation in elementwise():
        check_far_tails(device, activation, dtype)


SHAPES = [(0, 4), (1, 1), (700, 1), (5, 3), (33, 31), (9, 127), (7, 128), (129, 10), (3, 1025), (2, 4104)]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("offset", [0, 1])
def test_a_bias_is_added_to_each_row(device: Backend, offset: int, dtype: str) -> None:
    for shape in SHAPES:
        product = stored(np.random.default_rng(2).integers(-64, 64, shape).astype("float32") / 8, dtype)
        bias = stored((np.arange(shape[1]) % 19 - 9.0) / 8, dtype)
        total = computed(product) + computed(bias)  # exact
        for activation, wanted in (
            (None, total),
            (activations.hard_silu, total * np.clip(total / 6 + total.dtype.type(0.5), 0, 1)),
        ):
            preactivation, out = on(device, product, offset), on(device, np.zeros_like(product))
            biases = on(device, bias, offset)
            assert launch.bias_activate(device.kernels, activation, biases, preactivation, out)
            np.testing.assert_array_equal(computed(device.download(preactivation)), total)
            assert_close(activation, device.download(out), stored(wanted, dtype))
            in_place = on(device, product)
            assert launch.bias_activate(device.kernels, activation, biases, in_place, in_place.reshape(shape))
            np.testing.assert_array_equal(device.download(in_place), device.download(out))


def test_without_a_bias_there_is_only_the_activation(device: Backend) -> None:
    x = numbers((5, 33), "float32")
    there, out = on(device, x), on(device, np.zeros_like(x))
    assert launch.bias_activate(device.kernels, activations.relu, None, there, out)
    np.testing.assert_array_equal(device.download(out), forward(activations.relu, x))
    np.testing.assert_array_equal(device.download(there), x)
    assert launch.bias_activate(device.kernels, None, None, there, there)
    np.testing.assert_array_equal(device.download(there), x)


def test_a_function_of_a_row_follows_the_bias(device: Backend) -> None:
    product, bias = np.zeros((4, 3), "float32"), np.array([0.0, 1.0, 2.0], "float32")
    there, out = on(device, product), on(device, product)
    assert launch.bias_activate(device.kernels, activations.softmax, on(device, bias), there, out)
    np.testing.assert_array_equal(device.download(there), np.tile(bias, (4, 1)))
    np.testing.assert_allclose(
        device.download(out), np.tile([0.09003057, 0.24472847, 0.66524096], (4, 1)), rtol=1e-6
    )


def integers(shape: tuple[int, int], dtype: str, seed: int) -> np.ndarray:
    """Return numbers whose sums are exact in any order."""
    return stored(np.random.default_rng(seed).integers(-3, 4, shape).astype("float32"), dtype)


def real(dtype: str) -> str:
    return "float64" if dtype == "float64" else "float32"


@pytest.mark.parametrize("rows", [0, 1, 1025, 5000])
@pytest.mark.parametrize("columns", [1, 3, 10, 128, 1000])
def test_a_bias_gradient_is_the_sum_over_the_rows(device: Backend, columns: int, rows: int) -> None:
    if rows * columns > 1_500_000:
        rows = 1500
    gradient = integers((rows, columns), "float32", 3)
    total = on(device, np.full(columns, np.nan, "float32"))
    assert launch.bias_gradient(device.kernels, on(device, gradient), total)
    np.testing.assert_array_equal(device.download(total), gradient.sum(axis=0))


SUMS = [
    (0, 5),
    (1, 1),
    (7, 0),
    (300, 1),
    (33, 3),
    (260, 9),
    (1025, 10),
    (40, 127),
    (130, 128),
    (6, 1025),
    (300, 264),
]


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_bias_gradient_comes_with_the_gradient(device: Backend, dtype: str) -> None:
    for shape in SUMS:
        gradient, x = integers(shape, dtype, 4), integers(shape, dtype, 5)
        for activation, offset in ((activations.relu, 0), (activations.threshold, 1)):
            y, there = forward(activation, x), on(device, gradient, offset)
            wanted = computed(gradient) * (computed(x) > 0)
            total = on(device, np.full(shape[1], np.nan, real(dtype)), offset)
            assert launch.activate_backward(
                device.kernels, activation, on(device, x, offset), on(device, y, offset), there, there, total
            )
            np.testing.assert_array_equal(computed(device.download(there)), wanted)
            np.testing.assert_array_equal(device.download(total), wanted.sum(axis=0))
        alone = on(device, np.full(shape[1], np.nan, real(dtype)))
        assert launch.bias_gradient(device.kernels, on(device, gradient), alone)
        np.testing.assert_array_equal(device.download(alone), computed(gradient).sum(axis=0))


def test_sums_lose_nothing_to_many_rows(device: Backend) -> None:
    gradient = np.random.default_rng(6).standard_normal((20_000, 3)).astype("float32") + 1
    total = on(device, np.zeros(3, "float32"))
    assert launch.bias_gradient(device.kernels, on(device, gradient), total)
    np.testing.assert_allclose(
        device.download(total), gradient.sum(axis=0, dtype="float64"), rtol=4 * EPSILON["float32"]
    )


def test_a_function_of_a_row_has_a_bias_gradient_too(device: Backend) -> None:
    y = forward(activations.softmax, numbers((40, 7), "float64")[3:])
    y = y[np.isfinite(y).all(axis=1)]
    gradient = np.random.default_rng(7).standard_normal(y.shape)
    there, total = on(device, gradient), on(device, np.zeros(7))
    assert launch.activate_backward(
        device.kernels, activations.softmax, None, on(device, y), there, there, total
    )
    wanted = backward(activations.softmax, y, y, gradient)
    np.testing.assert_allclose(device.download(there), wanted, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(device.download(total), wanted.sum(axis=0), rtol=1e-13, atol=1e-14)


def test_partial_sums_fit_into_the_workspace_and_slabs_are_not_empty() -> None:
    for rows in (1, 300, 5000, 10**6, 10**9):
        for columns in (1, 10, 1000, 10**5, 2**19, 2**19 + 1, 10**7):
            for pack in (2, 4, 8):
                lanes, tiles = launch._tiles(columns, pack)
                slabs = launch._slabs(rows, columns, lanes, tiles)
                assert lanes * tiles * pack >= columns > lanes * (tiles - 1) * pack
                assert 1 <= lanes <= launch.BLOCK
                assert slabs == 1 or slabs * columns <= Kernels.WORKSPACE
                assert 1 <= slabs <= rows


def test_the_operations_of_the_backend_are_these_kernels(device: Backend) -> None:
    x, gradient = numbers((5, 7), "float32"), numbers((5, 7), "float32", seed=1)
    for activation in (activations.silu, activations.elu, activations.softmax):
        results = []
        for backend, arrays in (
            (NumpyBackend(), (x, gradient, np.empty_like(x), np.empty_like(x))),
            (device, [on(device, array) for array in (x, gradient, x, x)]),
        ):
            inputs, gradients, y, out = arrays
            with np.errstate(all="ignore"):
                backend.activate(activation, inputs, y)
                backend.activate_backward(activation, inputs, y, gradients, out)
            results.append([backend.download(y), backend.download(out)])
        for found, wanted in zip(results[1], results[0], strict=True):
            assert_close(activation, found, wanted)


class Doubled(activations.registry.get("ReLU").__class__):  # type: ignore[misc]
    """A user's activation, which no kernel computes."""

    def forward_into(self, xp: Any, x: Any, out: Any) -> None:
        super().forward_into(xp, 2 * x, out)


def test_what_has_no_kernel_is_left_to_the_reference_untouched(device: Backend) -> None:
    x = np.ones((4, 6), "float32")
    there, out = on(device, x), on(device, np.zeros_like(x))
    bias, total = on(device, x[0]), on(device, x[0])
    columns = on(device, np.ones((6, 4), "float32")).T
    whole = on(device, np.ones((4, 6), "int32"))
    double, total64 = on(device, x.astype("float64")), on(device, x[0].astype("float64"))
    relu, last, first = activations.relu, activations.softmax, activations.softmax.with_options({"axis": 0})
    kernels = device.kernels
    assert not launch.activate(kernels, Doubled(), there, out)
    assert not launch.activate(kernels, first, there, out)
    assert not launch.activate(kernels, relu, columns, out)
    assert not launch.activate(kernels, relu, there, double)
    assert not launch.activate(kernels, relu, whole, whole)
    for activation in (Doubled(), first):
        assert not launch.bias_activate(kernels, activation, bias, there, out)
        assert not launch.activate_backward(kernels, activation, there, there, there, out, total)
    assert not launch.bias_activate(kernels, relu, total64, there, out)
    for activation in (relu, last):
        assert not launch.activate_backward(kernels, activation, None, there, there, out, total64)
        assert not launch.activate_backward(kernels, activation, None, columns, there, out)
    assert not launch.activate_backward(kernels, activations.step, None, there, there, out)
    assert not launch.bias_gradient(kernels, columns, total)
    assert not launch.bias_gradient(kernels, there, total64)
    np.testing.assert_array_equal(device.download(there), x)
    np.testing.assert_array_equal(device.download(out), 0)
    np.testing.assert_array_equal(device.download(total), x[0])
