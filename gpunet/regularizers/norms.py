"""L1 and L2: small weights."""

from __future__ import annotations

from typing import Any

from ..backend import Array, backend_of
from .base import Regularizer, registry, validate_float_arg


@registry.register("l1_l2", "l1l2")
class L1L2(Regularizer):
    """``R(W) = l1 Σ|w| + l2 Σw²``, ``∂R/∂w = l1 sign(w) + 2 l2 w``; the gradient of ``|w|`` at 0 is 0.

    Args:
        l1: Factor of the absolute values.
        l2: Factor of the squares.

    Raises:
        ValueError: A factor is no finite number of at least 0.

    Example:
        >>> float(L1L2(l1=0.5, l2=2.0)([1.0, -2.0]))
        11.5
    """

    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = validate_float_arg(0.0 if l1 is None else l1, name="l1")
        self.l2 = validate_float_arg(0.0 if l2 is None else l2, name="l2")

    def __call__(self, x: Any) -> Any:
        xp = backend_of(x).xp
        x = xp.asarray(x)
        penalty = x.dtype.type(0)
        if self.l1:
            penalty = penalty + self.l1 * xp.abs(x).sum()
        if self.l2:
            penalty = penalty + self.l2 * xp.square(x).sum()
        return penalty

    def add_gradient(self, xp: Any, value: Array, gradient: Array) -> None:
        if self.l1:
            gradient += self.l1 * xp.sign(value)
        if self.l2:
            gradient += 2 * self.l2 * value

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1, "l2": self.l2}


@registry.register("l1")
class L1(L1L2):
    """``R(W) = l1 Σ|w|``: many weights become 0 (lasso).

    Args:
        l1: The factor.

    Example:
        >>> float(L1(0.5)([1.0, -2.0]))
        1.5
    """

    def __init__(self, l1: float | None = 0.01) -> None:
        super().__init__(l1=0.01 if l1 is None else l1)

    def get_config(self) -> dict[str, Any]:
        return {"l1": self.l1}


@registry.register("l2")
class L2(L1L2):
    """``R(W) = l2 Σw²``: small weights (ridge, weight decay).

    Args:
        l2: The factor.

    Example:
        >>> float(L2(0.5)([1.0, -2.0]))
        2.5
    """

    def __init__(self, l2: float | None = 0.01) -> None:
        super().__init__(l2=0.01 if l2 is None else l2)

    def get_config(self) -> dict[str, Any]:
        return {"l2": self.l2}
