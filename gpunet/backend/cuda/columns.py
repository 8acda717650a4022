"""Launches the kernels of metrics that keep sums over the columns of a matrix: R² and the F-scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..formulas import Array
from .counts import CELLS, HALF, PARTS, STATES, sum_up
from .kernels import BLOCK, Kernels, ceil_divide
from .means import blocks_for, lanes_for, values_shape

ROWS = 64  # that a thread adds up before several parts of the rows are worth a second kernel


def r2_score(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the sums behind R²."""
    if not metric._built or values_shape(y_true, y_pred) != (len(y_pred), *metric.count.shape):
        return False
    states = [metric.squared_sum, metric.sum, metric.total_mse, metric.count]
    arguments = y_true, y_pred, weight
    _sum_columns(kernels, "r2_score", arguments, metric.count.size, len(y_pred), states, metric.num_samples)
    return True


def f_score(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of the sums behind the F-score."""
    states = [*(getattr(metric, cell) for cell in CELLS[:3]), metric.intermediate_weights]
    columns, together = y_pred.shape[-1], metric.average == "micro"
    if y_true.dtype.kind != "f" or y_pred.ndim != 2 or y_true.shape != y_pred.shape:
        return False
    if STATES * columns > HALF if together else states[0].shape != (columns,):
        return False
    for start in range(0, len(y_pred), HALF):
        rows = slice(start, start + HALF)
        targets, predictions = y_true[rows], y_pred[rows]
        largest = None
        if metric.threshold is None:
            largest, lanes = kernels.workspace[: len(predictions)], lanes_for(columns)
            kernels.launch(
                "largest_of_rows", (y_pred.dtype,), blocks_for(len(predictions) * lanes),
                predictions, len(predictions), columns, lanes, largest,
            )  # fmt: skip
        weights = None if weight is None else weight[rows]
        arguments = targets, predictions, weights, largest, metric.threshold or 0.0
        _sum_columns(kernels, "f_score", arguments, columns, len(predictions), states, together=together)
    return True


def _sum_columns(
    kernels: Kernels,
    name: str,
    arguments: tuple[Any, ...],
    columns: int,
    rows: int,
    states: Sequence[Array],
    *further: Array,
    together: bool = False,
) -> None:
    """Launch a kernel that sums over the rows of a matrix; ``together`` is what its columns are summed, too."""
    lanes = min(BLOCK, 1 << (columns - 1).bit_length())
    parts = max(1, min(ceil_divide(rows * lanes, BLOCK * ROWS), PARTS, HALF // (STATES * columns)))
    blocks = ceil_divide(columns, lanes) * parts
    sizes = rows, columns, lanes
    template = (arguments[1].dtype,)
    sum_up(
        kernels,
        name,
        template,
        blocks,
        (*arguments, *sizes),
        columns,
        parts,
        states,
        *further,
        together=together,
    )
