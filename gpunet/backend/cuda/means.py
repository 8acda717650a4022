"""Launches the kernels of metrics that are means: of hits, of scores of single predictions, of losses."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ...registry import snake_case
from ..formulas import Array
from . import catalogue
from . import loss as losses
from . import totals as sums
from .kernels import BLOCK, Kernels, ceil_divide

WARP = 32  # threads
COLUMNS = 4  # that a thread passes over in a row, if there aren't too many
OWN = __name__.partition(".")[0]  # the package

HITS = {  # the kernels of metrics whose value for a row is 0 or 1
    "CategoricalAccuracy": "largest_hits",
    "SparseCategoricalAccuracy": "largest_hits",
    "TopKCategoricalAccuracy": "top_k_hits",
    "SparseTopKCategoricalAccuracy": "top_k_hits",
}


def function(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of a mean of a function's values, where the function is one of gpunet's."""
    if not (isinstance(metric.fn, FunctionType) and metric.fn.__module__.partition(".")[0] == OWN):
        return False
    name = _formula(metric)
    if name in HITS:
        return _hits(kernels, metric, name, y_true, y_pred, weight)
    if name in catalogue.functors("Score"):
        return score(kernels, metric, y_true, y_pred, weight, name)
    return _loss(kernels, metric, y_true, y_pred, weight)


def score(
    kernels: Kernels,
    metric: Any,
    y_true: Array,
    y_pred: Array,
    weight: Array | None,
    name: str = "RootMeanSquaredError",
) -> bool:
    """Take in a batch of a mean over single predictions, by the functor of that name."""
    if values_shape(y_true, y_pred) is None:
        return False
    option = metric.options.get("threshold", 0.5) if name == "BinaryAccuracy" else 0.0
    arguments = y_true, y_pred, weight, y_pred.size, y_pred.size // len(y_pred), option
    template = y_pred.dtype, name
    _launch(kernels, metric, "mean_of_scores", template, y_pred.size, arguments, y_pred.size, len(y_pred))
    return True


def values_shape(y_true: Array, y_pred: Array) -> tuple[int, ...] | None:
    """Return the shape of what a metric compares, with a last axis of 1 mended that only one of the two has.

    ``None`` where there isn't a real target for each prediction.
    """
    short, long = sorted((tuple(y_true.shape), tuple(y_pred.shape)), key=len)
    if y_true.dtype.kind != "f" or long not in (short, (*short, 1)):
        return None
    return long if len(short) == 1 else short


def _formula(metric: Any) -> str:
    """Return the name of the class whose values are averaged: a function of gpunet's is named like its class."""
    if type(metric).__name__ != "MeanMetricWrapper":
        return type(metric).__name__
    known = {snake_case(name): name for name in (*HITS, *catalogue.functors("Score"))}
    return known.get(metric.fn.__name__, "")


def _hits(
    kernels: Kernels, metric: Any, name: str, y_true: Array, y_pred: Array, weight: Array | None
) -> bool:
    if y_pred.ndim < 2:
        return False
    classes = y_pred.shape[-1]
    rows, samples = y_pred.size // classes, len(y_pred)
    kernel, real = HITS[name], y_true.dtype.kind == "f"
    targets: tuple[Array | None, ...]
    if name.startswith("Sparse"):
        fits = y_true.size == rows
        targets = (None, y_true, None) if real else (None, None, y_true)
    else:
        fits = real and y_true.shape == y_pred.shape
        targets = y_true, None, None
    if not fits:
        return False
    if metric.options.get("from_sorted_ids"):
        kernel, targets = "sorted_hits", targets[1:]
    k = () if kernel == "largest_hits" else (metric.options.get("k", 5),)
    lanes = lanes_for(classes)
    arguments = *targets, y_pred, weight, rows, classes, *k, lanes, rows // samples
    _launch(kernels, metric, kernel, (y_pred.dtype,), rows * lanes, arguments, rows, samples)
    return True


def lanes_for(classes: int) -> int:
    """Return how many threads of a warp walk over a row."""
    return min(WARP, 1 << (ceil_divide(classes, COLUMNS) - 1).bit_length())


def _launch(
    kernels: Kernels,
    metric: Any,
    name: str,
    template: tuple[Any, ...],
    threads: int,
    arguments: tuple[Any, ...],
    values: int,
    samples: int,
) -> None:
    """Launch a kernel that ends in a mean, and where it has several blocks the one that adds those up.

    Args:
        kernels: The kernels of the device.
        metric: It has the state ``total`` and ``count``.
        name: The kernel; its last parameters are ``samples``, ``values``, ``partial``, ``total`` and ``count``.
        template: What its template parameters are.
        threads: How many there is work for.
        arguments: What comes before.
        values: The number of values,
        samples: and of samples, which they are scaled to.
    """
    scale = (1, 1) if values == samples else (samples, values)
    blocks = blocks_for(threads)
    partial = kernels.workspace[: 2 * blocks] if blocks > 1 else None
    state = metric.total, metric.count
    kernels.launch(name, template, blocks, *arguments, *scale, partial, *state)
    if partial is not None:
        kernels.launch("add_means", (), 1, partial, blocks, *scale, *state)


def blocks_for(threads: int) -> int:
    """Return the blocks for so many threads with a few elements each."""
    return sums.blocks_for(threads * COLUMNS, BLOCK * COLUMNS)


def _loss(kernels: Kernels, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> bool:
    """Take in a batch of a mean of a loss: its kernel runs without a gradient, then its sum becomes part of the mean."""
    loss, sign = _loss_of(metric)
    if loss is None:
        return False
    sparse = loss.integer_targets
    shape = y_pred.shape[:-1] if sparse else y_pred.shape
    fits = y_true.shape in (shape, (*shape, 1)) if sparse else values_shape(y_true, y_pred) == shape
    if not fits:
        return False
    totals = kernels.workspace[-2:]
    totals.fill(0)
    if not losses.loss(kernels, loss, y_true.reshape(shape), y_pred, weight, None, None, totals):
        return False
    ignored = loss.ignore_class if sparse and type(metric).__name__ == type(loss).__name__ else None
    size, labels = (len(y_pred), None) if ignored is None else (y_true.size, y_true)
    blocks = 1 if weight is None else blocks_for(size)
    partial = kernels.workspace[: 2 * blocks] if blocks > 1 else None
    state = metric.total, metric.count
    kernels.launch(
        "add_loss", (y_pred.dtype,), blocks,
        totals, sign, weight, labels, ignored or 0, size, size // len(y_pred), partial, *state,
    )  # fmt: skip
    if partial is not None:
        kernels.launch("add_means", (), 1, partial, blocks, 1, 1, *state)
    return True


def _loss_of(metric: Any) -> tuple[Any, float]:
    """Return the loss whose values a metric averages, and their sign; ``None`` where there is none.

    The class of a loss stands beside its function. A function of the metrics that is named like a loss is minus that loss.
    """
    name, scope, sign = metric.fn.__name__, metric.fn.__globals__, 1.0
    if "losses" in scope:
        scope, sign = vars(scope["losses"]), -1.0
    kinds = (kind for word, kind in scope.items() if isinstance(kind, type) and snake_case(word) == name)
    kind = next(kinds, None)
    return (None if kind is None else kind(**metric.options, reduction=None)), sign
