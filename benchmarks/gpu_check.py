"""Everything that needs a GPU, in one run: the suite, the sanitizer, parity, the captured step, a first timing.

Needs this repository, CuPy, pytest, tqdm and safetensors, and no network; about eight minutes on an H100.
"""

from __future__ import annotations

import argparse
import gc
import json
import platform
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

import gpunet
from gpunet.backend import get_backend
from gpunet.backend.cuda.graph import Recording

from . import parity

ROOT = Path(__file__).parent.parent
SANITIZERS = ("memcheck", "racecheck", "initcheck")
LIMIT = 120  # seconds for each sanitizer
Row = dict[str, Any]


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    command: argparse.ArgumentParser = commands.add_parser("gpu-check", help="prove everything on this GPU")
    command.add_argument("--json", type=Path, help="where the report goes, by default benchmarks/results/")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run all checks, print a table, write the report; 0 if all of them passed."""
    try:
        machine = describe()
    except RuntimeError as error:
        print(f"gpu-check: needs a GPU. {error}", file=sys.stderr)
        return 1
    print(f"gpunet {gpunet.__version__} on {machine['device']}, CUDA driver {machine['driver']}", flush=True)
    rows: list[Row] = []
    checks: list[Callable[[], list[Row]]] = [suite, sanitizers, parities, captured, timings]
    for check in checks:
        for row in check():
            rows.append(row)
            mark = {True: "passed", False: "FAILED", None: "–"}[row["passed"]]
            print(f"  {row['check']:42}{mark:10}{row['detail']}", flush=True)
    name = "".join(c if c.isalnum() else "-" for c in machine["device"].lower())
    path = options.json or ROOT / "benchmarks" / "results" / f"gpu-check-{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {"machine": machine, "command": "python -m benchmarks gpu-check", "rows": rows}
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(f"report: {path}")
    return 0 if all(row["passed"] is not False for row in rows) else 1


def describe() -> Row:
    """Return the device and the versions of what computes on it."""
    cupy = get_backend("cupy").xp
    properties = cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)
    packages = {}
    for name in ("numpy", "cupy-cuda12x", "cupy-cuda13x", "torch"):
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "device": properties["name"].decode(),
        "compute_capability": f"{properties['major']}.{properties['minor']}",
        "driver": cupy.cuda.runtime.driverGetVersion(),
        "runtime": cupy.cuda.runtime.runtimeGetVersion(),
        "python": platform.python_version(),
        "gpunet": gpunet.__version__,
        **packages,
    }


def _pytest(*arguments: str) -> list[str]:
    ignored = [] if find_spec("hypothesis") else ["--ignore=tests/datasets/test_split.py"]
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "gpu", *ignored, *arguments]


def suite() -> list[Row]:
    """Run every test that computes on the GPU."""
    done = subprocess.run(_pytest("tests"), cwd=ROOT, capture_output=True, text=True)
    last = (done.stdout.strip() or done.stderr.strip()).splitlines()[-1]
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-2000:])
    return [{"check": "suite", "passed": done.returncode == 0, "detail": last}]


def sanitizers() -> list[Row]:
    """Run the kernel tests under compute-sanitizer, where it is installed."""
    program = shutil.which("compute-sanitizer") or shutil.which("/usr/local/cuda/bin/compute-sanitizer")
    if program is None:
        return [{"check": "compute-sanitizer", "passed": None, "detail": "not installed: not run"}]
    rows = []
    for tool in SANITIZERS:
        command = [program, "--tool", tool, "--error-exitcode", "9", *_pytest("-x", "tests/kernels")]
        try:
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            rows.append({"check": tool, "passed": False, "detail": f"not done after {LIMIT} s"})
            continue
        if done.returncode:
            print(done.stdout[-4000:])
        found = [line for line in done.stdout.splitlines() if "ERROR SUMMARY" in line]
        rows.append({"check": tool, "passed": done.returncode == 0, "detail": (found or ["no summary"])[-1]})
    return rows


def parities() -> list[Row]:
    """Train the same networks on NumPy and on the GPU, and twice on the GPU."""
    rows = []
    for case in parity.CASES:
        drift = parity.drift(case, "numpy", "cupy")
        detail = f"{drift:.1e} after {case.steps} steps, at most {case.tolerance:.0e}"
        rows.append({"check": case.name, "passed": drift <= case.tolerance, "detail": detail})
        again = parity.drift(case, "cupy", "cupy")  # weights included
        rows.append({"check": f"{case.name}, twice", "passed": again == 0, "detail": f"{again:.1e}"})
    return rows


def captured() -> list[Row]:
    """Count what an epoch allocates, and the graphs that were made."""
    cupy = get_backend("cupy").xp
    allocations = 0

    def counted(size: int) -> Any:
        nonlocal allocations
        allocations += 1
        return cupy.get_default_memory_pool().malloc(size)

    model, x, y = _model((784, 128, 10), 128, batches=200)
    found: list[int] = []
    look = gpunet.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: found.append(_graphs()))
    model.fit(x, y, batch_size=128, verbose=0, callbacks=[look])
    counts = []
    for epochs in (1, 5):
        allocations = 0
        with cupy.cuda.using_allocator(counted):
            model.fit(x, y, batch_size=128, epochs=epochs, verbose=0)
        counts.append(allocations)
    graphs = found[-1]
    more = (counts[1] - counts[0]) / 4
    return [
        {"check": "a step is a CUDA graph", "passed": graphs > 0, "detail": f"{graphs} graphs"},
        {
            "check": "a step allocates nothing",
            "passed": more < 200,
            "detail": f"{more:g} allocations an epoch of 200 steps",
        },
    ]


def _graphs() -> int:
    return sum(len(one.graphs) for one in gc.get_objects() if isinstance(one, Recording))


def _model(sizes: tuple[int, ...], batch_size: int, batches: int) -> tuple[Any, Any, Any]:
    generator = np.random.default_rng(0)
    x = generator.standard_normal((batches * batch_size, sizes[0]), dtype=np.float32)
    y = generator.integers(0, sizes[-1], len(x))
    model = gpunet.Sequential(list(parity.layers(sizes)), backend="cupy")
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, x, y


def timings() -> list[Row]:
    """Time ``fit`` as users call it."""
    rows = []
    for sizes, batch_size, batches in (((784, 128, 10), 128, 1000), ((784, 512, 512, 10), 128, 1000)):
        model, x, y = _model(sizes, batch_size, batches)
        model.fit(x, y, batch_size=batch_size, epochs=2, verbose=0)
        times = []
        for _ in range(5):
            began = time.perf_counter()
            model.fit(x, y, batch_size=batch_size, verbose=0)
            times.append((time.perf_counter() - began) / batches * 1e6)
        name = f"fit {'-'.join(map(str, sizes))}, batch {batch_size}"
        detail = f"{statistics.median(times):.1f} µs a step (median of 5, Adam, dropout, accuracy)"
        rows.append({"check": name, "passed": None, "detail": detail, "microseconds": times})
    return rows
