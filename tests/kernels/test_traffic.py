"""No kernel moves more memory than it says: sectors of a million elements against the minimum in ``// Bytes:``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from cuda_on_host import Function, Traffic, compiler, settings
from cupy_stand_in import StandIn
from device_arrays import on
from summary import TABLES

from gpunet import activations, losses, metrics, optimizers, regularizers
from gpunet.arena import Arena
from gpunet.backend import CupyBackend
from gpunet.backend.cuda import activation, catalogue, metric
from gpunet.backend.cuda.catalogue import Kernel
from gpunet.backend.cuda.cublaslt import CublasLt
from gpunet.backend.precision import POLICIES
from gpunet.parameter import Parameter

MOST = 1.1  # times the minimum
SECTOR = 32
SIZES = {"float": 4, "double": 8, "__half": 2, "__nv_bfloat16": 2}
MATRIX = (8192, 128)
FEW, SOME, MANY = (104_858, 10), (1049, 1000), (512, 2048)  # classes: of a few threads, a warp, a block
Operation = Callable[[CupyBackend], None]


class Launch(NamedTuple):
    """A launch that was counted."""

    name: str
    blocks: int
    arguments: tuple[Any, ...]
    traffic: Traffic

    @property
    def kernel(self) -> Kernel:
        return catalogue.kernels()[self.name.partition("<")[0]]

    @property
    def minimum(self) -> int:
        """The bytes that its kernel says are needed."""
        chosen = self.name.partition("<")[2].rstrip(">").split(", ")
        template = {name: chosen[i] for i, (_, name) in enumerate(self.kernel.template)}
        storage = SIZES[template.get("Storage", "float")]
        values = {
            parameter.name: None if getattr(value, "address", 1) == 0 else value
            for parameter, value in zip(self.kernel.parameters, self.arguments, strict=True)
        }
        return eval(
            self.kernel.bytes, {**values, "storage": storage, "real": max(storage, 4), "blocks": self.blocks}
        )

    @property
    def line(self) -> str:
        """The line of the table."""
        traffic, ratio = self.traffic, self.traffic.bytes / self.minimum
        return (
            f"{self.name:<58} {traffic.bytes:>11} {self.minimum:>11} {ratio:>6.2f} {traffic.full_share:>5.0%} "
            f"{traffic.bank_conflicts:>14}"
        )

    @property
    def slack(self) -> int:
        """The bytes of the sectors that arrays begin and end with: little arrays needn't fill them."""
        return 2 * SECTOR * sum(parameter.is_pointer for parameter in self.kernel.parameters)


@pytest.fixture(scope="module")
def table() -> list[str]:
    """Lines that are printed in the end."""
    title = "kernels: sectors of memory touched, counted on the host"
    heading = f"{'launch':<58} {'bytes':>11} {'minimum':>11} {'ratio':>6} {'full':>5} {'bank conflicts':>14}"
    return TABLES.setdefault(title, [heading])


@pytest.fixture(scope="module")
def launched_by() -> Iterator[Callable[[Operation], list[Launch]]]:
    """Return what an operation launches, with traffic counted; each of them runs once."""
    if compiler() is None:
        pytest.skip("needs g++ to compile the kernels for the host")
    launches: list[Launch] = []
    launch = Function.launch

    def watched(self: Function, grid: Any, block: Any, arguments: Any, **options: Any) -> Traffic | None:
        traffic = launch(self, grid, block, arguments, **options)
        assert traffic is not None
        launches.append(Launch(self.name, grid[0], tuple(arguments), traffic))
        return traffic

    @cache
    def run(operation: Operation) -> list[Launch]:
        launches.clear()
        operation(device)
        return launches.copy()

    with pytest.MonkeyPatch.context() as patch:
        module = StandIn(checked=True)
        patch.setitem(sys.modules, "cupy", module)
        patch.setattr(Function, "launch", watched)
        patch.setattr(settings, "count_traffic", True)
        device = CupyBackend(module, CublasLt(module.cublaslt))
        yield run


def random(device: CupyBackend, shape: tuple[int, ...], dtype: str = "float32") -> Any:
    """Return numbers between 0 and 1, or between 0 and 255 where they are bytes."""
    numbers = np.random.default_rng(1).random(shape)
    return on(device, (numbers * 255 if dtype == "uint8" else numbers).astype(dtype))


def labels(device: CupyBackend, shape: tuple[int, int]) -> Any:
    return on(device, np.random.default_rng(2).integers(0, shape[1], shape[0]))


def normalised(device: CupyBackend, shape: tuple[int, int]) -> Any:
    numbers = np.random.default_rng(3).random(shape, "float32")
    return on(device, numbers / numbers.sum(axis=1, keepdims=True))


def activate(device: CupyBackend) -> None:
    device.activate(activations.elu, random(device, MATRIX), device.empty(MATRIX, "float32"))


def bias_activate(device: CupyBackend) -> None:
    x, out = random(device, MATRIX), device.empty(MATRIX, "float32")
    assert activation.bias_activate(device.kernels, activations.silu, random(device, MATRIX[1:]), x, out)
    assert activation.bias_activate(device.kernels, activations.elu, random(device, MATRIX[1:]), x, x)


def activate_backward(device: CupyBackend) -> None:
    x, y, gradient = (random(device, MATRIX) for _ in range(3))
    device.activate_backward(activations.elu, x, y, gradient, gradient)
    device.activate_backward(activations.silu, x, y, gradient, gradient)


def activate_backward_bias(device: CupyBackend) -> None:
    x, y, gradient = (random(device, MATRIX) for _ in range(3))
    total = device.empty(MATRIX[1:], "float32")
    assert activation.activate_backward(device.kernels, activations.elu, x, y, gradient, gradient, total)


def bias_gradient(device: CupyBackend) -> None:
    for shape in (MATRIX, FEW):
        total = device.empty(shape[1:], "float32")
        assert activation.bias_gradient(device.kernels, random(device, shape), total)


def of_rows(name: str) -> Operation:
    def run(device: CupyBackend) -> None:
        for shape in (FEW, MATRIX, MANY):
            device.activate(getattr(activations, name), random(device, shape), device.empty(shape, "float32"))

    return run


def of_rows_backward(name: str) -> Operation:
    def run(device: CupyBackend) -> None:
        for shape in (FEW, MATRIX, MANY):
            y, gradient = random(device, shape), random(device, shape)
            device.activate_backward(getattr(activations, name), None, y, gradient, gradient)

    return run


def dropout(device: CupyBackend) -> None:
    x, counters = random(device, MATRIX), device.zeros(3, "int64")
    device.dropout(x, device.empty(MATRIX, "float32"), 0.5, 1, 2, counters)


def loss(formula: Any, *shapes: tuple[int, int], fused: bool = False, weighted: bool = False) -> Operation:
    def run(device: CupyBackend) -> None:
        for shape in shapes:
            y_true = labels(device, shape) if formula.integer_targets else normalised(device, shape)
            weight = random(device, shape[:1]) if weighted else None
            predictions = device.empty(shape, "float32") if fused else None
            gradient, totals = device.empty(shape, "float32"), device.zeros(2, "float64")
            device.loss(formula, y_true, normalised(device, shape), weight, predictions, gradient, totals)

    return run


def updated(
    make: Callable[[], Any], *shapes: tuple[int, ...], integer: bool = False, weighted: bool = False
) -> Operation:
    def run(device: CupyBackend) -> None:
        for shape in shapes:
            y_true = labels(device, shape) if integer else random(device, shape)
            one = make()
            one.update_state(
                device.download(y_true[:1]), np.ones((1, shape[1]), "float32")
            )  # makes the state
            one.to(device)
            weight = random(device, shape[:1]) if weighted else None
            assert metric.update(device.kernels, one, y_true, random(device, shape), weight)

    return run


def gather(given: str, wanted: str) -> Operation:
    def run(device: CupyBackend) -> None:
        width = (128,)
        source, out = random(device, (10_000, *width), given), device.empty((8192, *width), wanted)
        order = on(device, np.random.default_rng(4).permutation(10_000))
        device.gather(source, order, device.zeros(3, "int64"), 8192, out)

    return run


def count(device: CupyBackend) -> None:
    device.count(device.zeros(3, "int64"))


def arena(device: Any) -> Arena:
    parameters = [Parameter(str(shape), np.full(shape, 0.5)) for shape in (MATRIX, MATRIX[1:])]
    made = Arena(device, parameters, dtype="float32")
    device.upload(np.full(made.gradients.shape, 0.25, "float32"), made.gradients)
    return made


def mixed(device: CupyBackend) -> None:
    own = device.with_precision(POLICIES["mixed_float16"])
    made = arena(own)
    own.refresh(made)
    own.unscale(made)
    own.adapt_loss_scale(made.loss_scale)


def update(*every: Any) -> Operation:
    def run(device: CupyBackend) -> None:
        for optimizer in every:
            made = arena(device)
            optimizer.build(made)
            table = on(device, optimizer.table(0, 1))
            device.update(optimizer, made, optimizer.state, table, device.zeros(3, "int64"))

    return run


def penalty(device: CupyBackend) -> None:
    totals = device.zeros(2, "float64")
    device.penalty(regularizers.L1L2(0.1, 0.2), random(device, MATRIX), random(device, MATRIX), 1, totals)


area = updated(lambda: metrics.AUC(num_thresholds=20), MATRIX)
means = updated(metrics.BinaryAccuracy, MATRIX)
f_scores = updated(metrics.F1Score, FEW, MATRIX)
r2_scores = updated(metrics.R2Score, MATRIX)
squares = loss(losses.MeanSquaredError(), MATRIX)
sparse = losses.SparseCategoricalCrossentropy
clipped = update(optimizers.SGD(clipnorm=0.5), optimizers.SGD(global_clipnorm=0.5))

# How each kernel is launched.
LAUNCHES: dict[str, Operation] = {
    "activate": activate,
    "activate_backward": activate_backward,
    "activate_backward_bias": activate_backward_bias,
    "adapt_loss_scale": mixed,
    "add_histograms": area,
    "add_loss": updated(metrics.MeanSquaredError, (1 << 20, 1), weighted=True),
    "add_means": means,
    "add_slabs": bias_gradient,
    "add_squares": clipped,
    "add_sums": r2_scores,
    "add_totals": squares,
    "bias_activate": bias_activate,
    "bias_gradient": bias_gradient,
    "confusion": updated(lambda: metrics.Precision(thresholds=[0.3, 0.6]), MATRIX),
    "cosine_similarity": loss(losses.CosineSimilarity(), MATRIX, MANY),
    "count": count,
    "count_kept_labels": loss(sparse(from_logits=True, ignore_class=1), (1 << 20, 2)),
    "count_not_binary": loss(losses.Hinge(), MATRIX),
    "dropout": dropout,
    "elementwise_loss": squares,
    "f_score": f_scores,
    "gather": gather("float32", "float32"),
    "gather_byte_indices": gather("uint8", "int64"),
    "gather_bytes": gather("uint8", "float32"),
    "gather_indices": gather("int64", "int64"),
    "histogram": area,
    "largest_hits": updated(metrics.CategoricalAccuracy, FEW, MATRIX),
    "largest_of_rows": f_scores,
    "log_softmax": of_rows("log_softmax"),
    "log_softmax_backward": of_rows_backward("log_softmax"),
    "mean_of_scores": means,
    "narrow": mixed,
    "note_finite": mixed,
    "online_softmax_crossentropy": loss(sparse(from_logits=True), SOME, MANY, fused=True),
    "penalty": penalty,
    "probability_crossentropy": loss(losses.CategoricalCrossentropy(), FEW, MANY),
    "r2_score": r2_scores,
    "sigmoid_crossentropy": loss(losses.BinaryCrossentropy(from_logits=True), MATRIX, fused=True),
    "softmax": of_rows("softmax"),
    "softmax_backward": of_rows_backward("softmax"),
    "softmax_crossentropy": loss(losses.CategoricalCrossentropy(from_logits=True), FEW, MATRIX, fused=True),
    "sorted_hits": updated(
        lambda: metrics.SparseTopKCategoricalAccuracy(8, from_sorted_ids=True), (1 << 17, 8), integer=True
    ),
    "sparsemax": of_rows("sparsemax"),
    "sparsemax_backward": of_rows_backward("sparsemax"),
    "sum_squares": clipped,
    "sum_weights": loss(
        losses.MeanSquaredError(reduction="mean_with_sample_weight"), (1 << 20, 1), weighted=True
    ),
    "top_k_hits": updated(lambda: metrics.SparseTopKCategoricalAccuracy(3), FEW, MATRIX, integer=True),
    "unscale": mixed,
    "update": update(optimizers.SGD(), optimizers.Adam(use_ema=True)),
}  # fmt: skip


def test_every_kernel_is_counted() -> None:
    assert sorted(LAUNCHES) == sorted(catalogue.kernels())


@pytest.mark.parametrize("name", LAUNCHES)
def test_a_kernel_moves_what_it_says(
    name: str, launched_by: Callable[[Operation], list[Launch]], table: list[str]
) -> None:
    launches = [launch for launch in launched_by(LAUNCHES[name]) if launch.kernel.name == name]
    assert launches
    table += [launch.line for launch in launches]
    for launch in launches:
        assert launch.traffic.bytes <= MOST * launch.minimum + launch.slack, launch.name
