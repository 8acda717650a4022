"""Rectifiers: relu and its piecewise linear relatives."""

from __future__ import annotations

from typing import Any

from ..backend import Array
from .base import Activation, register, registry, slopes


class ReLU(Activation):
    """Rectified linear unit, ``g(z) = max(0, z)``, ``g'(z) = 1`` for ``z > 0``, else ``0``.

    With options: ``z`` for ``z > threshold``, at most ``max_value``, and
    ``negative_slope · (z - threshold)`` up to the threshold.

    Args:
        negative_slope: The slope below the threshold, at least 0.
        max_value: The largest output, at least 0; ``None`` for no limit.
        threshold: Where the rising part begins, at least 0.

    Raises:
        ValueError: A negative option.

    Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.

    Example:
        >>> relu([-1.0, 2.0]).tolist(), relu.derivative([-1.0, 2.0]).tolist()
        ([0.0, 2.0], [0.0, 1.0])
        >>> relu([-1.0, 2.0, 9.0], negative_slope=0.5, max_value=6).tolist()
        [-0.5, 2.0, 6.0]
    """

    name = "relu"

    def __init__(
        self, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
    ) -> None:
        options = {"negative_slope": negative_slope, "max_value": max_value, "threshold": threshold}
        for option, value in options.items():
            if value is None and option == "max_value":
                continue
            if value is None or not value >= 0:
                raise ValueError(f"{self.name}: {option} cannot be negative or missing, got {value}.")
        self.negative_slope, self.max_value, self.threshold = negative_slope, max_value, threshold

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        if self.threshold:
            below = self.negative_slope * (xp.minimum(x, self.threshold) - self.threshold)
            jump = xp.multiply(x <= self.threshold, self.threshold, dtype=x.dtype)
            xp.maximum(x, self.threshold, out=out)
            out -= jump
            if self.negative_slope:
                out += below
        elif self.negative_slope:  # z and slope · z cross at 0
            outer = xp.maximum if self.negative_slope <= 1 else xp.minimum
            outer(x, self.negative_slope * x, out=out)
        else:
            xp.maximum(x, 0, out=out)
        if self.max_value is not None:
            xp.minimum(out, self.max_value, out=out)

    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None:
        factor = slopes(xp, y, 1.0, self.negative_slope) if self.negative_slope else y > 0
        if self.max_value is not None:
            factor *= y < self.max_value
        xp.multiply(gradient, factor, out=out)


class LeakyReLU(ReLU):
    """Leaky rectifier, ``g(z) = z`` for ``z > 0``, else ``negative_slope · z``.

    Source: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.

    Example:
        >>> leaky_relu([-1.0, 2.0]).tolist(), leaky_relu.derivative([-1.0, 2.0]).tolist()
        ([-0.2, 2.0], [0.2, 1.0])
    """

    name = "leaky_relu"

    def __init__(self, negative_slope: float = 0.2) -> None:
        super().__init__(negative_slope)


class Threshold(Activation):
    """``g(z) = z`` for ``z > threshold``, else ``default_value``.

    Example:
        >>> threshold([0.5, 2.0], 1.0, -1.0).tolist()
        [-1.0, 2.0]
    """

    name = "threshold"
    needs_input = True

    def __init__(self, threshold: float = 0.0, default_value: float = 0.0) -> None:
        self.threshold, self.default_value = threshold, default_value

    def forward_into(self, xp: Any, x: Array, out: Array) -> None:
        out[...] = xp.where(x > self.threshold, x, self.default_value)

    def backward_into(self, xp: Any, x: Any, y: Array, gradient: Array, out: Array) -> None:
        xp.multiply(gradient, x > self.threshold, out=out)


relu = register(ReLU)
relu6: ReLU = registry.register("relu6")(ReLU(max_value=6.0))
leaky_relu = register(LeakyReLU)
threshold = register(Threshold)
