"""Products on host memory: the smallest CuPy, and cuBLASLt's stand-in below it."""

from __future__ import annotations

import pytest
from cublaslt_stand_in import StandInLibrary
from cublaslt_stand_in.minimal_cupy import MinimalCupy

from gpunet.backend.cuda.cublaslt import CublasLt
from gpunet.backend.cuda.matmul import MatrixProducts


@pytest.fixture
def library() -> StandInLibrary:
    return StandInLibrary()


@pytest.fixture
def cupy(library: StandInLibrary) -> MinimalCupy:
    module = MinimalCupy()
    library.defer = module.defer
    return module


@pytest.fixture
def products(cupy: MinimalCupy, library: StandInLibrary) -> MatrixProducts:
    return MatrixProducts(cupy, CublasLt(library))
