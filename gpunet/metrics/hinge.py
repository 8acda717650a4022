"""How far decisions are from the margin."""

from __future__ import annotations

from typing import Any

from .. import losses
from .base import registry
from .reduction import FunctionMetric


@registry.register("hinge")
class Hinge(FunctionMetric):
    """The mean of ``max(0, 1 - y f)`` with targets ±1 (0 counts as -1), see ``losses.hinge``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> round(float(Hinge()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]])), 4)
        1.3
    """

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(losses.hinge, name, dtype)


@registry.register("squared_hinge")
class SquaredHinge(FunctionMetric):
    """The mean of ``max(0, 1 - y f)²`` with targets ±1 (0 counts as -1), see ``losses.squared_hinge``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> round(float(SquaredHinge()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]])), 4)
        1.86
    """

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(losses.squared_hinge, name, dtype)
