"""Gradients against central differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..arena import Arena
from ..backend import Backend, get_backend
from ..layers import Context, Layer
from ..layers.base import sizes
from ..parameter import Parameter

NUMPY = np.ndarray[Any, Any]
STALE = 1000.0  # what gradients hold before the backward pass, which must write and not add


def numerical_gradient(function: Callable[[], float], array: NUMPY, step: float = 1e-6) -> NUMPY:
    """Return ``∂ function / ∂ array`` by central differences, ``(f(a + h) - f(a - h)) / 2h`` for each element.

    Args:
        function: Reads ``array`` and returns a number.
        array: Floats, changed in place while this runs; float64 for results to about 1e-9.
        step: ``h``, scaled with ``max(1, |a|)``.

    Returns:
        An array shaped like ``array``.

    Raises:
        TypeError: The array doesn't hold floats.

    Example:
        >>> a = np.array([1.0, 3.0])
        >>> numerical_gradient(lambda: float((a**2).sum()), a).round(6).tolist()
        [2.0, 6.0]
    """
    if array.dtype.kind != "f":
        raise TypeError(f"numerical_gradient: expected an array of floats, got dtype {array.dtype}.")
    gradient = np.zeros(array.shape)
    for index in np.ndindex(*array.shape):
        above, below, width = _around(function, array, index, step)
        gradient[index] = (above - below) / width
    return gradient


def _around(
    function: Callable[[], float], array: NUMPY, index: tuple[int, ...], step: float = 1e-6
) -> tuple[float, float, float]:
    """Return the function's values above and below the array's element, and how far apart the two are."""
    kept = array[index]
    h = step * max(1.0, abs(float(kept)))
    try:
        array[index] = float(kept) + h
        high, above = float(array[index]), function()
        array[index] = float(kept) - h
        low, below = float(array[index]), function()
    finally:
        array[index] = kept
    return above, below, high - low


def check_gradients(
    layer: Layer,
    input_shape: Sequence[int],
    rows: int = 3,
    seed: int = 0,
    tolerance: float = 1e-5,
    x: Any = None,
    backend: str | Backend = "numpy",
) -> None:
    """Compare a layer's backward pass with central differences of its forward pass, in float64.

    The loss is a random weighted sum of the outputs; the gradients with respect to the input and to every parameter
    are compared. The forward pass runs as in training, with the same random numbers each time. The gradients hold
    stale numbers before the backward pass, which must overwrite them and must leave its input and output alone.

    Args:
        layer: A fresh layer; it is built here.
        input_shape: The shape of one sample: ``(4,)``.
        rows: The size of the batch.
        seed: For input, parameters and weighted sum.
        tolerance: The largest accepted error, relative to ``max(1, |gradient|)``.
        x: An input of one's own instead of a random one, for layers that have kinks or a restricted domain.
        backend: Where the layer runs.

    Raises:
        AssertionError: A gradient is wrong; the message says which, where, and by how much.
        NotImplementedError: The layer has no forward or backward pass.

    Example:
        >>> from gpunet.layers import Dense
        >>> check_gradients(Dense(3, activation="tanh"), input_shape=(4,))
    """
    owner = get_backend(backend)
    random = np.random.default_rng(seed)
    values = random.standard_normal((rows, *input_shape)) if x is None else np.array(x, np.float64)
    output_shape = layer.ensure_built((None, *values.shape[1:]))
    arena = Arena(owner, layer.parameters, layer.frozen, np.float64)
    for parameter in layer.parameters:
        parameter.assign(parameter.numpy() + 0.1 * random.standard_normal(parameter.shape))
    context = Context(owner, np.float64, training=True, seed=seed)
    source = owner.empty(values.shape, np.float64)
    output = owner.empty((len(values), *sizes(output_shape)), np.float64)
    weights = random.standard_normal(output.shape)

    def run() -> float:
        owner.upload(values, source)
        view = layer.alias(source, True)
        if view is not None:
            output[...] = view
        else:
            layer.forward_into(context, source, output)
        return float((owner.download(output) * weights).sum())

    with np.errstate(all="ignore"):
        run()
        expected = owner.download(output)
        gradient, x_gradient = owner.empty(output.shape, np.float64), owner.empty(values.shape, np.float64)
        owner.upload(weights, gradient)
        x_gradient.fill(STALE)
        arena.gradients.fill(STALE)
        if layer.alias(source, True) is not None:
            x_gradient[...] = gradient.reshape(x_gradient.shape)
        else:
            layer.backward_into(context, source, output, gradient, x_gradient)
        _check_kept(f"{layer.name}: the input", values, owner.download(source))
        _check_kept(f"{layer.name}: the output", expected, owner.download(output))
        _compare(f"{layer.name}: gradient of the input", owner.download(x_gradient), run, values, tolerance)
        for parameter in arena.trainable:
            _compare_parameter(parameter, owner, run, tolerance)


def _check_kept(what: str, before: NUMPY, after: NUMPY) -> None:
    if not np.array_equal(before, after, equal_nan=True):
        raise AssertionError(f"{what} was changed in place; only the gradient of the output may be.")


def _compare_parameter(
    parameter: Parameter, backend: Backend, run: Callable[[], float], tolerance: float
) -> None:
    host = parameter.numpy()

    def perturbed() -> float:
        parameter.assign(host)
        return run()

    _compare(f"{parameter.path}: gradient", backend.download(parameter.gradient), perturbed, host, tolerance)
    parameter.assign(host)


def _compare(
    what: str, analytic: NUMPY, function: Callable[[], float], array: NUMPY, tolerance: float
) -> None:
    numeric = numerical_gradient(function, array)
    error = np.abs(analytic - numeric) / np.maximum(1.0, np.abs(numeric))
    if not error.size or error.max() <= tolerance:
        return
    flat = int(np.argmax(np.where(np.isnan(error), np.inf, error)))
    worst = tuple(int(i) for i in np.unravel_index(flat, error.shape))
    above, below, width = _around(function, array, worst)
    middle = function()
    slopes = (above - middle) / width * 2, (middle - below) / width * 2
    kink = abs(slopes[0] - slopes[1]) > 1e-3 * max(1.0, abs(slopes[0]))
    advice = f" The function has a kink there: give an x that is not at {array[worst]:.8g}." if kink else ""
    raise AssertionError(
        f"{what} at {worst}: backward says {analytic[worst]:.8g}, "
        f"central differences say {numeric[worst]:.8g}.{advice}"
    )
