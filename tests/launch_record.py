"""A pytest plugin of ``mutations.py``: notes which files of kernels each test launches from, and how long it takes.

Where ``limits.json`` says how long each test may compute, the first one that takes longer ends the process.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda.kernels import Kernels

_launched: set[str] = set()
_limits: dict[str, float] = json.loads(limits.read_text()) if (limits := Path("limits.json")).exists() else {}
_record: dict[str, tuple[list[str], float]] = {}


@pytest.fixture(autouse=True, scope="session")
def _watch_launches() -> Generator[None]:
    launch = Kernels.launch

    def watched(self: Kernels, name: str, *arguments: Any, **options: Any) -> None:
        _launched.add(catalogue.kernels()[name].file)
        launch(self, name, *arguments, **options)

    Kernels.launch = watched  # type: ignore[method-assign]
    yield
    Kernels.launch = launch  # type: ignore[method-assign]


def pytest_runtest_setup(item: pytest.Item) -> None:
    _launched.clear()
    Path("running.txt").write_text(item.nodeid, encoding="utf-8")
    if item.nodeid in _limits:
        # Ends the process even within a kernel, which no handler of Python's would. Compilers and other processes don't count.
        signal.setitimer(signal.ITIMER_PROF, _limits[item.nodeid])


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call":
        _record[report.nodeid] = sorted(_launched), report.duration


def pytest_sessionfinish() -> None:
    Path("launches.json").write_text(json.dumps(_record), encoding="utf-8")
