"""What goes wrong, and where in the source of a kernel it did."""

from __future__ import annotations

import subprocess
from pathlib import Path


class CompileError(RuntimeError):
    """g++ refused a source, or there is no g++."""


class KernelError(RuntimeError):
    """A kernel did something that it must not, or was launched in a way that no device allows."""


def place(library: Path, offset: int) -> str:
    """Return the file and line of an instruction of a library, and those that it was inlined from."""
    within_call = hex(offset - 1)  # what is known is where the call of the checker returns to
    command = ["addr2line", "-i", "-e", str(library), within_call]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    tool = Path(__file__).parent
    lines = [line.partition(" ")[0] for line in listed]
    own = [Path(line).name for line in lines if not line.startswith((str(tool), "/usr/"))]
    return " in ".join(own[:3])
