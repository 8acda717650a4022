"""Operations of a backend that launch, all together, every kernel of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from gpunet import activations, losses, metrics, optimizers, regularizers
from gpunet.arena import Arena
from gpunet.backend import Array, Backend
from gpunet.backend.precision import POLICIES
from gpunet.parameter import Parameter

COLUMNS, FEW, WIDE = 128, 10, 2048


class Scene:
    """Where a case plays.

    Args:
        backend: Who computes.
        elements: About how many numbers an array has.
    """

    def __init__(self, backend: Backend, elements: int) -> None:
        self.backend, self.elements = backend, elements
        self._drawn = 0

    def shape(self, columns: int) -> tuple[int, int]:
        """Return the shape of a matrix."""
        return self.elements // columns, columns

    def on(self, array: np.ndarray[Any, Any]) -> Array:
        """Return a copy on the backend."""
        copy = self.backend.empty(array.shape, array.dtype)
        self.backend.upload(array, copy)
        return copy

    def random(self, *shape: int, dtype: str = "float32") -> Array:
        """Return numbers between 0 and 1, or between 0 and 255 where they are whole."""
        numbers = self._draw(shape)
        return self.on(numbers if dtype == "float32" else (numbers * 255).astype(dtype))

    def normalised(self, *shape: int) -> Array:
        """Return rows of probabilities."""
        numbers = self._draw(shape)
        return self.on(numbers / numbers.sum(axis=1, keepdims=True))

    def binary(self, *shape: int) -> Array:
        """Return zeros and ones."""
        return self.on((self._draw(shape) > 0.5).astype(np.float32))

    def _draw(self, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
        """Return other numbers each time: with targets equal to predictions many a gradient would be 0."""
        self._drawn += 1
        return np.roll(drawn(int(np.prod(shape))), 977 * self._drawn).reshape(shape)

    def labels(self, shape: tuple[int, int]) -> Array:
        """Return a class for each row."""
        return self.on(np.random.default_rng(2).integers(0, shape[1], shape[0]))

    def empty(self, *shape: int, dtype: str = "float32") -> Array:
        """Return a buffer."""
        return self.backend.empty(shape, dtype)

    def counters(self) -> Array:
        """Return the counters of a program at its first step."""
        return self.backend.zeros(3, "int64")


Case = Callable[[Scene], list[Array]]  # runs operations and returns what they wrote


@lru_cache(maxsize=4)
def drawn(size: int) -> np.ndarray[Any, Any]:
    """Return so many numbers between 0 and 1, always the same."""
    return np.random.default_rng(1).random(size, np.float32)


def activate(scene: Scene) -> list[Array]:
    shape = scene.shape(COLUMNS)
    out = scene.empty(*shape)
    scene.backend.activate(activations.elu, scene.random(*shape), out)
    return [out]


def activate_backward(scene: Scene) -> list[Array]:
    x = scene.random(*scene.shape(COLUMNS))
    outs = [scene.empty(*x.shape) for _ in range(2)]
    scene.backend.activate_backward(activations.elu, x, x, x, outs[0])
    scene.backend.activate_backward(activations.silu, x, x, x, outs[1])
    return outs


def dense(scene: Scene) -> list[Array]:
    """Add a bias and activate, after a thin product: with the input of the activation kept, and without."""
    rows, units = scene.shape(COLUMNS)
    layer = scene.random(rows, 8), scene.random(8, units), scene.random(units)
    kept, *outs = (scene.empty(rows, units) for _ in range(3))
    scene.backend.dense(*layer, activations.silu, kept, outs[0])
    scene.backend.dense(*layer, activations.elu, outs[1], outs[1])
    return [kept, *outs]


def dense_backward(scene: Scene) -> list[Array]:
    """Go back through an activation and sum the bias gradient on the way, then sum it alone."""
    rows, units = scene.shape(COLUMNS)
    x, kernel, y = scene.random(rows, 8), scene.random(8, units), scene.random(rows, units)
    gradient, sums = scene.random(rows, units), [scene.empty(units) for _ in range(2)]
    scene.backend.dense_backward(x, kernel, activations.elu, y, y, gradient, None, sums[0], None)
    scene.backend.dense_backward(x, kernel, None, y, y, y, None, sums[1], None)
    return [gradient, *sums]


def of_rows(name: str, columns: int) -> Case:
    def run(scene: Scene) -> list[Array]:
        activation, x = getattr(activations, name), scene.random(*scene.shape(columns))
        outs = [scene.empty(*x.shape) for _ in range(2)]
        scene.backend.activate(activation, x, outs[0])
        scene.backend.activate_backward(activation, None, scene.normalised(*x.shape), x, outs[1])
        return outs

    return run


def dropout(scene: Scene) -> list[Array]:
    x = scene.random(*scene.shape(COLUMNS))
    out = scene.empty(*x.shape)
    scene.backend.dropout(x, out, 0.5, 1, 2, scene.counters())
    return [out]


def loss(
    formula: Any, columns: int, fused: bool = False, weighted: bool = False, binary: bool = False
) -> Case:
    def run(scene: Scene) -> list[Array]:
        shape = scene.shape(columns)
        y_true = scene.labels(shape) if formula.integer_targets else scene.normalised(*shape)
        if binary:
            y_true = scene.binary(*shape)
        weight = scene.random(shape[0]) if weighted else None
        predictions = scene.empty(*shape) if fused else None
        gradient, totals = scene.empty(*shape), scene.backend.zeros(2, "float64")
        y_pred = scene.normalised(*shape)
        scene.backend.loss(formula, y_true, y_pred, weight, predictions, gradient, totals)
        return [gradient, totals, *([] if predictions is None else [predictions])]

    return run


def metric(make: Callable[[], Any], columns: int, integer: bool = False, weighted: bool = False) -> Case:
    def run(scene: Scene) -> list[Array]:
        shape = scene.shape(columns)
        y_true = scene.labels(shape) if integer else scene.random(*shape)
        one = make()
        one.update_state(
            scene.backend.download(y_true[:1]), np.ones((1, columns), "float32")
        )  # makes the state
        one.to(scene.backend)
        weight = scene.random(shape[0]) if weighted else None
        scene.backend.update_metric(one, y_true, scene.random(*shape), weight)
        return list(one.variables)

    return run


def gather(given: str, wanted: str, width: int) -> Case:
    def run(scene: Scene) -> list[Array]:
        shape = scene.shape(width)
        source, out = scene.random(*shape, dtype=given), scene.empty(*shape, dtype=wanted)
        order = scene.on(np.random.default_rng(4).permutation(shape[0]))
        scene.backend.gather(source, order, scene.counters(), shape[0], out)
        return [out]

    return run


def count(scene: Scene) -> list[Array]:
    counters = scene.counters()
    scene.backend.count(counters)
    return [counters]


def _arena(scene: Scene, backend: Backend) -> Arena:
    shape = scene.shape(COLUMNS)
    sizes = (shape, shape[1:])
    parameters = [Parameter(str(size), drawn(int(np.prod(size))).reshape(size)) for size in sizes]
    arena = Arena(backend, parameters, dtype="float32")
    backend.upload(drawn(arena.gradients.size), arena.gradients)
    return arena


def mixed(scene: Scene) -> list[Array]:
    backend = scene.backend.with_precision(POLICIES["mixed_float16"])
    arena = _arena(scene, backend)
    backend.refresh(arena)
    backend.unscale(arena)
    assert arena.loss_scale is not None
    backend.adapt_loss_scale(arena.loss_scale)
    return [arena.operands, arena.gradients, arena.loss_scale]


def update(make: Callable[[], Any]) -> Case:
    def run(scene: Scene) -> list[Array]:
        optimizer, arena = make(), _arena(scene, scene.backend)
        optimizer.build(arena)
        table = scene.on(optimizer.table(0, 1))
        scene.backend.update(optimizer, arena, optimizer.state, table, scene.counters())
        return [arena.values, *optimizer.state.values()]

    return run


def penalty(scene: Scene) -> list[Array]:
    value, gradient = (scene.random(*scene.shape(COLUMNS)) for _ in range(2))
    totals = scene.backend.zeros(2, "float64")
    scene.backend.penalty(regularizers.L1L2(0.1, 0.2), value, gradient, 1, totals)
    return [gradient, totals]


CATEGORICAL, SPARSE = losses.CategoricalCrossentropy, losses.SparseCategoricalCrossentropy
TOP_K = metrics.SparseTopKCategoricalAccuracy
CASES: tuple[Case, ...] = (
    activate,
    activate_backward,
    dense,
    dense_backward,
    *(
        of_rows(name, columns)
        for name in ("softmax", "log_softmax", "sparsemax")
        for columns in (COLUMNS, WIDE)
    ),
    dropout,
    loss(losses.MeanSquaredError(), COLUMNS),
    loss(losses.Hinge(), COLUMNS, binary=True),
    loss(losses.MeanSquaredError(reduction="mean_with_sample_weight"), 1, weighted=True),
    loss(losses.CosineSimilarity(), COLUMNS),
    loss(losses.CosineSimilarity(), WIDE),
    loss(losses.BinaryCrossentropy(from_logits=True), COLUMNS, fused=True),
    loss(CATEGORICAL(from_logits=True), FEW, fused=True),
    loss(SPARSE(from_logits=True), 1000, fused=True),
    loss(SPARSE(from_logits=True), WIDE, fused=True),
    loss(SPARSE(from_logits=True, ignore_class=1), 2),
    loss(CATEGORICAL(), FEW),
    loss(CATEGORICAL(), WIDE),
    metric(metrics.BinaryAccuracy, COLUMNS),
    metric(metrics.MeanSquaredError, 1, weighted=True),
    metric(lambda: metrics.Precision(thresholds=[0.3, 0.6]), COLUMNS),
    metric(lambda: metrics.AUC(num_thresholds=20), COLUMNS),
    metric(metrics.F1Score, COLUMNS),
    metric(metrics.R2Score, COLUMNS),
    metric(metrics.CategoricalAccuracy, FEW),
    metric(lambda: TOP_K(3), COLUMNS, integer=True),
    metric(lambda: TOP_K(8, from_sorted_ids=True), 8, integer=True),
    gather("float32", "float32", COLUMNS),
    gather("uint8", "float32", COLUMNS),
    gather("int64", "int64", 1),
    gather("uint8", "int64", 1),
    count,
    mixed,
    update(optimizers.SGD),
    update(lambda: optimizers.Adam(use_ema=True)),
    update(lambda: optimizers.SGD(clipnorm=0.5)),
    penalty,
)
