"""Losses of one element and their slopes, which kernels compile into their loops."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from ..formulas import EPSILON
from .activation_rules.sigmoids import tanh
from .elements import clip, larger, sign

# Rules take target, prediction, the outputs of a row and an option; they return the value and its slope.


@register_jitable
def squared(y, f, outputs, option):
    """(f - y)² / K for K outputs."""
    error = f - y
    return error * error / outputs, (error + error) / outputs


@register_jitable
def half_squared(y, f, outputs, option):
    """(f - y)² / 2."""
    error = f - y
    return error * error / type(y)(2), error


@register_jitable
def squared_logarithmic(y, f, outputs, option):
    """(log(1 + f) - log(1 + y))² / K, both at least ε."""
    real = type(y)
    clipped = larger(f, real(EPSILON))
    error = np.log1p(clipped) - np.log1p(larger(y, real(EPSILON)))
    slope = error * real(clipped == f) / (clipped + real(1))
    return error * error / outputs, (slope + slope) / outputs


@register_jitable
def absolute(y, f, outputs, option):
    """|f - y| / K."""
    error = f - y
    return abs(error) / outputs, sign(error) / outputs


@register_jitable
def absolute_percentage(y, f, outputs, option):
    """100 |f - y| / max(|y|, ε) / K."""
    error, percent = f - y, type(y)(100) / outputs
    scale = larger(abs(y), type(y)(EPSILON))
    return abs(error) / scale * percent, sign(error) / scale * percent


@register_jitable
def huber(y, f, outputs, delta):
    """Quadratic up to delta, linear beyond, over K."""
    error = f - y
    clipped = clip(error, -delta, delta)
    return clipped * (error - clipped / type(y)(2)) / outputs, clipped / outputs


@register_jitable
def log_cosh(y, f, outputs, option):
    """log cosh(f - y) / K as |e| + log(1 + (e^(-2 |e|) - 1) / 2), which is accurate near 0 and finite far from it."""
    error = f - y
    size = abs(error)
    value = size + np.log1p(np.expm1(-(size + size)) / type(y)(2))
    return value / outputs, tanh(error, option, option, option) / outputs


@register_jitable
def poisson(y, f, outputs, option):
    """(f - y log(f + ε)) / K."""
    rate = f + type(y)(EPSILON)
    return (f - y * np.log(rate)) / outputs, (type(y)(1) - y / rate) / outputs


@register_jitable
def divergence(y, f, outputs, option):
    """y log(y / f), both in [ε, 1]."""
    least, most = type(y)(EPSILON), type(y)(1)
    target, clipped = clip(y, least, most), clip(f, least, most)
    ratio = target / clipped
    return target * np.log(ratio), -(ratio * type(y)(clipped == f))
