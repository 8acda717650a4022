"""Every backend runs the same tests: NumPy, what Numba compiles, and CuPy on a GPU or on a stand-in for the module."""

from __future__ import annotations

import getpass
import os
import re
import signal
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

if (
    "PYTEST_XDIST_WORKER" in os.environ
):  # each core has a worker: threads of products would only wait for each other
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # in the background of a script; tests interrupt themselves
    signal.signal(signal.SIGINT, signal.default_int_handler)

TESTS = Path(__file__).parent


KERNELS = (
    Path(tempfile.gettempdir()) / f"gpunet-compiled-{getpass.getuser()}"
)  # also those of fresh checkouts
os.environ.setdefault("NUMBA_CACHE_DIR", str(KERNELS))  # before Numba is imported

import pytest  # noqa: E402

import gpunet  # noqa: E402
from gpunet import backend as backends  # noqa: E402
from gpunet.backend import Backend, get_backend  # noqa: E402
from gpunet.backend.cuda import catalogue, cublaslt  # noqa: E402

sys.path += [str(TESTS), str(TESTS.parent)]  # the tools beside the tests, the benchmarks
from cuda_on_host import compiler  # noqa: E402
from cupy_stand_in import StandIn  # noqa: E402
from summary import (  # noqa: E402, F401  (hooks)
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)


def has_gpu() -> bool:
    try:
        get_backend("cupy")
    except RuntimeError:
        return False
    return True


HAS_GPU = has_gpu()


def siblings(code: str, expressions: list[str]) -> list[str]:
    """Return all kernels of a file for the dtypes asked for: compiled together, they take little longer than one."""
    file = re.match(r'#line 1 "(.+)"', code)
    names = [
        name
        for kernel in catalogue.kernels().values()
        if file is not None and kernel.file == file[1]
        for name in kernel.instances()
    ]
    wanted = set(map(dtypes, expressions))
    return [name for name in names if dtypes(name) in wanted] or expressions


def dtypes(name: str) -> tuple[str, ...]:
    return tuple(word for word in re.findall(r"\w+", name) if word in catalogue.STORAGE.values())


StandIn.expressions_for = staticmethod(siblings)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what computes on a GPU where there is one; begin with the file that takes longest, else a process ends with it alone."""
    items.sort(key=lambda item: TESTS / "nvrtc" not in item.path.parents)
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        names = getattr(item, "fixturenames", ())
        if parameters.get("backend") == "cupy" or "device" in parameters or "cuda" in names:
            item.add_marker("gpu")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let no test be skipped where that is forbidden."""
    return _unless_forbidden((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Let no file be skipped where that is forbidden."""
    return _unless_forbidden((yield))


def _unless_forbidden(report: Any) -> Any:
    """With ``GPUNET_NO_SKIPS=1`` a skip is a failure: where all is at hand, nothing may be left out."""
    is_left_out = report.skipped and not hasattr(report, "wasxfail")
    if is_left_out and os.environ.get("GPUNET_NO_SKIPS") == "1":
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which GPUNET_NO_SKIPS=1 forbids: {report.longrepr}"
    return report


def needs_compiler() -> None:
    """Skip what runs kernels on the host where there is nothing to compile them with."""
    if compiler() is None:
        pytest.skip("needs a GPU, or Linux and g++ to run the kernels on the host")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in, in CuPy's place; cuBLASLt is played, too."""
    needs_compiler()
    module = StandIn()
    monkeypatch.setitem(sys.modules, "cupy", module)
    monkeypatch.setattr(cublaslt, "load", lambda: cublaslt.CublasLt(module.cublaslt))
    backends._cupy.cache_clear()
    yield module
    backends._cupy.cache_clear()


@pytest.fixture(params=["numpy", "compiled", "cupy"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The backend under test, set as the default one."""
    if request.param == "cupy" and not HAS_GPU:
        request.getfixturevalue("stand_in")
    if request.param == "compiled":
        pytest.importorskip("numba")
    gpunet.config.set_backend(request.param)
    yield get_backend(request.param)
    gpunet.config.set_backend("numpy")


@pytest.fixture
def cuda(request: pytest.FixtureRequest) -> Backend:
    """The backend that computes with kernels: on a GPU, or on the stand-in."""
    if not HAS_GPU:
        request.getfixturevalue("stand_in")
    return get_backend("cupy")


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    """Each test starts from the same settings."""
    gpunet.config.set_backend("numpy")
    gpunet.config.set_floatx("float32")
    gpunet.set_random_seed(0)
    yield
    gpunet.config.set_floatx("float32")
