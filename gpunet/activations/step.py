"""The perceptron's step function."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .base import Activation, register


class Step(Activation):
    """The perceptron's decision, ``Y = +1`` for ``X ≥ ω₀``, else ``-1``. It predicts; it cannot be trained through.

    Args:
        threshold: ``ω₀``.

    Source: Rosenblatt, "The perceptron", Psychological Review 65, 1958.

    Example:
        >>> step([-0.5, 0.0, 2.0]).tolist(), step([-0.5, 0.0, 2.0], threshold=1.5).tolist()
        ([-1.0, 1.0, 1.0], [-1.0, -1.0, 1.0])
    """

    name = "step"
    differentiable = False

    def __init__(self, threshold: float = 0.0) -> None:
        self.threshold = threshold

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        xp.greater_equal(x, self.threshold, out=out)
        out *= 2
        out -= 1

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        """Refuse.

        Raises:
            ValueError: Always, with the reason.
        """
        raise ValueError(
            f"step: training through it is impossible. Its derivative is 0 everywhere and undefined at the "
            f"threshold {self.threshold}, so no weight below it would ever change. "
            "Train with tanh or sigmoid and predict with step."
        )


step = register(Step)
