"""The processes of the contenders, seen from the benchmark: started, asked in turn, watched, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from .contenders import CONTENDERS, UnavailableError

ROOT = Path(__file__).parent.parent
# What tells libraries how many threads or which kernels to use: every contender decides for itself.
TUNING = (
    "OMP_",
    "OPENBLAS_",
    "GOTO_",
    "MKL_",
    "KMP_",
    "BLIS_",
    "XLA_",
    "JAX_",
    "TORCH_",
    "NUMBA_NUM_THREADS",
)


class ContenderFailedError(RuntimeError):
    """A contender's process ended without an answer, or what it trains is another network."""


class Process:
    """One contender, alive until ``close``.

    Args:
        name: The contender.
        folder: Where the task is.

    Attributes:
        first_step: Seconds from the start of the process to the end of its first training step.
        hello: What it said then.

    Raises:
        UnavailableError: It can't run here.
        ContenderFailedError: It ended before its first step was done.
    """

    def __init__(self, name: str, folder: str | Path) -> None:
        self.name = name
        lacks = CONTENDERS[name].lacks
        if lacks:
            raise UnavailableError(f"{', '.join(lacks)} not installed")
        self.log = tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contenders", name, str(folder)],
            cwd=ROOT,
            env=environment(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            encoding="utf-8",
        )
        try:
            self.hello = self._answer()
            if "unavailable" in self.hello:
                raise UnavailableError(self.hello["unavailable"])
        except (ContenderFailedError, UnavailableError):
            self.close()
            raise
        self.first_step = time.perf_counter() - began

    def ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Send a request and wait for the answer.

        Raises:
            ContenderFailedError: There is none; the end of what the process wrote to stderr is in the message.
        """
        assert self.process.stdin is not None
        print(json.dumps({"do": what, **arguments}), file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            raise ContenderFailedError(
                f"{self.name} ended with status {self.process.returncode}:\n{self.written()[-2000:]}"
            )
        answer: dict[str, Any] = json.loads(line)
        return answer

    def written(self) -> str:
        """Return what it wrote to stderr: its progress bars, for example."""
        self.log.seek(0)
        return self.log.read()

    def cpu_seconds(self) -> float:
        """Return the processor time it has used so far, where the system tells (Linux), else 0."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End it: it has no more requests to wait for."""
        self.process.communicate()
        self.log.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            self.process.kill()
        self.close()


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of a contender's process: no tuning from outside, and no grabbing of a whole GPU by JAX."""
    kept = {name: value for name, value in variables.items() if not name.startswith(TUNING)}
    return {**kept, "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


def cpu_seconds(processes: Iterable[Process]) -> float:
    """Return the processor time that all of them have used."""
    return sum(process.cpu_seconds() for process in processes)


def machine_seconds() -> float:
    """Return the processor time that all programs of the machine have used, where the system tells (Linux), else 0."""
    try:
        user, nice, system, *_ = Path("/proc/stat").read_text().split()[1:]
    except OSError:
        return 0.0
    return (int(user) + int(nice) + int(system)) / os.sysconf("SC_CLK_TCK")
