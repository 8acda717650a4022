"""The part of the contract that a precision decides: where numbers are narrowed, and how gradients are kept from vanishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .formulas import Array
from .precision import POLICIES

if TYPE_CHECKING:
    from ..arena import Arena

LOSS_SCALE, LOSS_SCALE_STEPS = (
    2.0**15,
    2000,
)  # what it starts from, and the steps until it doubles: Keras' numbers


class MixedPrecision:
    """Parameters in their float type, activations and what products read in another one, see ``Precision``.

    As written here both are the same. With 16 bits for activations, small gradients would vanish in float16: they are
    computed from a loss that is multiplied by a scale, and divided by it before they are used.

    Source: Micikevicius et al., "Mixed precision training", ICLR 2018.
    """

    precision = POLICIES["float32"]
    xp: Any

    def storage(self, dtype: Any) -> Any:
        """Return the dtype of the buffers of activations where parameters have ``dtype``."""
        return np.dtype(dtype)

    def operands(self, values: Array) -> Array:
        """Return the buffer that products read parameters from: the parameters themselves where they read them as they are."""
        return values

    def refresh(self, arena: Arena) -> None:
        """Bring ``arena.operands`` up to date with its values."""

    def loss_scale(self) -> Array | None:
        """Return the state of the loss scale where gradients need one, else ``None``.

        Three float64 numbers: the scale, the number of steps since it changed, whether the last gradients were finite.
        """
        return None

    def unscale(self, arena: Arena) -> None:
        """Divide the gradients by the loss scale, and take note whether all of them are finite."""
        assert arena.loss_scale is not None
        arena.gradients /= arena.loss_scale[0]
        arena.loss_scale[2] = self.xp.isfinite(arena.gradients).all()

    def adapt_loss_scale(self, scale: Array) -> None:
        """Halve the scale after a step that overflowed, double it after 2,000 that didn't."""
        finite, steps = scale[2], scale[1] + 1
        grown = finite * (steps >= LOSS_SCALE_STEPS)
        scale[0] *= (1 + grown) * (1 + finite) / 2
        scale[1] = steps * finite * (1 - grown)
