"""Every backend runs the same tests: NumPy, and CuPy on a GPU or, where there is none, on a stand-in for the module."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gpunet
from gpunet import backend as backends
from gpunet.backend import Backend, get_backend

sys.path.append(str(Path(__file__).parent / "backend"))
from cupy_stand_in import StandIn


def has_gpu() -> bool:
    try:
        get_backend("cupy")
    except RuntimeError:
        return False
    return True


HAS_GPU = has_gpu()


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    """The stand-in, in CuPy's place."""
    module = StandIn()
    monkeypatch.setitem(sys.modules, "cupy", module)
    backends._cupy.cache_clear()
    yield module
    backends._cupy.cache_clear()


@pytest.fixture(params=["numpy", "cupy"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """The backend under test, set as the default one."""
    if request.param == "cupy" and not HAS_GPU:
        request.getfixturevalue("stand_in")
    gpunet.config.set_backend(request.param)
    yield get_backend(request.param)
    gpunet.config.set_backend("numpy")


@pytest.fixture(autouse=True)
def _defaults() -> Iterator[None]:
    """Each test starts from the same settings."""
    gpunet.config.set_backend("numpy")
    gpunet.config.set_floatx("float32")
    gpunet.set_random_seed(0)
    yield
    gpunet.config.set_floatx("float32")
