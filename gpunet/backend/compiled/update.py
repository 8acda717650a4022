"""Updates of optimizers: clipping, weight decay, the rule and the moving average of all parameters in one pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base import ROW
from ..formulas import Array, own
from .arguments import doubles, given, integer, integers, number, octets, vector
from .issue import GRAIN, Issue
from .kernel import Doubles, Kernel, reduction
from .rules import AVERAGE_MOMENTUM, AVERAGE_OVERWRITES, LEARNING_RATE, RULES, fade

if TYPE_CHECKING:
    from ...arena import Arena

BLOCK = 4096  # elements at once, so that each pass over them finds them in the cache
SEGMENT = 256  # bytes that belong to one parameter

# What the kernel of a rule is given.
VALUES, GRADIENTS, FIRST, SECOND, THIRD, AVERAGE, TABLE, COLUMNS, COUNTERS = range(9)
CLIPVALUE, WEIGHT_DECAY, DECAYED, OPTIONS = range(9, 13)


def _kernel(rule: Callable[..., Any]) -> Kernel:
    @Kernel
    def update(arguments):
        values, gradients = vector(arguments, VALUES), vector(arguments, GRADIENTS)
        real = values.dtype.type
        slots = vector(arguments, FIRST), vector(arguments, SECOND), vector(arguments, THIRD)
        options = (
            number(arguments, OPTIONS),
            number(arguments, OPTIONS + 1),
            number(arguments, OPTIONS + 2),
            number(arguments, OPTIONS + 3),
        )
        columns = integer(arguments, COLUMNS)
        row = integers(arguments, COUNTERS)[ROW]
        step = doubles(arguments, TABLE)[row * columns : (row + 1) * columns]
        limit = real(number(arguments, CLIPVALUE))
        shrink = real(1 - step[LEARNING_RATE] * number(arguments, WEIGHT_DECAY))
        for start in range(0, len(values), BLOCK):
            stop = min(start + BLOCK, len(values))
            value, gradient = values[start:stop], gradients[start:stop]
            if limit < np.inf:
                for i in range(len(gradient)):
                    gradient[i] = min(max(gradient[i], -limit), limit)
            if given(arguments, DECAYED):
                decayed = octets(arguments, DECAYED)
                size = SEGMENT // values.itemsize
                for first in range(start, stop, size):
                    if decayed[first // size]:
                        for i in range(first, min(first + size, stop)):
                            values[i] *= shrink
            rule(
                value,
                gradient,
                slots[0][start:stop],
                slots[1][start:stop],
                slots[2][start:stop],
                step,
                options,
            )
            if given(arguments, AVERAGE):
                average = vector(arguments, AVERAGE)[start:stop]
                for i in range(len(average)):
                    average[i] = fade(average[i], step[AVERAGE_MOMENTUM], value[i])
                if step[AVERAGE_OVERWRITES] != 0:
                    for i in range(len(average)):
                        value[i] = average[i]

    return update


KERNELS = {name: _kernel(rule) for name, rule in RULES.items()}


@reduction
def add_squares(arguments):
    """Σ g² to the sum (1)."""
    gradients, total = vector(arguments, 0), doubles(arguments, 1)
    squares = 0.0
    for i in range(len(gradients)):
        squares += np.float64(gradients[i]) * np.float64(gradients[i])
    total[0] = squares


@Kernel
def limit_norm(arguments):
    """Scale gradients (0) down where the root of the sums (1) is above the limit (2)."""
    gradients, limit = vector(arguments, 0), number(arguments, 2)
    norm = math.sqrt(np.sum(doubles(arguments, 1)))
    if norm > limit:
        factor = gradients.dtype.type(limit / norm)
        for i in range(len(gradients)):
            gradients[i] *= factor


def clip_norm(issue: Issue, gradients: Array, limit: float) -> bool:
    """Scale gradients down to a norm, summed in float64."""
    gradients = gradients.reshape(-1)
    shares = issue.slices(gradients.size, 1, GRAIN)
    sums = np.zeros(len(shares))
    squares = [(gradients[share], Doubles(sums[i : i + 1])) for i, share in enumerate(shares)]
    scaled = [(gradients[share], Doubles(sums), float(limit)) for share in shares]
    return issue.parts(add_squares, squares) and issue.parts(limit_norm, scaled)


def update(
    issue: Issue, optimizer: Any, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
) -> bool:
    """Clip, decay and update every trainable parameter, then its moving average, see ``Backend.update``."""
    kernel = KERNELS.get(type(optimizer).__name__) if own(optimizer) else None
    if kernel is None or arena.loss_scale is not None or arena.operands is not arena.values:
        return False
    for gradients, limit in _norms(optimizer, arena):
        if not clip_norm(issue, gradients, limit):
            return False
    given_slots = [slots[name] for name in optimizer.slots]
    constants = optimizer.constants
    decayed = arena.segments().decayed.view(np.uint8) if optimizer.weight_decay else None
    size = SEGMENT // arena.values.itemsize
    parts = [
        (
            arena.values[share],
            arena.gradients[share],
            *(slot[share] for slot in given_slots),
            *[None] * (3 - len(given_slots)),
            slots["average"][share] if optimizer.use_ema else None,
            Doubles(table),
            table.shape[1],
            counters,
            math.inf if optimizer.clipvalue is None else float(optimizer.clipvalue),
            float(optimizer.weight_decay or 0.0),
            None if decayed is None else decayed[share.start // size : -(-share.stop // size)],
            *constants,
            *[0.0] * (4 - len(constants)),
        )
        for share in issue.slices(arena.trainable_size, 1, GRAIN, size)
    ]
    return issue.parts(kernel, parts)


def _norms(optimizer: Any, arena: Arena) -> list[tuple[Array, float]]:
    """Return which parts of the gradients are clipped to which norm."""
    if optimizer.clipnorm is not None:
        return [(parameter.gradient, optimizer.clipnorm) for parameter in arena.trainable]
    if optimizer.global_clipnorm is not None:
        return [(arena.gradients, optimizer.global_clipnorm)]
    return []
