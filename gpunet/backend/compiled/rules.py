"""The rules of the optimizers, over the elements of a block.

A rule takes values, gradients, the slots of its class in their order (empty where it has fewer), the coefficients of the
step and the options of its class, both in double precision. Its constants are rounded where NumPy rounds them.
"""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from .elements import larger

# What the coefficients of a step begin with; a rule's own follow.
LEARNING_RATE, AVERAGE_MOMENTUM, AVERAGE_OVERWRITES, OWN = range(4)


@register_jitable
def normal(x):
    """Return a number, 0 instead of one so small that a CPU computes slowly with it: what fades would stay there for ever."""
    return type(x)(0) if abs(x) < np.finfo(x).tiny else x


@register_jitable
def fade(mean, memory, x):
    """Return ``memory · mean + (1 - memory) · x``."""
    real = type(mean)
    return normal(mean * real(memory) + x * real(1 - memory))


@register_jitable
def sgd(value, gradient, first, second, third, step, options):
    """θ - α g, or with momentum v ← μ v - α g and θ + v, or with Nesterov θ + μ v - α g."""
    real = value.dtype.type
    rate, momentum, nesterov = real(step[LEARNING_RATE]), real(options[0]), options[1] != 0
    if momentum == 0:
        for i in range(len(value)):
            value[i] -= gradient[i] * rate
    else:
        for i in range(len(value)):
            change = gradient[i] * rate
            velocity = normal(first[i] * momentum - change)
            first[i] = velocity
            value[i] += velocity * momentum - change if nesterov else velocity


@register_jitable
def adam(value, gradient, first, second, third, step, options):
    """m and v fade; θ - α m / (√v + ε), with amsgrad of the largest v."""
    real = value.dtype.type
    beta_1, beta_2, epsilon, amsgrad = options
    rate = real(step[OWN])
    for i in range(len(value)):
        g = gradient[i]
        m, v = fade(first[i], beta_1, g), fade(second[i], beta_2, g * g)
        first[i], second[i] = m, v
        if amsgrad != 0:
            v = larger(third[i], v)
            third[i] = v
        value[i] -= m / (math.sqrt(v) + real(epsilon)) * rate


@register_jitable
def adamax(value, gradient, first, second, third, step, options):
    """m fades, u = max(β₂ u, |g|); θ - α m / (u + ε)."""
    real = value.dtype.type
    beta_1, beta_2, epsilon, _ = options
    rate = real(step[OWN])
    for i in range(len(value)):
        m = fade(first[i], beta_1, gradient[i])
        norm = normal(larger(second[i] * real(beta_2), abs(gradient[i])))
        first[i], second[i] = m, norm
        value[i] -= m / (norm + real(epsilon)) * rate


@register_jitable
def nadam(value, gradient, first, second, third, step, options):
    """m and v fade; θ - (a g + b m) / (√v + ε), a and b of the step."""
    real = value.dtype.type
    of_momentum, of_gradient, epsilon = real(step[OWN]), real(step[OWN + 1]), real(step[OWN + 2])
    for i in range(len(value)):
        g = gradient[i]
        m, v = fade(first[i], options[0], g), fade(second[i], options[1], g * g)
        first[i], second[i] = m, v
        value[i] -= (g * of_gradient + m * of_momentum) / (math.sqrt(v) + epsilon)


@register_jitable
def adagrad(value, gradient, first, second, third, step, options):
    """v ← v + g²; θ - α g / √(v + ε)."""
    real = value.dtype.type
    rate, epsilon = real(step[LEARNING_RATE]), real(options[1])
    for i in range(len(value)):
        first[i] += gradient[i] * gradient[i]
        value[i] -= gradient[i] * rate / math.sqrt(first[i] + epsilon)


@register_jitable
def adadelta(value, gradient, first, second, third, step, options):
    """Squares of gradients and of steps fade; the step is g √(s + ε) / √(v + ε)."""
    real = value.dtype.type
    rate, epsilon = real(step[LEARNING_RATE]), real(options[1])
    for i in range(len(value)):
        g = gradient[i]
        squares = fade(first[i], options[0], g * g)
        change = g / math.sqrt(squares + epsilon) * math.sqrt(second[i] + epsilon)
        first[i], second[i] = squares, fade(second[i], options[0], change * change)
        value[i] -= change * rate


@register_jitable
def rmsprop(value, gradient, first, second, third, step, options):
    """v fades, less the squared mean where centered; θ - α g / √(v + ε), or its momentum."""
    real = value.dtype.type
    rho, momentum, epsilon, centered = options
    rate = real(step[LEARNING_RATE])
    mean = third if momentum != 0 else second  # the slot of the momentum comes before that of the mean
    for i in range(len(value)):
        g = gradient[i]
        variance = fade(first[i], rho, g * g)
        first[i] = variance
        if centered != 0:
            mean[i] = fade(mean[i], rho, g)
            variance = larger(variance - mean[i] * mean[i], real(0))
        change = g * rate / math.sqrt(variance + real(epsilon))
        if momentum != 0:
            second[i] = normal(second[i] * real(momentum) + change)
            change = second[i]
        value[i] -= change


RULES = {
    "SGD": sgd,
    "Adam": adam,
    "AdamW": adam,
    "Adamax": adamax,
    "Nadam": nadam,
    "Adagrad": adagrad,
    "Adadelta": adadelta,
    "RMSprop": rmsprop,
}
