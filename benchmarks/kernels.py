"""Every kernel of the catalogue on this GPU: right first, then GB/s and the share of the measured copy bandwidth.

A case calls an operation of the backend, on NumPy as well, at a size that is checked: what comes out must be the same. Then
it runs at a size beyond the L2 cache, the launches of its kernels are recorded, and each is timed on its own, from a CUDA
graph. Its bytes are those that the kernel's source says are needed. Which kernels there are is for the catalogue to say:
one that no case launches is an error.

Matrix products are timed by the plan that gpunet takes, the heuristic's first answer, beside the best of its answers.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import byref, c_int
from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from gpunet import activations, losses, metrics, optimizers, regularizers
from gpunet.arena import Arena
from gpunet.backend import Array, Backend, get_backend
from gpunet.backend.cuda import catalogue, cublaslt
from gpunet.backend.cuda.catalogue import Kernel
from gpunet.backend.cuda.cublaslt import PreferenceAttribute as Prefer
from gpunet.backend.cuda.matmul import Plan
from gpunet.backend.cuda.mixed import widened
from gpunet.backend.cuda.product import Product as Fused
from gpunet.backend.cuda.product import alignment
from gpunet.backend.precision import POLICIES
from gpunet.parameter import Parameter

from . import floor, gpu_check, report
from .devices import Result, check_plot, finish, progress
from .floor import Product
from .workloads import WORKLOADS

CHECKED = 1 << 18  # elements
TOLERANCE = 1e-5  # of the largest number
CACHES = 4  # L2 caches that a copy moves; a kernel has a share if it moves two
COLUMNS, FEW, WIDE = 128, 10, 2048
PRODUCTS = ("mnist", "huge")  # the workloads whose products are timed
ANSWERS = 16  # of the heuristic
PRECISIONS = {"float32": 1e-5, "tf32": 1e-2, "bfloat16": 2e-2}  # and how far products may be off
SECONDS, ROUNDS = 0.005, 5  # of a measurement, and how many there are
Clock = Callable[[Callable[[], Any]], float]


# -- cases -------------------------------------------------------------------------------------------------------------


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
        return np.roll(_numbers(int(np.prod(shape))), 977 * self._drawn).reshape(shape)

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
def _numbers(size: int) -> np.ndarray[Any, Any]:
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
    parameters = [Parameter(str(size), _numbers(int(np.prod(size))).reshape(size)) for size in sizes]
    arena = Arena(backend, parameters, dtype="float32")
    backend.upload(_numbers(arena.gradients.size), arena.gradients)
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


# -- what a case launches ----------------------------------------------------------------------------------------------


class Launch(NamedTuple):
    """A launch of a kernel, with what ``Kernels.launch`` was given."""

    name: str
    template: tuple[Any, ...]
    blocks: int
    arguments: tuple[Any, ...]
    shared_memory: int

    @property
    def kernel(self) -> Kernel:
        """What the catalogue says of it."""
        return catalogue.kernels()[self.name]

    @property
    def title(self) -> str:
        """The instance: ``activate<float, ELU, true>``."""
        return self.kernel.expression(tuple(map(_argument, self.template)))

    def again(self, kernels: Any) -> Callable[[], None]:
        """Return what launches it once more."""
        return partial(
            kernels.launch,
            self.name,
            self.template,
            self.blocks,
            *self.arguments,
            shared_memory=self.shared_memory,
        )

    @property
    def bytes(self) -> int:
        """The bytes that its kernel says are needed."""
        chosen = {name: value for (_, name), value in zip(self.kernel.template, self.template, strict=True)}
        storage = chosen["Storage"].itemsize if "Storage" in chosen else 4
        names = [parameter.name for parameter in self.kernel.parameters]
        values = {**dict(zip(names, self.arguments, strict=True)), "blocks": self.blocks}
        return int(eval(self.kernel.bytes, {**values, "storage": storage, "real": max(storage, 4)}))


def _argument(value: Any) -> str:
    if isinstance(value, np.dtype):
        return catalogue.STORAGE[value.name]
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def recorded(kernels: Any) -> Iterator[list[Launch]]:
    """Note every launch, which happens as well; what is noted holds the arrays."""
    found: list[Launch] = []
    launch = kernels.launch

    def watched(
        name: str, template: Sequence[Any], blocks: int, *arguments: Any, shared_memory: int = 0
    ) -> None:
        found.append(Launch(name, tuple(template), blocks, arguments, shared_memory))
        launch(name, template, blocks, *arguments, shared_memory=shared_memory)

    kernels.launch = watched
    try:
        yield found
    finally:
        del kernels.launch


def difference(case: Case, backend: Backend, reference: Backend, elements: int) -> float:
    """Return how far the results of a case are from those of NumPy, relative to the largest number of each array."""
    found, wanted = (
        [one.download(array).astype(np.float64) for array in case(Scene(one, elements))]
        for one in (backend, reference)
    )
    return max(_off(a, b) for a, b in zip(found, wanted, strict=True))


def _off(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> float:
    if not np.isfinite(found).all():
        return float("inf")
    largest = np.abs(wanted).max(initial=0.0)
    return float(np.abs(found - wanted).max(initial=0.0) / (largest or 1.0))


def measure(backend: Any, clock: Clock, cache_size: int, elements: int, checked: int = CHECKED) -> Result:
    """Return a row for each instance of a kernel that the cases launch.

    Args:
        backend: That of the GPU.
        clock: From a call to its seconds.
        cache_size: The bytes of the L2 cache.
        elements: Of the arrays that are timed,
        checked: and of those that are compared with NumPy's.
    """
    copied = copy_rate(backend, clock, elements)
    rows: dict[str, Result] = {}
    for case in progress(CASES, "kernels"):
        off = difference(case, backend, get_backend("numpy"), checked)
        right = off <= TOLERANCE
        with recorded(backend.kernels) as launches:
            case(Scene(backend, elements if right else checked))
        for launch in launches:
            if launch.title not in rows:
                rows[launch.title] = _row(launch, backend, clock, cache_size, copied, off, right)
            elif not right:
                rows[launch.title].update(off=off, right=False)
        launches.clear()
    unknown = sorted(set(catalogue.kernels()) - {row["kernel"] for row in rows.values()})
    return {"copy_gb_per_s": copied / 1e9, "kernels": list(rows.values()), "without_case": unknown}


def _row(
    launch: Launch, backend: Any, clock: Clock, cache_size: int, copied: float, off: float, right: bool
) -> Result:
    row: Result = {"kernel": launch.name, "instance": launch.title, "off": off, "right": right}
    row.update(bytes=launch.bytes, us=None, gb_per_s=None, share=None)
    if right:
        seconds = clock(launch.again(backend.kernels))
        row.update(us=seconds * 1e6, gb_per_s=launch.bytes / seconds / 1e9)
        if launch.bytes >= 2 * cache_size:  # what fits in the cache isn't bound by memory
            row["share"] = launch.bytes / seconds / copied
    return row


def copy_rate(backend: Any, clock: Clock, elements: int) -> float:
    """Return the bytes per second, read and written, of a copy on the device."""
    source, target = backend.zeros(elements, "float32"), backend.empty(elements, "float32")
    size = 4 * elements
    return 2 * size / clock(lambda: target.data.copy_from_device_async(source.data, size))


# -- matrix products ---------------------------------------------------------------------------------------------------


def measure_products(backend: Any, clock: Clock, products: Sequence[Product]) -> list[Result]:
    """Return a row for each product and precision."""
    return [
        _product_row(backend, clock, product, precision)
        for product in progress(products, "matrix products")
        for precision in PRECISIONS
    ]


def _product_row(backend: Any, clock: Clock, product: Product, precision: str) -> Result:
    m, k, n, transposed = product
    a = _factor((k, m) if transposed == "a" else (m, k), precision)
    b = _factor((n, k) if transposed == "b" else (k, n), precision)
    scene = Scene(backend, 0)
    left, right = scene.on(a), scene.on(b)
    out = scene.empty(m, n, dtype=a.dtype.name)
    asked = None if precision == "bfloat16" else precision
    turned = transposed == "a", transposed == "b"
    row: Result = {"product": title(product), "precision": precision, "flop": product.flop, "answers": 0}
    if not backend.products(left, right, out, *turned, precision=asked):
        return {**row, "off": None, "right": True, "us": None, "tflops": None, "best_us": None, "share": None}
    off = _product_off(a, b, widened(backend.xp.asnumpy(out[:64])), product)
    fused = Fused(left, right, out, *turned, None, None, None, None, asked)
    plan = backend.products._plans[backend.xp.cuda.Device().id, fused.key]
    plans = [plan, *answers(plan, fused)]
    seconds = [clock(_run(backend, one, fused)) for one in plans]
    return {
        **row,
        "answers": len(plans) - 1,
        "off": off,
        "right": off <= PRECISIONS[precision],
        "us": seconds[0] * 1e6,
        "tflops": product.flop / seconds[0] / 1e12,
        "best_us": min(seconds) * 1e6,
        "share": min(seconds) / seconds[0],
    }


def title(product: Product) -> str:
    """Return a product in words.

    Example:
        >>> title(Product(784, 128, 512, "a"))
        '(128×784)ᵀ · 128×512'
    """
    m, k, n, transposed = product
    left = f"({k}×{m})ᵀ" if transposed == "a" else f"{m}×{k}"
    return f"{left} · " + (f"({n}×{k})ᵀ" if transposed == "b" else f"{k}×{n}")


def _factor(shape: tuple[int, int], precision: str) -> np.ndarray[Any, Any]:
    numbers: np.ndarray[Any, Any] = _numbers(shape[0] * shape[1]).reshape(shape) - np.float32(0.5)
    return (numbers.view(np.uint32) >> 16).astype(np.uint16) if precision == "bfloat16" else numbers


def _product_off(
    a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], found: np.ndarray[Any, Any], product: Product
) -> float:
    """Return how far the first rows are from NumPy's."""
    left, right = widened(a), widened(b)
    left = left[:, : len(found)].T if product.transposed == "a" else left[: len(found)]
    wanted = left.astype(np.float64) @ (right.T if product.transposed == "b" else right)
    return _off(found.astype(np.float64), wanted)


def _run(backend: Any, plan: Plan, fused: Fused) -> Callable[[], None]:
    return lambda: plan.run(fused, False, backend.xp.cuda.get_current_stream().ptr)


def answers(plan: Plan, fused: Fused) -> list[Plan]:
    """Return plans of all algorithms that the heuristic knows for a product, the best first in its opinion."""
    library, handle, workspace = plan.device
    a, b, d = (layout.pointer for layout in plan.layouts)
    results, found = (cublaslt.HeuristicResult * ANSWERS)(), c_int()
    with cublaslt.Preference(library) as preference:
        preference.set(Prefer.MAX_WORKSPACE_BYTES, workspace.nbytes)
        preference.set(Prefer.MIN_ALIGNMENT_A_BYTES, alignment(fused.b))
        preference.set(Prefer.MIN_ALIGNMENT_B_BYTES, alignment(fused.a))
        preference.set(Prefer.MIN_ALIGNMENT_C_BYTES, alignment(fused.out))
        preference.set(Prefer.MIN_ALIGNMENT_D_BYTES, alignment(fused.out))
        library.call(
            "cublasLtMatmulAlgoGetHeuristic",
            *(handle.pointer, plan.descriptor.pointer, a, b, d, d, preference.pointer),
            *(ANSWERS, results, byref(found)),
        )
    usable = [result for result in results[: found.value] if result.state == cublaslt.Status.SUCCESS]
    return [plan._replace(algorithm=result.algorithm) for result in usable]


# -- the command -------------------------------------------------------------------------------------------------------


class GraphClock:
    """Times a call by events around a CUDA graph of several: the host's part of a launch doesn't count.

    Args:
        cupy: The module.
        stream: What the calls use as the current stream.
    """

    def __init__(self, cupy: Any, stream: Any) -> None:
        self.cupy, self.stream = cupy, stream

    def __call__(self, call: Callable[[], Any]) -> float:
        """Return the seconds of a call, the median of rounds."""
        call()  # compiles and loads
        once = self._seconds(self._graph(call, 1))
        repeats = max(1, min(100, int(SECONDS / max(once, 1e-7))))
        graph = self._graph(call, repeats)
        return statistics.median(self._seconds(graph) for _ in range(ROUNDS)) / repeats

    def _graph(self, call: Callable[[], Any], repeats: int) -> Any:
        self.stream.begin_capture()
        try:
            for _ in range(repeats):
                call()
        finally:
            graph = self.stream.end_capture()
        graph.launch(self.stream)  # loads it
        return graph

    def _seconds(self, graph: Any) -> float:
        start, stop = self.cupy.cuda.Event(), self.cupy.cuda.Event()
        start.record(self.stream)
        graph.launch(self.stream)
        stop.record(self.stream)
        stop.synchronize()
        return float(self.cupy.cuda.get_elapsed_time(start, stop)) / 1e3


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser("kernels", help="every kernel on this GPU")
    report.add_output_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, print, write, draw; 0 if all results were right and every kernel has a case."""
    check_plot("kernels", options.plot)
    try:
        backend: Any = get_backend("cupy")
    except RuntimeError as error:
        print(f"kernels: needs a GPU. {error}", file=sys.stderr)
        return 1
    cupy, stream = backend.xp, backend.staging.stream
    cache_size = int(cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["l2CacheSize"])
    products = [product for name in PRODUCTS for product in floor.products(WORKLOADS[name])]
    with stream:
        clock = GraphClock(cupy, stream)
        result: Result = {
            "machine": {**report.machine(), **gpu_check.describe()},
            "cache_bytes": cache_size,
            **measure(backend, clock, cache_size, CACHES * cache_size // 8),
            "products": measure_products(backend, clock, products),
        }
    print(text(result))
    finish(options, result, draw)
    return status(result)


def status(result: Result) -> int:
    """Return the exit status."""
    right = all(row["right"] for row in (*result["kernels"], *result["products"]))
    return 0 if right and not result["without_case"] else 1


def text(result: Result) -> str:
    """Return what a terminal shows."""
    kernels = [
        [
            row["instance"],
            f"{row['bytes'] / 1e6:.1f}",
            _cell(row["us"], ".1f"),
            _cell(row["gb_per_s"], ",.0f"),
            _cell(row["share"], ".0%"),
            f"{row['off']:.0e}",
            "" if row["right"] else "WRONG, not timed",
        ]
        for row in result["kernels"]
    ]
    products = [
        [
            row["product"],
            row["precision"],
            _cell(row["us"], ".1f"),
            _cell(row["tflops"], ".1f"),
            _cell(row["best_us"], ".1f"),
            _cell(row["share"], ".0%"),
            row["answers"],
            "" if row["right"] else "WRONG",
        ]
        for row in result["products"]
    ]
    lines = [
        "",
        f"a copy moves {result['copy_gb_per_s']:,.0f} GB/s; shares where a kernel moves two L2 caches or more",
        report.table(["kernel", "MB", "µs", "GB/s", "of a copy", "off", ""], kernels),
        "",
        report.table(["product", "", "µs", "TFLOP/s", "best µs", "of the best", "of", ""], products),
        *(f"NO CASE launches {name}" for name in result["without_case"]),
    ]
    return "\n".join(lines)


def _cell(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)


def draw(result: Result) -> Any:
    """Return a figure: the share of each kernel that has one, and of each product."""
    from matplotlib.figure import Figure

    kernels = [(row["instance"], row["share"]) for row in result["kernels"] if row["share"] is not None]
    products = [
        (f"{row['product']}, {row['precision']}", row["share"])
        for row in result["products"]
        if row["share"] is not None
    ]
    parts = {"of the measured copy bandwidth": kernels, "of the best cuBLASLt time": products}
    heights = [len(part) + 2 for part in parts.values()]
    figure = Figure(figsize=(9, 0.2 * sum(heights) + 0.6), layout="constrained")
    panels = figure.subplots(2, 1, height_ratios=heights)
    for panel, (label, part) in zip(panels, parts.items(), strict=True):
        names, shares = [name for name, _ in part][::-1], [share for _, share in part][::-1]
        bars = panel.barh(names, shares, color="#76b900")
        panel.bar_label(bars, [f"{share:.0%}" for share in shares], padding=3, fontsize=7)
        panel.axvline(1, color="#9aa3ab", linewidth=1)
        panel.set_title(label, fontsize=9, loc="left")
        panel.tick_params(labelsize=7)
        panel.margins(x=0.1, y=0.01)
        panel.spines[["top", "right"]].set_visible(False)
    figure.suptitle(result["machine"]["device"], fontsize=10)
    return figure
