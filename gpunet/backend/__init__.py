"""Backends: where arrays live and who computes on them. The only package that imports ``cupy``."""

from __future__ import annotations

import copyreg
import importlib.util
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

NAMES = ("auto", "numpy", "compiled", "cupy")


@lru_cache(maxsize=1)
def _numpy() -> Backend:
    return NumpyBackend()


@lru_cache(maxsize=1)
def _compiled() -> Backend:
    try:
        from .compiled_backend import CompiledBackend
    except ImportError as error:
        raise RuntimeError(
            f"The compiled backend needs Numba: {error}. Install it with: pip install 'gpunet[cpu]', or use "
            'gpunet.config.set_backend("numpy").'
        ) from error
    copyreg.pickle(CompiledBackend, _by_name)
    return CompiledBackend()


@lru_cache(maxsize=1)
def _cupy() -> Backend:
    return load()


def get_backend(name: str | Backend) -> Backend:
    """Return the backend of that name.

    Args:
        name: ``"numpy"``, ``"compiled"`` (NumPy arrays, kernels compiled by Numba), ``"cupy"``, ``"auto"`` (a usable
            GPU, else compiled where Numba is installed, else NumPy; which one is said once on stderr), or a backend,
            returned as it is.

    Raises:
        ValueError: The name is unknown.
        RuntimeError: CuPy, a usable GPU or Numba was asked for and is missing; the message says which.

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
    return {"numpy": _numpy, "compiled": _compiled, "cupy": _cupy}[name]()


@lru_cache(maxsize=1)
def _automatic() -> Backend:
    chosen, reasons = _numpy(), []
    for candidate in (_cupy, *([_compiled] if has_numba() else [])):
        try:
            chosen = candidate()
            break
        except CupyMissingError:
            pass  # the usual case on a machine without a GPU, and no news
        except RuntimeError as error:
            reasons.append(str(error))
    reason = f" ({' '.join(reasons)})" if reasons else ""
    print(f"gpunet: computing with {chosen.name}{reason}", file=sys.stderr)
    return chosen


def has_numba() -> bool:
    """Tell whether the compiled backend can be had."""
    return importlib.util.find_spec("numba") is not None


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
