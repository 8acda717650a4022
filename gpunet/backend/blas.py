"""The BLAS library that NumPy brings along: where its functions are, and how many threads multiply."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from . import mkl

# As NumPy's wheels name it: OpenBLAS, and Apple's Accelerate; all of them with sizes of 64 bits.
NAMES = "scipy_cblas_{}gemm64_", "cblas_{}gemm64_", "cblas_{}gemm$NEWLAPACK$ILP64"
LETTERS = {np.dtype(np.float32): "s", np.dtype(np.float64): "d"}
THREADS = "scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_"
# Multiplications up to which one thread multiplies: others take as long to wake, and what they have written must come
# over from their caches. OpenBLAS itself leaves the smallest products to one thread.
ALONE, SMALLEST = 7_500_000, 250_000


def _libraries() -> Iterator[Any]:
    package = Path(np.__file__).parent
    modules = package.glob("_core/_multiarray_umath*")
    for path in (*modules, *package.parent.glob("numpy.libs/*openblas*")):
        try:
            yield ctypes.CDLL(str(path))
        except OSError:
            continue


@cache
def _address(names: tuple[str, ...], what: str) -> int:
    """Return where a function of NumPy's library is, 0 where it has none of that name."""
    for library in _libraries():
        for name in names:
            function = getattr(library, name.format(what), None)
            if function is not None:
                return ctypes.cast(function, ctypes.c_void_p).value or 0
    return 0


def routine(dtype: Any) -> int:
    """Return the address of ``cblas_sgemm`` or ``cblas_dgemm``, MKL's where there is one; 0 where NumPy has another library."""
    return mkl.routine(dtype) or _address(NAMES, LETTERS[dtype])


@cache
def _thread_functions() -> tuple[Any, Any] | None:
    """Return what tells and what sets the library's number of threads, ``None`` where it has no such functions."""
    get, set_ = (_address(THREADS, what) for what in ("get", "set"))
    if not (get and set_):
        return None
    return ctypes.CFUNCTYPE(ctypes.c_int)(get), ctypes.CFUNCTYPE(None, ctypes.c_int)(set_)


class _Alone:
    """How many callers want one thread to multiply, and how many threads did before the first of them came."""

    def __init__(self) -> None:
        self.lock, self.callers, self.threads = threading.Lock(), 0, 1


_alone = _Alone()


def threads() -> int:
    """Return how many threads multiply where nobody asks for one, at most one a core; 1 where it isn't known."""
    functions = _thread_functions()
    if functions is None:
        return 1
    with _alone.lock:
        return min(_alone.threads if _alone.callers else int(functions[0]()), cores())


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def one_thread() -> Iterator[None]:
    """Let one thread multiply, where the library can be told; afterwards as many as before."""
    functions = _thread_functions()
    if functions is None:
        yield
        return
    get, set_ = functions
    alone, is_counted = _alone, False
    try:
        with alone.lock:
            if not alone.callers:
                alone.threads = get()
            alone.callers += 1
            is_counted = True
            set_(1)
        yield
    finally:
        with alone.lock:
            alone.callers -= is_counted
            if is_counted and not alone.callers:
                set_(alone.threads)


def _forget_callers() -> None:
    """Begin anew in a forked process, where the callers of its parent will never end."""
    global _alone
    functions = _thread_functions()
    if functions is not None and _alone.callers:
        functions[1](_alone.threads)
    _alone = _Alone()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_callers)
