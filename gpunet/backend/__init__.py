"""Backends: where arrays live and who computes on them. The only package that imports ``cupy``."""

from __future__ import annotations

import copyreg
import sys
from functools import lru_cache
from typing import Any

from ..registry import suggest
from .base import Backend
from .cupy_backend import CupyBackend, CupyMissingError, load
from .formulas import Array, Below
from .numpy_backend import NumpyBackend
from .precision import get_precision
from .rounded_backend import RoundedBackend

__all__ = [
    "Array",
    "Backend",
    "Below",
    "CupyBackend",
    "NumpyBackend",
    "backend_of",
    "get_backend",
    "is_device_array",
]

NAMES = ("auto", "numpy", "cupy")


@lru_cache(maxsize=1)
def _numpy() -> Backend:
    return NumpyBackend()


@lru_cache(maxsize=1)
def _cupy() -> Backend:
    return load()


def get_backend(name: str | Backend) -> Backend:
    """Return the backend of that name.

    Args:
        name: ``"numpy"``, ``"cupy"``, ``"auto"`` (a usable GPU, else NumPy; which one is said once on stderr), or
            a backend, returned as it is.

    Raises:
        ValueError: The name is unknown.
        RuntimeError: ``"cupy"`` was asked for, but CuPy or a usable GPU is missing; the message says which.

    Example:
        >>> get_backend("numpy").name
        'numpy'
    """
    if isinstance(name, Backend):
        return name
    if name not in NAMES:
        raise ValueError(f'Unknown backend "{name}". {suggest(str(name), NAMES)}')
    if name == "auto":
        return _automatic()
    return _cupy() if name == "cupy" else _numpy()


@lru_cache(maxsize=1)
def _automatic() -> Backend:
    chosen, reason = _numpy(), ""
    try:
        chosen = _cupy()
    except CupyMissingError:
        pass  # the usual case on a machine without a GPU, and no news
    except RuntimeError as error:
        reason = f" ({error})"
    print(f"gpunet: computing with {chosen.name}{reason}", file=sys.stderr)
    return chosen


def _by_name(backend: Backend) -> tuple[Any, ...]:
    return _of_precision, (backend.name, backend.precision.name)


def _of_precision(name: str, precision: str) -> Backend:
    return get_backend(name).with_precision(get_precision(precision))


# What holds a backend can be copied and pickled, although an array module can't.
copyreg.pickle(NumpyBackend, _by_name)
copyreg.pickle(CupyBackend, _by_name)
copyreg.pickle(RoundedBackend, _by_name)


def is_device_array(array: Any) -> bool:
    """Tell whether ``array`` lives on a GPU."""
    return hasattr(array, "__cuda_array_interface__")


def backend_of(array: Any) -> Backend:
    """Return the backend whose arrays look like ``array``: CuPy for arrays on a GPU, NumPy for everything else."""
    return _cupy() if is_device_array(array) else _numpy()
