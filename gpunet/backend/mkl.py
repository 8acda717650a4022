"""Intel's MKL, where its package is installed: on the same cores its products of few rows take a quarter less time."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from typing import Any

import numpy as np

SEQUENTIAL = 1  # MKL_THREADING_SEQUENTIAL
ROUTINES = {np.dtype(np.float32): "cblas_sgemm_64", np.dtype(np.float64): "cblas_dgemm_64"}


@cache
def _library() -> Any:
    """Return the library, told to leave the threads to us; ``None`` where there is none."""
    if sys.platform != "linux":  # elsewhere it ends the process where it doesn't find its other parts
        return None
    try:
        found = [file for file in files("mkl") or () if file.match("libmkl_rt.so*")]
        library = ctypes.CDLL(str(found[0].locate()))
        layer = library.MKL_Set_Threading_Layer(SEQUENTIAL)
    except (PackageNotFoundError, IndexError, OSError, AttributeError):
        return None
    return (
        library if layer == SEQUENTIAL else None
    )  # somebody else has multiplied with it already, with its own threads


def routine(dtype: Any) -> int:
    """Return the address of ``cblas_sgemm`` or ``cblas_dgemm`` with sizes of 64 bits; 0 where there is no MKL."""
    function = getattr(_library(), ROUTINES[dtype], None)
    return 0 if function is None else ctypes.cast(function, ctypes.c_void_p).value or 0
