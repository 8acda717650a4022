"""Activations with the bias before them, and back through them with the gradient of the bias, each in one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from numba.extending import register_jitable

from ..formulas import ActivationFormula, Array, options, own
from .activation_rules import RULES
from .arguments import given, integer, matrix, number, vector
from .issue import GRAIN, Issue, other
from .kernel import Kernel

MULTIPLE = 16  # columns that a part begins at: a cache line


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


KERNELS = {name: Pair(_forward(value), _backward(slope)) for name, (value, slope) in RULES.items()}


def _kernels(activation: ActivationFormula) -> Pair | None:
    """Return the kernels of an activation, if it can be computed here."""
    name = type(activation).__name__
    form = " approximate" if getattr(activation, "approximate", False) else ""
    return KERNELS.get(name + form) if own(activation) else None


def bias_activate(
    issue: Issue, activation: ActivationFormula | None, bias: Array | None, preactivation: Array, out: Array
) -> bool:
    """Compute ``preactivation += bias`` and ``out = activation(preactivation)``; ``out`` may be ``preactivation``."""
    if activation is None and bias is None:
        return True
    kernels = KERNELS["Linear"] if activation is None else _kernels(activation)
    if kernels is None:
        return False
    apart, given_options = None, (0.0,) * 3
    if activation is not None:
        apart, given_options = other(out, preactivation), options(activation)
    shares = issue.slices(len(preactivation), preactivation.size // max(len(preactivation), 1), GRAIN)
    parts = [
        (preactivation[share], bias, None if apart is None else apart[share], *given_options)
        for share in shares
    ]
    return issue.parts(kernels.forward, parts)


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
    kernels = _kernels(activation)
    if kernels is None or not activation.differentiable:
        return False
    value = x if activation.needs_input else y
    arguments = value, gradient, other(out, gradient), bias_gradient, *options(activation)
    return issue.parts(
        kernels.backward, [(*arguments, share.start, share.stop) for share in _columns(issue, gradient)]
    )


def activate(issue: Issue, activation: ActivationFormula, x: Array, out: Array) -> bool:
    """Compute ``out = activation(x)``; ``out`` may be ``x``."""
    return bias_activate(issue, activation, None, x, out)


def bias_gradient(issue: Issue, gradient: Array, bias_gradient: Array) -> bool:
    """Compute ``bias_gradient = Σ_rows gradient``."""
    return issue.parts(
        add_rows, [(gradient, bias_gradient, share.start, share.stop) for share in _columns(issue, gradient)]
    )


def _columns(issue: Issue, matrix: Array) -> list[slice]:
    """Divide the columns of a matrix, so that each member sums its own."""
    columns = matrix.shape[-1] if matrix.ndim > 1 else 1
    return issue.slices(columns, matrix.size // max(columns, 1), GRAIN, MULTIPLE)
