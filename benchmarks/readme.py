"""README's table of training steps, generated from a file of results."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any

from .contenders import CONTENDERS
from .training import number

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- benchmarks: training -->", "<!-- end -->"


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser(
        "table", help="put results of training into README"
    )
    command.add_argument("results", type=Path, help="what training --json wrote")
    command.add_argument("--readme", type=Path, default=README, help="the file to change")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Replace what stands between the markers."""
    result = json.loads(options.results.read_text(encoding="utf-8"))
    text = options.readme.read_text(encoding="utf-8")
    options.readme.write_text(replaced(text, markdown(result)), encoding="utf-8")
    return 0


def replaced(text: str, table: str) -> str:
    """Return the text with the table between the markers.

    Raises:
        SystemExit: The text doesn't have both markers, once each and in this order.
    """
    pattern = re.compile(f"{re.escape(BEGIN)}\n.*?{re.escape(END)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise SystemExit(f'table: expected the lines "{BEGIN}" and "{END}" once in the file.')
    return pattern.sub(lambda _: f"{BEGIN}\n\n{table}\n\n{END}", text)


def markdown(result: dict[str, Any]) -> str:
    """Return the table: a row for each contender, a column for each workload, and a line on where it was measured."""
    # where the time to a target was measured, ratios are of that time, not of steps
    workloads = [measured for measured in result["workloads"] if measured.get("target") is None]
    names = list(dict.fromkeys(name for measured in workloads for name in measured["contenders"]))
    mine = [name for name in names if name.startswith("gpunet")]
    lines = [
        f"| µs per step | {' | '.join(_heading(measured) for measured in workloads)} |",
        f"|---|{'---:|' * len(workloads)}",
    ]
    for name in names:
        cells = [_cell(measured["contenders"].get(name), mine) for measured in workloads]
        lines.append(f"| {f'**{name}**' if name in mine else name} | {' | '.join(cells)} |")
    machine = result["machine"]
    versions = {
        CONTENDERS[name].packages[0]: entry["version"]
        for measured in workloads
        for name, entry in measured["contenders"].items()
        if name not in (*mine, "listing")
    }
    peers = ", ".join(f"{package} {version}" for package, version in versions.items())
    mkl = f", MKL {machine['mkl']}" if machine.get("mkl") else ""
    lines += [
        "",
        f"Medians of {result['rounds']} rounds; in brackets the time of {' and of '.join(mine)} over theirs, paired. "
        f"{machine['cpu']}, {machine['cores']} cores, Python {machine['python']}, NumPy {machine['numpy']}{mkl}, "
        f"{peers}; {machine['date'][:10]}.",
    ]
    return "\n".join(lines)


def _heading(measured: dict[str, Any]) -> str:
    network = "-".join(map(str, measured["sizes"]))
    return f"{network}, batch {measured['batch_size']}"


def _cell(entry: dict[str, Any] | None, mine: list[str]) -> str:
    if entry is None:
        return "–"
    ratios = [f"{entry['ratios'][one]['median']:.2f}" for one in mine if one in entry["ratios"]]
    brackets = f" ({', '.join(ratios)})" if len(ratios) == len(mine) else ""
    return f"{number(entry['us_per_step'])}{brackets}"
