"""Kernel tests run CupyBackend with every access of every kernel checked, threads in order and in random order."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from conftest import HAS_GPU, needs_compiler
from cuda_on_host import settings
from cupy_stand_in import StandIn

from gpunet.backend import Backend, CupyBackend, get_backend
from gpunet.backend.cuda.cublaslt import CublasLt


@pytest.fixture(params=["gpu"] if HAS_GPU else ["forward", "random"])
def device(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backend]:
    """The backend whose kernels are under test."""
    if request.param == "gpu":
        yield get_backend("cupy")
        return
    needs_compiler()
    monkeypatch.setattr(settings, "order", request.param)
    module = StandIn(checked=True)
    monkeypatch.setitem(sys.modules, "cupy", module)
    yield CupyBackend(module, CublasLt(module.cublaslt))
