"""A learning rate that is constant between steps where it jumps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import checks
from .base import Formula, Numbers, registry


@registry.register()
class PiecewiseConstantDecay(Formula):
    """``values[0]`` up to and including step ``boundaries[0]``, ``values[1]`` up to ``boundaries[1]``, and so on.

    Args:
        boundaries: The last step of each piece but the last piece, rising.
        values: One learning rate more than there are boundaries.
        name: A name.

    Raises:
        ValueError: The lengths don't fit, the boundaries don't rise, a rate is NaN or negative.

    Example:
        >>> PiecewiseConstantDecay([10, 20], [0.1, 0.01, 0.001])([10, 11, 99]).tolist()
        [0.1, 0.01, 0.001]
    """

    def __init__(
        self, boundaries: Sequence[float], values: Sequence[float], name: str = "PiecewiseConstant"
    ) -> None:
        if len(boundaries) != len(values) - 1:
            raise ValueError(
                "The length of boundaries should be 1 less than the length of values. Received: "
                f"boundaries={boundaries} of length {len(boundaries)}, and values={values} of length {len(values)}."
            )
        edges = np.asarray(boundaries, np.float64)
        if not (np.diff(edges) > 0).all() or np.isnan(edges).any():
            raise ValueError(f"PiecewiseConstantDecay: expected rising boundaries, got {boundaries}.")
        self.boundaries = edges.tolist()
        self.values = [checks.number(self, "values", value, "[0, inf)") for value in values]
        self.name = name

    def formula(self, steps: Numbers) -> Numbers:
        return np.asarray(self.values)[np.searchsorted(self.boundaries, steps, side="left")]

    def get_config(self) -> dict[str, Any]:
        return {"boundaries": self.boundaries, "values": self.values, "name": self.name}
