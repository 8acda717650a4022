"""The same program on every backend, over a range of sizes: where a GPU starts to pay.

Every point is ``fit`` with a metric: microseconds a step, the median of rounds in which the backends run in turn. What a
call of ``fit`` does once, and its first epoch, which records the step, don't count. One sweep makes the layers wider, the
other the batches larger.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from . import report
from .report import Result
from .training import number
from .turn import Turn, available
from .workloads import Workload

HOST, DEVICE = ("numpy", "compiled"), "cupy"
DATA = 64 << 20  # bytes of samples, unless batches are larger
COLORS = {"numpy": "#9aa3ab", "compiled": "#2f6db3", "cupy": "#76b900"}


class Sweep(NamedTuple):
    """Networks along one size.

    Attributes:
        name: Which size: ``"width"``.
        networks: Those that it makes: ``"784-n-n-10, batch 128"``.
        sizes: Its values.
        workload: From a size to what is trained.
    """

    name: str
    networks: str
    sizes: tuple[int, ...]
    workload: Callable[[int], Workload]


def workload(layers: tuple[int, ...], batch_size: int) -> Workload:
    """Return a network with as many batches as its samples have room for, trained by Adam."""
    steps = max(8, min(512, DATA // (4 * layers[0] * batch_size)))
    name = f"{'-'.join(map(str, layers))}, batch {batch_size}"
    return Workload(name, layers, batch_size, steps, 1, "adam", 0.001)


SWEEPS = (
    Sweep(
        "width", "784-n-n-10, batch 128",
        (16, 32, 64, 128, 256, 512, 1024, 2048), lambda n: workload((784, n, n, 10), 128),
    ),
    Sweep("batch", "784-128-10, batch n", (1, 4, 16, 64, 256, 1024, 4096), lambda n: workload((784, 128, 10), n)),
)  # fmt: skip


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser("devices", help="where a GPU starts to pay")
    command.add_argument("--rounds", type=report.positive, default=5, help="5 by default")
    report.add_output_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, print, write, draw."""
    report.check_plot("devices", options.plot)
    backends, missing = available()
    result: Result = {"machine": report.machine(), "rounds": options.rounds, "missing": missing, "sweeps": []}
    for sweep in SWEEPS:
        measured = measure(sweep, backends, options.rounds)
        result["sweeps"].append(measured)
        print(text(measured), flush=True)
    for name, reason in missing.items():
        print(f"not here: {name}: {reason}")
    if DEVICE in missing:
        print("no GPU is here: where one starts to pay can't be told")
    report.finish(options, result, draw)
    return 0


def measure(sweep: Sweep, backends: Sequence[str], rounds: int) -> Result:
    """Return the microseconds a step of each backend at each size, and where the GPU starts to pay."""
    times: dict[str, list[float]] = {name: [] for name in backends}
    spread: dict[str, list[list[float]]] = {name: [] for name in backends}
    for size in report.progress(sweep.sizes, f"devices: {sweep.name}"):
        workload = sweep.workload(size)
        turns = {name: Turn(workload, name) for name in backends}
        seconds: dict[str, list[float]] = {name: [] for name in backends}
        for _ in range(rounds):
            for name, turn in turns.items():
                seconds[name].append(turn())
        for name, values in seconds.items():
            times[name].append(statistics.median(values) * 1e6)
            spread[name].append([min(values) * 1e6, max(values) * 1e6])
    hosts = [times[name] for name in backends if name in HOST]
    crossing = None
    if DEVICE in times and hosts:
        crossing = pays_from(sweep.sizes, [min(point) for point in zip(*hosts, strict=True)], times[DEVICE])
    networks = [sweep.workload(size).name for size in sweep.sizes]
    return {
        "sweep": sweep.name, "title": sweep.networks, "sizes": sweep.sizes, "networks": networks,
        "us_per_step": times, "range": spread, "pays_from": crossing,
    }  # fmt: skip


def pays_from(sizes: Sequence[int], host: Sequence[float], device: Sequence[float]) -> float | None:
    """Return the size from which on the device is faster, between two sizes by their logarithms.

    ``None`` is never; the smallest size means always, as far as was measured.

    Example:
        >>> round(pays_from([10, 1000], [10, 1000], [100, 100]), 6)
        100.0
    """
    ahead = [math.log(h / d) for h, d in zip(host, device, strict=True)]
    if ahead[-1] <= 0:
        return None
    first = max((i + 1 for i, value in enumerate(ahead) if value <= 0), default=0)
    if first == 0:
        return float(sizes[0])
    low, high = ahead[first - 1], ahead[first]
    share = -low / (high - low)
    return math.exp(math.log(sizes[first - 1]) * (1 - share) + math.log(sizes[first]) * share)


def text(measured: Result) -> str:
    """Return what a terminal shows of a sweep."""
    times = measured["us_per_step"]
    headers = [measured["sweep"], *(f"{name} µs/step" for name in times), "fastest"]
    rows = []
    for index, network in enumerate(measured["networks"]):
        point = {name: values[index] for name, values in times.items()}
        rows.append([network, *map(number, point.values()), min(point, key=lambda name: point[name])])
    lines = ["", report.table(headers, rows)]
    if DEVICE in times:
        found = measured["pays_from"]
        where = "at none of these sizes" if found is None else f"from a {measured['sweep']} of {found:,.0f}"
        lines.append(f"the GPU pays {where}")
    return "\n".join(lines)


def draw(result: Result) -> Any:
    """Return a figure: a panel for each sweep, a line for each backend."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    panels = figure.subplots(1, len(result["sweeps"]), squeeze=False)[0]
    for panel, measured in zip(panels, result["sweeps"], strict=True):
        sizes = measured["sizes"]
        for name, values in measured["us_per_step"].items():
            panel.loglog(sizes, values, "o-", ms=4, color=COLORS[name], label=name)
            low, high = zip(*measured["range"][name], strict=True)
            panel.fill_between(sizes, low, high, color=COLORS[name], alpha=0.2, linewidth=0)
        if measured["pays_from"] is not None:
            panel.axvline(
                measured["pays_from"], color="#c0392b", linestyle="--", linewidth=1, label="the GPU pays"
            )
        panel.set_title(measured["title"], fontsize=10, loc="left")
        panel.set_xlabel(f"n, the {measured['sweep']}", fontsize=9)
        panel.set_xticks(sizes, map(str, sizes))
        panel.minorticks_off()
        panel.set_ylabel("µs a step, median and range", fontsize=9)
        panel.tick_params(labelsize=8)
        panel.legend(fontsize=8, frameon=False)
        panel.spines[["top", "right"]].set_visible(False)
    machine = result["machine"]
    figure.suptitle(f"fit on each backend; {machine['cpu']}, {machine['cores']} cores", fontsize=10)
    return figure
