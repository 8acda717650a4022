"""Where MKL is found, and what happens where it isn't."""

from __future__ import annotations

import ctypes
import platform
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, PackagePath
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gpunet.backend import blas, mkl

FLOAT32, FLOAT64 = np.dtype("float32"), np.dtype("float64")


@pytest.fixture(autouse=True)
def found_anew() -> Iterator[None]:
    """Forget the library before and after each test."""
    mkl._library.cache_clear()
    yield
    mkl._library.cache_clear()


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="the extra brings none for this machine"
)
@pytest.mark.parametrize(("dtype", "real"), [(FLOAT32, ctypes.c_float), (FLOAT64, ctypes.c_double)])
def test_the_extra_brings_it_and_its_routine_multiplies(dtype: Any, real: Any) -> None:
    address = mkl.routine(dtype)
    assert address == blas.routine(dtype) != 0
    word, flag, pointer = ctypes.c_int64, ctypes.c_int, ctypes.c_void_p
    sizes, matrices = [word] * 3, [real, pointer, word, pointer, word, real, pointer, word]
    multiply = ctypes.CFUNCTYPE(None, flag, flag, flag, *sizes, *matrices)(address)
    a, b, out = np.array([[1, 2, 3]], dtype), np.array([[1], [10], [100]], dtype), np.zeros((1, 1), dtype)
    multiply(101, 111, 111, 1, 1, 3, 1.0, a.ctypes.data, 3, b.ctypes.data, 1, 0.0, out.ctypes.data, 1)
    assert out.tolist() == [[321]]


def missing(package: str) -> Any:
    raise PackageNotFoundError(package)


def present() -> PackagePath:
    path = PackagePath("lib", "libmkl_rt.so.3")
    path.dist = type("Distribution", (), {"locate_file": lambda self, path: Path("/nowhere") / path})()
    return path


def damaged(package: str) -> list[PackagePath]:
    return [present()]  # in a list of files, but not on the disk


def test_one_that_has_multiplied_with_its_own_threads_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    intel = SimpleNamespace(MKL_Set_Threading_Layer=lambda layer: 0, cblas_sgemm_64=None)
    monkeypatch.setattr(mkl, "files", lambda package: [present()])
    monkeypatch.setattr(ctypes, "CDLL", lambda path: intel)
    assert mkl.routine(FLOAT32) == 0


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_it_is_not_looked_for_elsewhere(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert mkl.routine(FLOAT32) == 0


@pytest.mark.parametrize("files", [missing, damaged, lambda package: None, lambda package: []])
def test_without_it_products_are_left_to_the_library_of_numpy(
    files: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mkl, "files", files)
    assert mkl.routine(FLOAT32) == mkl.routine(FLOAT64) == 0
    assert blas.routine(FLOAT32) != 0  # NumPy's
