"""Every elementwise activation on a device and by its Python class, for kernel tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from device_arrays import EPSILON, computed, on, stored

from gpunet import activations
from gpunet.activations import Activation
from gpunet.backend.formulas import own
from gpunet.backend.kernel_backend import KernelBackend

SIZES = [0, 1, 31, 33, 127, 1025]
SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 0.5, 90.0, -90.0, 1e30, -1e30]
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "relu": [
        {"negative_slope": 0.25},
        {"negative_slope": 2.0, "max_value": 1.5},
        {"max_value": 6.0, "threshold": 0.5},
        {"negative_slope": 0.1, "threshold": 1.0},
    ],
    "leaky_relu": [{"negative_slope": 0.0}],
    "threshold": [{"threshold": 0.5, "default_value": -2.0}],
    "elu": [{"alpha": 0.3}],
    "celu": [{"alpha": 0.3}],
    "gelu": [{"approximate": True}],
    "squareplus": [{"b": 0.3}],
    "hard_shrink": [{"threshold": 1.25}],
    "soft_shrink": [{"threshold": 1.25}],
    "step": [{"threshold": 1.5}],
}


def classes() -> dict[str, type[Activation]]:
    """Return every registered class of activations by its name."""
    known = {type(activations.get(name)) for name in activations.registry.names()}
    return {kind.__name__: kind for kind in known if own(activations.registry.get(kind))}


def elementwise() -> list[Activation]:
    """Return each elementwise activation, without options and with those above."""
    ready = [kind() for kind in classes().values() if kind.elementwise]
    return [
        one.with_options(options)
        for one in sorted(ready, key=lambda one: one.name)
        for options in [{}, *OPTIONS.get(one.name, [])]
    ]


def numbers(shape: tuple[int, ...] | int, dtype: str, seed: int = 0) -> np.ndarray:
    """Return stored numbers of all sizes that activations tell apart, the special ones among them."""
    values = np.random.default_rng(seed).standard_normal(shape) * 3
    flat = values.reshape(-1)
    flat[: 3 * len(SPECIAL) : 3] = np.roll(SPECIAL, seed)[: len(flat[: 3 * len(SPECIAL) : 3])]
    with np.errstate(over="ignore"):
        return stored(values, dtype)


def forward(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return what the Python class makes of stored numbers, rounded once."""
    out = np.empty_like(computed(x))
    with np.errstate(all="ignore"):
        activation.forward_into(np, computed(x).copy(), out)
        return stored(out, x.dtype.name)


def backward(activation: Activation, x: np.ndarray, y: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    out = np.empty_like(computed(x))
    with np.errstate(all="ignore"):
        activation.backward_into(np, computed(x), computed(y), computed(gradient), out)
        return stored(out, x.dtype.name)


def assert_close(activation: Any, found: np.ndarray, wanted: np.ndarray, units: int = 8) -> None:
    """Compare to a few units in the last place, of 1 where a formula subtracts; 16-bit results to one unit."""
    assert found.dtype == wanted.dtype
    epsilon = EPSILON[wanted.dtype.name]
    tolerance = units * epsilon if wanted.dtype.itemsize > 2 else epsilon
    np.testing.assert_allclose(
        computed(found), computed(wanted), rtol=tolerance, atol=units * 2.0**-23 * (tolerance > 1e-10) or tolerance,
        err_msg=repr(activation),
    )  # fmt: skip


def check(device: KernelBackend, activation: Activation, shape: tuple[int, ...] | int, dtype: str) -> None:
    """Compare both directions, out of place and in place, with the class."""
    x, gradient = numbers(shape, dtype), numbers(shape, dtype, seed=7)  # where x is 0 it is finite and not 0
    y = forward(activation, x)
    inputs, out, launch = on(device, x), on(device, np.zeros_like(x)), device.launches.activation
    assert launch.activate(device.kernels, activation, inputs, out)
    assert_close(activation, device.download(out), y)
    np.testing.assert_array_equal(device.download(inputs), x)
    in_place = on(device, x)
    assert launch.activate(device.kernels, activation, in_place, in_place)
    np.testing.assert_array_equal(device.download(in_place), device.download(out))
    if not activation.differentiable:
        return
    wanted = backward(activation, x, y, gradient)
    arrays = inputs if activation.needs_input else None, on(device, y), on(device, gradient)
    assert launch.activate_backward(device.kernels, activation, *arrays, out)
    assert_close(activation, device.download(out), wanted)
    np.testing.assert_array_equal(device.download(arrays[2]), gradient)
    assert launch.activate_backward(device.kernels, activation, *arrays, arrays[2])
    np.testing.assert_array_equal(device.download(arrays[2]), device.download(out))


def check_far_tails(device: KernelBackend, activation: Activation, dtype: str) -> None:
    """Compare with float64 where results are small, in units of their own last place."""
    x = np.array([-85.0, -50.0, -20.0, -11.0, -5.5, -1e-3, 1e-3, 20.0, 50.0, 85.0], dtype)
    wanted = np.empty_like(x, np.float64)
    with np.errstate(over="ignore"):
        activation.forward_into(np, x.astype(np.float64), wanted)
    source = on(device, x)
    assert device.launches.activation.activate(device.kernels, activation, source, source)
    tolerance = 100 * EPSILON[dtype]  # an error in the exponent counts up to 85 times
    smallest = np.finfo(dtype).tiny if activation.name != "tanh_shrink" else tolerance * 1e-3
    np.testing.assert_allclose(
        device.download(source), wanted, rtol=tolerance, atol=smallest, err_msg=repr(activation)
    )
