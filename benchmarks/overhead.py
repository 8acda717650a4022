"""What ``fit`` costs above the bare step, and what an empty callback, the progress bar and a metric cost above ``fit``.

The bare step is the recorded program, launched directly for an epoch's steps. Each variant has a model of its own; in a
round all of them have a turn of the same steps, and differences are taken within a round. What a call of ``fit`` does once
(its data checked, its step recorded) has a row of its own: the first epoch isn't counted. The bar is drawn on a
pseudo-terminal, which a thread reads.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from . import paired, report
from .report import Result
from .turn import available
from .variants import BARE, FIT, VARIANTS, bare, fitting
from .workloads import Workload

WORKLOADS = (  # a table of coefficients has room for the steps of an epoch
    Workload("tiny", (8, 16, 1), 32, 1000, 3, "adam", 0.001),
    Workload("lecture", (784, 128, 10), 32, 200, 1, "sgd", 0.01),
)
LEAST, LIMIT = 5, 20.0  # rounds, and seconds after which there are no more than those


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser(
        "overhead", help="what fit costs above the bare step"
    )
    command.add_argument("--rounds", type=report.positive, default=11, help="11 by default")
    report.add_output_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, print, write, draw."""
    report.check_plot("overhead", options.plot)
    names, missing = available()
    result: Result = {
        "machine": report.machine(), "rounds": options.rounds, "missing": missing, "measured": []
    }  # fmt: skip
    for workload in WORKLOADS:
        for backend in names:
            result["measured"].append(measure(workload, backend, options.rounds))
    print(text(result))
    for name, reason in missing.items():
        print(f"not here: {name}: {reason}")
    report.finish(options, result, draw)
    return 0


def measure(workload: Workload, backend: str, rounds: int) -> Result:
    """Return the microseconds a step of every variant in each round, and those above what it is compared with."""
    data = workload.data()
    turns: dict[str, Callable[[], float]] = {BARE: bare(workload, data, backend)}
    for variant in VARIANTS:
        turns[variant.title] = fitting(workload, data, backend, variant)
    seconds: dict[str, list[float]] = {title: [] for title in turns}
    calls: list[float] = []
    steps = workload.steps * workload.epochs
    for turn in turns.values():
        turn()  # compiles, and finds its pace
    started = time.perf_counter()
    for index in report.progress(range(rounds), f"overhead: {workload.name}, {backend}"):
        if index >= LEAST and time.perf_counter() - started > LIMIT:
            break
        for title in _in_turn(list(turns), index):
            began = time.perf_counter()
            counted = turns[title]()
            if title == FIT:  # the call, less its epochs
                calls.append(time.perf_counter() - began - counted * (1 + 1 / workload.epochs))
            seconds[title].append(counted / steps)
    return {
        "workload": workload.name,
        "sizes": workload.sizes,
        "batch_size": workload.batch_size,
        "backend": backend,
        "rounds": len(calls),
        "bare_us": statistics.median(seconds[BARE]) * 1e6,
        "us_per_call": paired.interval([value * 1e6 for value in calls])._asdict(),
        "us_per_step": {title: [value * 1e6 for value in values] for title, values in seconds.items()},
        "above": {v.title: above(seconds[v.title], seconds[v.above]) for v in VARIANTS},
    }


def _in_turn(titles: list[str], index: int) -> list[str]:
    """Return the order of a round: every other one runs backwards, so that nobody always follows the same one."""
    return titles[::-1] if index % 2 else titles


def above(seconds: Sequence[float], base: Sequence[float]) -> dict[str, float]:
    """Return the median of the differences in microseconds, with its interval.

    Example:
        >>> above([3e-6, 5e-6, 4e-6], [1e-6, 1e-6, 1e-6])["median"]
        3.0
    """
    differences = [(a - b) * 1e6 for a, b in zip(seconds, base, strict=True)]
    return paired.interval([round(value, 6) for value in differences])._asdict()


def text(result: Result) -> str:
    """Return what a terminal shows: a table for each network, microseconds a step."""
    lines = []
    for workload in dict.fromkeys(measured["workload"] for measured in result["measured"]):
        found = [measured for measured in result["measured"] if measured["workload"] == workload]
        rows = [[BARE, *(f"{measured['bare_us']:.1f}" for measured in found)]]
        for variant in VARIANTS:
            cells = [interval(measured["above"][variant.title]) for measured in found]
            rows.append([f"{variant.title}, above {variant.above}", *cells])
        calls = (interval(measured["us_per_call"], ",.0f") for measured in found)
        rows.append(["a call of fit, once, in µs", *calls])
        network = "-".join(map(str, found[0]["sizes"]))
        heading = f"{network}, batch {found[0]['batch_size']}: µs/step"
        lines += ["", report.table([heading, *(measured["backend"] for measured in found)], rows)]
    return "\n".join(lines)


def interval(found: dict[str, float], form: str = ".2f") -> str:
    """Return a difference with its interval.

    Example:
        >>> interval({"median": 0.12, "low": -0.04, "high": 0.3})
        '0.12 (-0.04 to 0.30)'
    """
    return f"{found['median']:{form}} ({found['low']:{form}} to {found['high']:{form}})"


def draw(result: Result) -> Any:
    """Return a figure: a panel for each network and backend, a bar for each variant."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.6 * len(result["measured"]) + 0.6), layout="constrained")
    panels = figure.subplots(len(result["measured"]), 1, squeeze=False)[:, 0]
    for panel, measured in zip(panels, result["measured"], strict=True):
        found = list(reversed(measured["above"].items()))
        medians = [value["median"] for _, value in found]
        errors = [
            [value["median"] - value["low"] for _, value in found],
            [value["high"] - value["median"] for _, value in found],
        ]
        bars = panel.barh([name for name, _ in found], medians, xerr=errors, color="#76b900")
        panel.bar_label(bars, [f"{median:.2f}" for median in medians], padding=4, fontsize=8)
        network = "-".join(map(str, measured["sizes"]))
        panel.set_title(
            f"{network}, batch {measured['batch_size']}, {measured['backend']}: bare step {measured['bare_us']:.1f} µs",
            fontsize=9,
            loc="left",
        )
        panel.tick_params(labelsize=8)
        panel.margins(x=0.15)
        panel.spines[["top", "right"]].set_visible(False)
    machine = result["machine"]
    panels[-1].set_xlabel(f"µs a step: fit above {BARE}, the others above fit", fontsize=9)
    figure.suptitle(f"{machine['cpu']}, {machine['cores']} cores", fontsize=10)
    return figure
