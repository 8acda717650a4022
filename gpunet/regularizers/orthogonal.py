"""Orthogonal rows or columns."""

from __future__ import annotations

from typing import Any

from ..backend import Array, backend_of
from .base import Regularizer, registry, validate_float_arg


@registry.register("orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """``R(W) = factor · mean over pairs i < j of |nᵢ · nⱼ|``, with ``nᵢ`` the rows (or columns) of ``W`` at length 1.

    With ``P`` pairs, ``∂R/∂nᵢ = factor / P · Σⱼ sign(nᵢ · nⱼ) nⱼ``, and through the division by the length
    ``∂R/∂wᵢ = (∂R/∂nᵢ - nᵢ (nᵢ · ∂R/∂nᵢ)) / ‖wᵢ‖``. A row of zeros has no direction and is left alone.

    Args:
        factor: The factor.
        mode: ``"rows"`` or ``"columns"``.

    Raises:
        ValueError: A negative factor, an unknown mode; at the call, a parameter that is no matrix.

    Example:
        >>> float(OrthogonalRegularizer(factor=0.5)([[1.0, 0.0], [0.0, 3.0]]))
        0.0
        >>> float(OrthogonalRegularizer(factor=0.5)([[1.0, 0.0], [-2.0, 0.0]]))
        0.5
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = validate_float_arg(factor, name="factor")
        if mode not in ("rows", "columns"):
            raise ValueError(
                f'Invalid value for argument `mode`. Expected one of {{"rows", "columns"}}. Received: mode={mode}'
            )
        self.mode = mode

    def __call__(self, x: Any) -> Any:
        xp = backend_of(x).xp
        _, products, scale, _ = self._geometry(xp, xp.asarray(x))
        return scale / 2 * xp.abs(products).sum()

    def add_gradient(self, xp: Any, value: Array, gradient: Array) -> None:
        units, products, scale, lengths = self._geometry(xp, value)
        slope = scale * (xp.sign(products) @ units)
        slope -= units * (units * slope).sum(axis=1, keepdims=True)
        slope /= lengths
        gradient += slope if self.mode == "rows" else slope.T

    def _geometry(self, xp: Any, x: Any) -> tuple[Array, Array, float, Array]:
        """Return the rows at length 1, their products with each other, ``factor / P``, and their lengths."""
        if x.ndim != 2:
            raise ValueError(
                f"Inputs to OrthogonalRegularizer must have rank 2. Received: inputs.shape={x.shape}"
            )
        rows = x if self.mode == "rows" else x.T
        lengths = xp.sqrt(xp.square(rows).sum(axis=1, keepdims=True))
        lengths += lengths == 0
        units = rows / lengths
        products = units @ units.T
        products *= 1 - xp.eye(len(rows), dtype=rows.dtype)
        return units, products, self.factor / max(len(rows) * (len(rows) - 1) / 2, 1), lengths

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}
