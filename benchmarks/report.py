"""What every benchmark reports alike: the machine, a table on the terminal, a file of results."""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

import gpunet
from gpunet.backend.blas import cores

Result = dict[str, Any]


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--json`` and ``--plot`` to a benchmark's command."""
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all results there")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them there (.png, .svg, .pdf)")


def machine() -> dict[str, Any]:
    """Return what the figures depend on: processor, cores, versions, BLAS library, and the date."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    mkl = [entry.version for entry in metadata.distributions(name="mkl")]
    return {
        "cpu": _processor(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "gpunet": gpunet.__version__,
        "blas": f"{blas['name']} {blas['version']}",
        "mkl": mkl[0] if mkl else None,
        "date": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    if path.is_file():
        for line in path.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return an aligned table: the first column to the left, the others to the right; ``None`` is a dash.

    Example:
        >>> print(table(["name", "µs"], [["a", 12], ["bcd", None]]))
        name  µs
        a     12
        bcd    –
    """
    lines = [list(headers), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    return "–" if value is None else str(value)


def write(result: dict[str, Any], path: Path) -> None:
    """Write results as JSON; the folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"results: {path}")


def positive(text: str) -> int:
    """Return a number of rounds from the command line."""
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds")
    return int(text)


def progress(items: Iterable[Any], title: str) -> Any:
    """Return the items, with a bar on stderr that vanishes when they are done."""
    return tqdm(items, desc=title, leave=False, disable=None)


def check_plot(command: str, path: Path | None) -> None:
    """Check before anything is measured that a picture can be drawn.

    Raises:
        SystemExit: It can't.
    """
    if path is not None and find_spec("matplotlib") is None:
        raise SystemExit(f"{command}: --plot needs matplotlib; pip install 'gpunet[plot]'")


def finish(options: argparse.Namespace, result: Result, draw: Callable[[Result], Any]) -> None:
    """Write and draw what was asked for."""
    if options.json is not None:
        write(result, options.json)
    if options.plot is not None:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        draw(result).savefig(options.plot, dpi=150)
        print(f"picture: {options.plot}")
