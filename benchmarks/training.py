"""Training steps of gpunet and its peers: the same network, data, weights and batch size; the contenders run in turn.

Every contender runs in a process of its own, with no thread settings from outside. It takes a step, whose time counts
from the start of the process. Then it is checked: over short epochs without shuffling its mean losses must be those of a
reference in float64, see ``agreement.py``; who fails is not timed, and the exit status is 1. An epoch warms it up. Then
the contenders are asked in turn, round by round, for some epochs that each shuffles as its users do: the wall clock of its
own call, divided by the steps. Ratios are taken within a round. gpunet runs with its accuracy and its progress bar, the
others without metrics and bars.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gpunet.datasets import fashion_mnist

from . import report
from .contenders import CONTENDERS
from .report import Result
from .rounds import measure
from .workloads import WORKLOADS

DEFAULT = ("tiny", "lecture", "listing", "mnist", "wide")


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser("training", help="gpunet beside its peers")
    command.add_argument(
        "--workloads", type=_names(WORKLOADS), default=DEFAULT, metavar="NAMES", help=", ".join(WORKLOADS)
    )
    command.add_argument(
        "--contenders",
        type=_names(CONTENDERS),
        default=tuple(CONTENDERS),
        metavar="NAMES",
        help=", ".join(CONTENDERS),
    )
    command.add_argument("--rounds", type=_positive, default=5, help="5 by default")
    command.add_argument(
        "--data", type=Path, metavar="FOLDER", help="Fashion-MNIST's files, for that workload"
    )
    report.add_output_options(command)
    command.set_defaults(run=run)


def _names(known: Any) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return names

    return parse


def _positive(text: str) -> int:
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds")
    return int(text)


def run(options: argparse.Namespace) -> int:
    """Measure, print, write, draw; 0 if every contender agreed."""
    if "fashion" in options.workloads:
        _check_fashion(options.data)
    if options.plot is not None and find_spec("matplotlib") is None:
        raise SystemExit("training: --plot needs matplotlib; pip install 'gpunet[plot]'")
    result = {"machine": report.machine(), "rounds": options.rounds, "workloads": []}
    for name in options.workloads:
        data = options.data if name == "fashion" else None
        measured = measure(WORKLOADS[name], options.contenders, options.rounds, data)
        result["workloads"].append(measured)
        print(text(measured), flush=True)
    if options.json is not None:
        report.write(result, options.json)
    if options.plot is not None:
        from . import chart

        chart.draw(result, options.plot)
    return 1 if any(measured["failed"] for measured in result["workloads"]) else 0


def _check_fashion(folder: Path | None) -> None:
    if folder is None:
        raise SystemExit("training: fashion needs --data FOLDER, the folder with Fashion-MNIST's files")
    try:
        fashion_mnist.load_data(folder)
    except (FileNotFoundError, ValueError) as error:
        raise SystemExit(f"training: {error}") from error


def text(measured: Result) -> str:
    """Return what a terminal shows of a workload."""
    lines = ["", title(measured), report.table(*_table(measured))]
    floor = measured["floor"]
    if floor is not None:
        lines.append(
            f"floor: {number(floor['floor_us'])} µs a step, {number(floor['products_us'])} of them products "
            f"({floor['flop'] / 1e6:,.3g} MFLOP at {floor['gflops']:.0f} GFLOP/s), "
            f"{number(floor['traffic_us'])} memory "
            f"({floor['bytes'] / 1e6:,.3g} MB at {floor['copy_gb_per_s']:.0f} GB/s)"
        )
    lines.append(
        f"in a turn, those waiting used at most {measured['waiting_cores']:.2f} cores, "
        f"other programs {measured['foreign_cores']:.2f}"
    )
    lines += [f"not here: {name}: {reason}" for name, reason in measured["missing"].items()]
    lines += [f"DISAGREES, not timed: {name}: {reason}" for name, reason in measured["failed"].items()]
    return "\n".join(lines)


def title(measured: Result) -> str:
    """Return a line that says what is trained."""
    network = "-".join(map(str, measured["sizes"]))
    until = (
        f"to {measured['target']:.0%} of the test" if measured["target"] else f"{measured['epochs']} a round"
    )
    return (
        f"{measured['workload']}: {network}, batch {measured['batch_size']}, {measured['optimizer']}, "
        f"epochs of {measured['steps']:,} steps, {until}"
    )


def _table(measured: Result) -> tuple[list[str], list[list[Any]]]:
    entries = measured["contenders"]
    mine = [name for name in entries if name.startswith("gpunet")]
    columns: dict[str, Callable[[Result], Any]] = {
        "µs/step": lambda entry: number(entry["us_per_step"]),
        "quartiles": lambda entry: "–".join(map(number, entry["quartiles"])),
    }
    if not measured["target"]:
        columns["s/epoch"] = lambda entry: f"{statistics.median(entry['seconds']) / measured['epochs']:.3f}"
    else:
        columns["s to it"] = lambda entry: f"{statistics.median(entry['seconds']):.2f}"
        columns["epochs"] = lambda entry: f"{statistics.median(entry['epochs']):g}"
    for one in mine:
        columns[f"{one}/it"] = lambda entry, one=one: ratio(entry["ratios"].get(one))  # type: ignore[misc]
    columns["of floor"] = lambda entry: f"{entry['floor_share']:.0%}" if "floor_share" in entry else None
    columns["peak MB"] = lambda entry: entry["peak_bytes"] and f"{entry['peak_bytes'] / 1e6:,.0f}"
    columns["first step s"] = lambda entry: f"{entry['first_step_s']:.1f}"
    rows = [[name, *(cell(entry) for cell in columns.values())] for name, entry in entries.items()]
    return ["", *columns], rows


def number(value: float) -> str:
    """Return microseconds with three digits or none after the point.

    Example:
        >>> number(12.345), number(1234.5)
        ('12.3', '1,234')
    """
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def ratio(interval: Result | None) -> str | None:
    """Return a ratio with its interval.

    Example:
        >>> ratio({"median": 0.5, "low": 0.45, "high": 0.6})
        '0.50 (0.45–0.60)'
    """
    if interval is None:
        return None
    return f"{interval['median']:.2f} ({interval['low']:.2f}–{interval['high']:.2f})"
