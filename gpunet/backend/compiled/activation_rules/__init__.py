"""Activations and their slopes for one element, which kernels compile into their loops.

Functions take z and the options of the class; slopes take y = g(z), or z where the class needs its input. The formulas are
those of the classes, with the same values for NaN and infinity.
"""

from __future__ import annotations

from . import exponential_units, gated, linear, rectifiers, shrinking, sigmoids, softplus

# By the names of the classes. The two forms of gelu are apart: a choice within a loop would keep it from being vectorised.
RULES = {
    "Linear": (linear.linear, linear.linear_slope),
    "Exponential": (linear.exponential, linear.exponential_slope),
    "ReLU": (rectifiers.relu, rectifiers.relu_slope),
    "LeakyReLU": (rectifiers.leaky_relu, rectifiers.leaky_relu_slope),
    "Threshold": (rectifiers.threshold, rectifiers.threshold_slope),
    "Step": (rectifiers.step, rectifiers.step_slope),
    "ELU": (exponential_units.elu, exponential_units.elu_slope),
    "SELU": (exponential_units.selu, exponential_units.selu_slope),
    "CELU": (exponential_units.celu, exponential_units.celu_slope),
    "Sigmoid": (sigmoids.sigmoid, sigmoids.sigmoid_slope),
    "Tanh": (sigmoids.tanh, sigmoids.tanh_slope),
    "Softsign": (sigmoids.softsign, sigmoids.softsign_slope),
    "HardSigmoid": (sigmoids.hard_sigmoid, sigmoids.hard_sigmoid_slope),
    "SparseSigmoid": (sigmoids.sparse_sigmoid, sigmoids.sparse_sigmoid_slope),
    "HardTanh": (sigmoids.hard_tanh, sigmoids.hard_tanh_slope),
    "Softplus": (softplus.softplus, softplus.softplus_slope),
    "LogSigmoid": (softplus.log_sigmoid, softplus.log_sigmoid_slope),
    "Squareplus": (softplus.squareplus, softplus.squareplus_slope),
    "SparsePlus": (softplus.sparse_plus, softplus.sparse_plus_slope),
    "SiLU": (gated.silu, gated.silu_slope),
    "GELU": (gated.gelu, gated.gelu_slope),
    "GELU approximate": (gated.approximate_gelu, gated.approximate_gelu_slope),
    "HardSiLU": (gated.hard_silu, gated.hard_silu_slope),
    "Mish": (gated.mish, gated.mish_slope),
    "HardShrink": (shrinking.hard_shrink, shrinking.shrink_slope),
    "SoftShrink": (shrinking.soft_shrink, shrinking.shrink_slope),
    "TanhShrink": (shrinking.tanh_shrink, shrinking.tanh_shrink_slope),
}
