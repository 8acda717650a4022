"""How the cost of training grows with batch, width, depth and number of samples: exponents, so that a quadratic shows.

The time of ``fit`` is fitted by ``c · size^p``, least squares of the logarithms. Sizes are such that the work that grows
outweighs what is fixed; what remains of it makes a fitted exponent smaller than expected, never larger. The exponent
between the two largest sizes is given too: something that grows faster shows there first.
"""

from __future__ import annotations

import argparse
import math
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from gpunet.backend import get_backend

from . import report
from .contenders.gpunet_fit import Gpunet
from .report import Result
from .training import number
from .turn import Turn
from .workloads import Workload

MARGIN = 0.25  # above the expected exponent: what is more is marked


class Axis(NamedTuple):
    """Something that cost depends on.

    Attributes:
        name: What grows.
        sizes: Its values.
        workload: From a size to what is trained.
        expected: The exponent.
        per: What is timed: a ``"step"`` or an ``"epoch"``.
    """

    name: str
    sizes: tuple[int, ...]
    workload: Callable[[int], Workload]
    expected: float
    per: str


def _workload(layers: tuple[int, ...], batch_size: int, steps: int) -> Workload:
    return Workload("scaling", layers, batch_size, steps, 1, "adam", 0.001)


AXES = (
    Axis("batch", (256, 512, 1024, 2048, 4096), lambda n: _workload((256, 256, 256, 10), n, 8), 1, "step"),
    Axis("width", (512, 768, 1024, 1536, 2048), lambda n: _workload((n, n, n), 256, 8), 2, "step"),
    Axis("depth", (4, 8, 16, 32, 64), lambda n: _workload((128,) * (n + 1), 128, 32), 1, "step"),
    Axis(
        "samples",
        (8192, 16384, 32768, 65536, 131072),
        lambda n: _workload((8, 16, 1), 32, n // 32),
        1,
        "epoch",
    ),
)


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser("scaling", help="how cost grows with size")
    command.add_argument("--backend", default="numpy", help="numpy by default, compiled, cupy or auto")
    command.add_argument("--rounds", type=report.positive, default=5, help="5 by default")
    report.add_output_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, print, write, draw."""
    report.check_plot("scaling", options.plot)
    try:
        backend = get_backend(options.backend).name
    except (RuntimeError, ValueError) as error:
        raise SystemExit(f"scaling: {error}") from error
    result: Result = {"machine": report.machine(), "backend": backend, "rounds": options.rounds, "axes": []}
    for axis in AXES:
        result["axes"].append(measure(axis, backend, options.rounds))
    print(text(result))
    report.finish(options, result, draw)
    return 0


def measure(axis: Axis, backend: str, rounds: int) -> Result:
    """Return the median seconds at each size, each size once a round, and the exponents."""
    timers = [_timer(axis, size, backend) for size in axis.sizes]
    seconds: list[list[float]] = [[] for _ in timers]
    for _ in report.progress(range(rounds), f"scaling: {axis.name}"):
        for values, timer in zip(seconds, timers, strict=True):
            values.append(timer())
    medians = [statistics.median(values) for values in seconds]
    return {
        "axis": axis.name,
        "sizes": axis.sizes,
        "per": axis.per,
        "seconds": medians,
        "all_seconds": seconds,
        "expected": axis.expected,
        "exponent": exponent(axis.sizes, medians),
        "last_exponent": exponent(axis.sizes[-2:], medians[-2:]),
    }


def _timer(axis: Axis, size: int, backend: str) -> Callable[[], float]:
    workload = axis.workload(size)
    if axis.per == "step":
        return Turn(workload, backend)
    contender = Gpunet(workload, *workload.data(), workload.weights(), backend)

    def epoch() -> float:
        began = time.perf_counter()
        contender.model.fit(contender.x, contender.y, batch_size=workload.batch_size, verbose=0)
        return time.perf_counter() - began

    epoch()  # compiles
    return epoch


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Return the ``p`` of the ``c · size^p`` that fits best: ``Σ (x - x̄)(y - ȳ) / Σ (x - x̄)²`` of the logarithms.

    Example:
        >>> round(exponent([1, 2, 4], [3, 12, 48]), 6)
        2.0
    """
    x, y = [math.log(size) for size in sizes], [math.log(value) for value in times]
    x_mean, y_mean = statistics.fmean(x), statistics.fmean(y)
    covariance = sum((a - x_mean) * (b - y_mean) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - x_mean) ** 2 for a in x)


def text(result: Result) -> str:
    """Return what a terminal shows."""
    headers = ["", "sizes", "times", "expected", "exponent", "of the last two", ""]
    rows = []
    for measured in result["axes"]:
        sizes, seconds = measured["sizes"], measured["seconds"]
        rows.append(
            [
                measured["axis"],
                f"{sizes[0]:,}–{sizes[-1]:,}",
                f"{number(seconds[0] * 1e6)}–{number(seconds[-1] * 1e6)} µs/{measured['per']}",
                f"{measured['expected']:g}",
                f"{measured['exponent']:.2f}",
                f"{measured['last_exponent']:.2f}",
                "MORE THAN EXPECTED" if is_more(measured) else "",
            ]
        )
    return f"\nfit on {result['backend']}: cost ∝ size^exponent\n{report.table(headers, rows)}"


def is_more(measured: Result) -> bool:
    """Tell whether cost grows faster than it should."""
    return bool(max(measured["exponent"], measured["last_exponent"]) > measured["expected"] + MARGIN)


def draw(result: Result) -> Any:
    """Return a figure: a panel for each axis, the times and the power that is expected."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    panels = figure.subplots(2, 2).flat
    for panel, measured in zip(panels, result["axes"], strict=True):
        sizes, times = measured["sizes"], [second * 1e6 for second in measured["seconds"]]
        panel.loglog(sizes, times, "o", color="#76b900", label=f"size^{measured['exponent']:.2f} fits")
        power = [times[-1] * (size / sizes[-1]) ** measured["expected"] for size in sizes]
        panel.loglog(
            sizes, power, "--", color="#9aa3ab", linewidth=1, label=f"size^{measured['expected']:g} expected"
        )
        panel.set_xticks(sizes, [f"{size:,}" for size in sizes])
        panel.minorticks_off()
        panel.set_title(measured["axis"], fontsize=10, loc="left")
        panel.set_ylabel(f"µs a{'n' if measured['per'] == 'epoch' else ''} {measured['per']}", fontsize=9)
        panel.tick_params(labelsize=8)
        panel.legend(fontsize=8, frameon=False)
        panel.spines[["top", "right"]].set_visible(False)
    machine = result["machine"]
    figure.suptitle(f"fit on {result['backend']}; {machine['cpu']}, {machine['cores']} cores", fontsize=10)
    return figure
