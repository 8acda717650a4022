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
from collections.abc import Callable
from typing import Any

from gpunet.backend import get_backend

from . import floor, gpu_check, report
from .kernel_products import measure_products
from .kernel_times import measure
from .report import Result
from .workloads import WORKLOADS

CACHES = 4  # L2 caches that a copy moves; a kernel has a share if it moves two
PRODUCTS = ("mnist", "huge")  # the workloads whose products are timed
SECONDS, ROUNDS = 0.005, 5  # of a measurement, and how many there are


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
    report.check_plot("kernels", options.plot)
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
    report.finish(options, result, draw)
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
