"""`gpunet doctor`: what is installed, where gpunet computes, and why not on a GPU."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from importlib import metadata

from .._version import __version__
from ..backend import NAMES, diagnosis, has_numba
from ..registry import suggest
from .arguments import Commands, Parser, examples

REQUIRED, OPTIONAL = ("numpy", "tqdm", "safetensors"), {"numba": "cpu", "matplotlib": "plot"}


def add_to(commands: Commands[Parser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "doctor",
        help="say what is installed and where gpunet computes",
        description="Says which versions are installed, where gpunet computes, and why not on a GPU.",
        epilog=examples("gpunet doctor"),
    )
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Prints a line a fact."""
    for name, fact in facts():
        print(f"{name:<12} {fact}")
    return 0


def facts() -> Iterator[tuple[str, str]]:
    """Yields what there is to know, by its name."""
    yield "gpunet", __version__
    yield "python", f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    for package in REQUIRED:
        yield package, _version(package) or f"missing; install it with: pip install {package}"
    for package, extra in OPTIONAL.items():
        yield package, _version(package) or f"not installed; pip install 'gpunet[{extra}]' brings it"
    yield "mkl", _version("mkl") or "not installed; NumPy's own library multiplies"
    found = diagnosis.describe()
    yield (
        "cupy",
        found.cupy or "none that can be imported; pip install 'gpunet[cuda12]' (or cuda13) brings it",
    )
    if found.cupy is not None:
        yield "CUDA runtime", found.runtime or "unknown"
        yield "CUDA driver", found.driver or "none"
    for index, device in enumerate(found.devices):
        yield f"GPU {index}", str(device)
    if not found.devices:
        yield "GPU", "none that can be used"
    yield "backend", _backend(found.problem)


def _backend(problem: str | None) -> str:
    host = "compiled" if has_numba() else "numpy"
    automatic = "cupy" if problem is None else host
    chosen = os.environ.get("GPUNET_BACKEND", "auto")
    if chosen not in NAMES:
        return f'none: GPUNET_BACKEND is "{chosen}". {suggest(chosen, NAMES)}'
    if chosen == "auto":
        return automatic if problem is None else f"{automatic}: {problem}"
    if chosen == "cupy" and problem is not None:
        return f"none: GPUNET_BACKEND asks for cupy, but {problem}"
    if chosen == "compiled" and not has_numba():
        return "none: GPUNET_BACKEND asks for compiled, but Numba is not installed"
    return f"{chosen}, as GPUNET_BACKEND says"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
