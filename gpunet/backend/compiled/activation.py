"""Activations with the bias before them, and back through them with the gradient of the bias, each in one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.extending import register_jitable

from ..formulas import ActivationFormula, Array, options, own
from .arguments import given, integer, matrix, number, vector
from .functions import exponential, exponential_less_1
from .issue import Issue
from .kernel import Kernel

GRAIN = 8192  # elements that are worth a thread of their own
MULTIPLE = 16  # columns that a part begins at: a cache line
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

# Functions take z and the options of the class; slopes take y = g(z), or z where the class needs its input.


@register_jitable
def linear(z, a, b, c):
    """g(z) = z."""
    return z


@register_jitable
def linear_slope(y, a, b, c):
    """g'(z) = 1."""
    return type(y)(1)


@register_jitable
def relu(z, slope, limit, threshold):
    """z above the threshold, else slope · (z - threshold); at most the limit."""
    below = slope * (z - threshold) if slope != 0 else type(z)(0)
    y = below if z <= threshold else z
    return limit if y > limit else y  # without a limit it is NaN, and nothing is above that


@register_jitable
def relu_slope(y, slope, limit, threshold):
    """1 above 0, the slope below, 0 at the limit."""
    inside = type(y)(1) if y > 0 else slope if y <= 0 else type(y)(0)
    return type(y)(0) if y >= limit else inside


@register_jitable
def leaky_relu(z, slope, b, c):
    """z above 0, else slope · z."""
    return slope * z if z <= 0 else z


@register_jitable
def leaky_relu_slope(y, slope, b, c):
    """1 above 0, else the slope."""
    return type(y)(1) if y > 0 else slope if y <= 0 else type(y)(0)


@register_jitable
def sigmoid(z, a, b, c):
    """1 / (1 + e^-z)."""
    return type(z)(1) / (type(z)(1) + exponential(-z))


@register_jitable
def sigmoid_slope(y, a, b, c):
    """y (1 - y)."""
    return (type(y)(1) - y) * y


@register_jitable
def tanh(z, a, b, c):
    """(e^2z - 1) / (e^2z + 1)."""
    limit = type(z)(20)  # beyond it the result is 1, and must not become infinity / infinity
    clipped = limit if z > limit else -limit if z < -limit else z
    power = exponential_less_1(clipped + clipped)
    return power / (power + type(z)(2))


@register_jitable
def tanh_slope(y, a, b, c):
    """1 - y²."""
    return type(y)(1) - y * y


@register_jitable
def elu(z, alpha, b, c):
    """z above 0, else alpha (e^z - 1)."""
    return z if z > 0 else alpha * exponential_less_1(z)


@register_jitable
def elu_slope(y, alpha, b, c):
    """1 above 0, else y + alpha."""
    return type(y)(1) if y > 0 else alpha + y


@register_jitable
def selu(z, a, b, c):
    """The scaled ELU."""
    return type(z)(SELU_SCALE) * elu(z, type(z)(SELU_ALPHA), b, c)


@register_jitable
def selu_slope(y, a, b, c):
    """Its derivative from the output."""
    return type(y)(SELU_SCALE) if y > 0 else type(y)(SELU_SCALE * SELU_ALPHA) + y


@register_jitable
def silu(z, a, b, c):
    """z / (1 + e^-z)."""
    return z / (type(z)(1) + exponential(-z))


@register_jitable
def silu_slope(z, a, b, c):
    """Its derivative from the input."""
    gate = sigmoid(z, a, b, c)
    return ((type(z)(1) - gate) * z + type(z)(1)) * gate


@register_jitable
def _options(arguments, position, real):
    return (
        real(number(arguments, position)),
        real(number(arguments, position + 1)),
        real(number(arguments, position + 2)),
    )


def _forward(function: Callable[..., Any]) -> Kernel:
    @Kernel
    def forward(arguments):
        x = matrix(arguments, 0)
        a, b, c = _options(arguments, 3, x.dtype.type)
        for row in range(x.shape[0]):
            if given(arguments, 1):
                bias = vector(arguments, 1)
                for unit in range(x.shape[1]):
                    x[row, unit] += bias[unit]
            if given(arguments, 2):
                out = matrix(arguments, 2)
                for unit in range(x.shape[1]):
                    out[row, unit] = function(x[row, unit], a, b, c)
            else:  # a loop of its own: the compiler must see that x is the only array
                for unit in range(x.shape[1]):
                    x[row, unit] = function(x[row, unit], a, b, c)

    return forward


def _backward(slope: Callable[..., Any]) -> Kernel:
    @Kernel
    def backward(arguments):
        value, gradient = matrix(arguments, 0), matrix(arguments, 1)
        first, stop = integer(arguments, 7), integer(arguments, 8)
        a, b, c = _options(arguments, 4, value.dtype.type)
        if given(arguments, 3):
            vector(arguments, 3)[first:stop] = 0
        for row in range(value.shape[0]):
            # loops from 0: to the compiler other bounds might be negative, and it would not vectorise
            values, gradients = value[row, first:stop], gradient[row, first:stop]
            if given(arguments, 2):
                out = matrix(arguments, 2)[row, first:stop]
                for unit in range(len(values)):
                    out[unit] = gradients[unit] * slope(values[unit], a, b, c)
                if given(arguments, 3):
                    _add(out, vector(arguments, 3)[first:stop])
            else:
                for unit in range(len(values)):
                    gradients[unit] *= slope(values[unit], a, b, c)
                if given(arguments, 3):
                    _add(gradients, vector(arguments, 3)[first:stop])

    return backward


@register_jitable
def _add(row, total):
    for unit in range(len(row)):
        total[unit] += row[unit]


@Kernel
def add_rows(arguments):
    """Sum the rows (0) of a matrix to a vector (1), from column (2) to (3)."""
    rows, total = matrix(arguments, 0), vector(arguments, 1)
    first, stop = integer(arguments, 2), integer(arguments, 3)
    total[first:stop] = 0
    for row in range(rows.shape[0]):
        _add(rows[row, first:stop], total[first:stop])


class Pair(NamedTuple):
    """The kernels of an activation."""

    forward: Kernel
    backward: Kernel


def _pair(function: Callable[..., Any], slope: Callable[..., Any]) -> Pair:
    return Pair(_forward(function), _backward(slope))


KERNELS = {
    "Linear": _pair(linear, linear_slope),
    "ReLU": _pair(relu, relu_slope),
    "LeakyReLU": _pair(leaky_relu, leaky_relu_slope),
    "Sigmoid": _pair(sigmoid, sigmoid_slope),
    "Tanh": _pair(tanh, tanh_slope),
    "ELU": _pair(elu, elu_slope),
    "SELU": _pair(selu, selu_slope),
    "SiLU": _pair(silu, silu_slope),
}


def has_kernels(activation: ActivationFormula) -> bool:
    """Tell whether an activation can be computed here."""
    return own(activation) and type(activation).__name__ in KERNELS


def bias_activate(
    issue: Issue, activation: ActivationFormula | None, bias: Array | None, preactivation: Array, out: Array
) -> bool:
    """Compute ``preactivation += bias`` and ``out = activation(preactivation)``; ``out`` may be ``preactivation``."""
    if activation is None:
        if bias is None:
            return True
        forward, other, given_options = KERNELS["Linear"].forward, None, (0.0,) * 3
    elif has_kernels(activation):
        forward, given_options = KERNELS[type(activation).__name__].forward, options(activation)
        other = _other(out, preactivation)
    else:
        return False
    shares = issue.slices(len(preactivation), preactivation.size // max(len(preactivation), 1), GRAIN)
    parts = [
        (preactivation[share], bias, None if other is None else other[share], *given_options)
        for share in shares
    ]
    return issue.parts(forward, parts)


def activate_backward(
    issue: Issue,
    activation: ActivationFormula,
    x: Array,
    y: Array,
    gradient: Array,
    out: Array,
    bias_gradient: Array | None = None,
) -> bool:
    """Compute ``out = gradient · ∂y/∂x`` and the sum of its rows; ``out`` may be ``gradient``."""
    if not has_kernels(activation):
        return False
    backward = KERNELS[type(activation).__name__].backward
    value = x if activation.needs_input else y
    arguments = value, gradient, _other(out, gradient), bias_gradient, *options(activation)
    return issue.parts(
        backward, [(*arguments, share.start, share.stop) for share in _columns(issue, gradient)]
    )


def _other(out: Array, array: Array) -> Array | None:
    """Return where results go that don't take the place of an array."""
    same = out.__array_interface__["data"] == array.__array_interface__["data"]
    return None if same else out


def activate(issue: Issue, activation: ActivationFormula, x: Array, out: Array) -> bool:
    """Compute ``out = activation(x)``; ``out`` may be ``x``."""
    return has_kernels(activation) and bias_activate(issue, activation, None, x, out)


def bias_gradient(issue: Issue, gradient: Array, bias_gradient: Array) -> bool:
    """Compute ``bias_gradient = Σ_rows gradient``."""
    return issue.parts(
        add_rows, [(gradient, bias_gradient, share.start, share.stop) for share in _columns(issue, gradient)]
    )


def _columns(issue: Issue, matrix: Array) -> list[slice]:
    """Divide the columns of a matrix, so that each member sums its own."""
    columns = matrix.shape[-1] if matrix.ndim > 1 else 1
    return issue.slices(columns, matrix.size // max(columns, 1), GRAIN, MULTIPLE)
