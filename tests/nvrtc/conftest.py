"""Compiles what the selected tests need on all cores at once, and prints what the kernels take."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from summary import TABLES

from gpunet.backend.cuda import catalogue
from nvrtc import table
from nvrtc.compiler import Compiled, compile_instances
from nvrtc.instances import instances
from nvrtc.wheels import find_toolkit

HERE = Path(__file__).parent
_compiled: Compiled = {}


@pytest.fixture(scope="session")
def toolkit() -> None:
    try:
        find_toolkit()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def compiled(request: pytest.FixtureRequest, toolkit: None) -> Iterator[Compiled]:
    """What NVRTC makes of each file of kernels for each architecture; its functions let other threads run meanwhile."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for item in request.session.items:
            if item.path.parent == HERE and "compiled" in getattr(item, "fixturenames", ()):
                file, architecture = (item.callspec.params[name] for name in ("file", "architecture"))
                _compiled[file, architecture] = pool.submit(
                    compile_instances, catalogue.source(file), instances(file, architecture), architecture
                )
        yield _compiled
        pool.shutdown(cancel_futures=True)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish() -> None:
    done = {
        key: future.result()
        for key, future in _compiled.items()
        if future.done() and not future.cancelled() and not future.exception()
    }
    if done:
        TABLES["kernels: registers and least theoretical occupancy"] = list(table.lines(done))
