"""Launches the kernels of the optimizers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..formulas import Array
from ..mixed_precision import LOSS_SCALE_STEPS
from . import mixed
from .kernels import BLOCK, Kernels, ceil_divide

if TYPE_CHECKING:
    from ...arena import Arena

BLOCKS = 4096  # at most, for the parts of all norms
PART = 8192  # elements of a part of a norm, at least
SLOTS, CONSTANTS = 3, 4  # as many as a rule may have


def update(
    kernels: Kernels, optimizer: Any, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
) -> bool:
    """Clip, decay and update every trainable parameter, then its moving average, see ``Backend.update``."""
    if not kernels.has("Optimizer", optimizer) or arena.dtype.name not in ("float32", "float64"):
        return False
    if arena.trainable_size:
        _launch(kernels, optimizer, arena, slots, table, counters)
    if arena.loss_scale is not None:
        mixed.adapt_loss_scale(kernels, arena.loss_scale, LOSS_SCALE_STEPS)
    return True


def _launch(
    kernels: Kernels, optimizer: Any, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
) -> None:
    own = [slots[name] for name in optimizer.slots]
    constants = optimizer.constants
    kernels.launch(
        "update",
        (arena.operands.dtype, type(optimizer).__name__),
        ceil_divide(arena.trainable_size * arena.dtype.itemsize, 16 * BLOCK),
        arena.values,
        None if arena.operands is arena.values else arena.operands,
        arena.gradients,
        *own,
        *[None] * (SLOTS - len(own)),
        slots["average"] if optimizer.use_ema else None,
        arena.trainable_size,
        table,
        counters,
        table.shape[1],
        *constants,
        *[0.0] * (CONSTANTS - len(constants)),
        optimizer.weight_decay or 0.0,
        arena.segments().decayed if optimizer.weight_decay else None,
        math.inf if optimizer.clipvalue is None else optimizer.clipvalue,
        *_clip_factors(kernels, optimizer, arena),
        arena.loss_scale,
    )


def _clip_factors(kernels: Kernels, optimizer: Any, arena: Arena) -> tuple[Array | None, Array | None]:
    """Compute what gradients are clipped by; return it, and which of them is whose (``None``: there is but one)."""
    if optimizer.clipnorm is not None:
        sizes = [parameter.size for parameter in arena.trainable]
        factors = _norms(kernels, arena, optimizer.clipnorm, len(sizes), max(sizes), arena.segments().starts)
        return factors, arena.segments().owners
    if optimizer.global_clipnorm is not None:
        return _norms(kernels, arena, optimizer.global_clipnorm, 1, arena.trainable_size, None), None
    return None, None


def _norms(
    kernels: Kernels, arena: Arena, limit: float, segments: int, largest: int, starts: Array | None
) -> Array:
    """Compute the factor of each segment of the gradients, the largest of which has so many elements."""
    splits = max(1, min(ceil_divide(largest, PART), BLOCKS // segments))
    factors = kernels.workspace[:segments]
    partial = kernels.workspace[segments : segments * (1 + splits)]
    kernels.launch(
        "sum_squares",
        (arena.dtype,),
        segments * splits,
        arena.gradients,
        arena.trainable_size,
        starts,
        splits,
        limit,
        partial,
        factors,
    )
    if splits > 1:
        kernels.launch("add_squares", (), segments, partial, splits, limit, factors)
    return factors
