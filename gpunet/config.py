"""Settings of the whole process: the default precision, the default backend, the random seed."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from .backend import Backend, get_backend
from .backend.precision import Precision, get_precision
from .registry import suggest

__all__ = [
    "backend",
    "draw_seed",
    "dtype_policy",
    "floatx",
    "generator",
    "set_backend",
    "set_dtype_policy",
    "set_floatx",
    "set_random_seed",
]

FLOAT_TYPES = ("float32", "float64")

_floatx = _policy = "float32"
_backend: str | Backend = os.environ.get("GPUNET_BACKEND") or "auto"
_seeds = np.random.default_rng()
_seeds_set = 0


def floatx() -> str:
    """Return the float type that new layers compute in: ``"float32"`` or ``"float64"``."""
    return _floatx


def set_floatx(name: str) -> None:
    """Set the float type that layers made from now on compute in, and the dtype policy of that name.

    Args:
        name: ``"float32"`` (the default) or ``"float64"`` (for gradient checks and references).

    Raises:
        ValueError: Any other name.

    Example:
        >>> set_floatx("float64"); floatx()
        'float64'
        >>> set_floatx("float32")
    """
    global _floatx, _policy
    if name not in FLOAT_TYPES:
        raise ValueError(f'Unknown float type "{name}". {suggest(str(name), FLOAT_TYPES)}')
    _floatx = _policy = name


def dtype_policy() -> str:
    """Return the precision that new models compute in, see ``set_dtype_policy``."""
    return _policy


def set_dtype_policy(name: str) -> None:
    """Set the precision that models made from now on compute in, and ``floatx`` to that of their parameters.

    Args:
        name: ``"float32"`` (the default); ``"float64"``; ``"tf32"``, where a GPU's products may round their factors to
            10 bits; ``"mixed_bfloat16"`` and ``"mixed_float16"``, where activations take 16 bits and parameters stay
            in float32.

    Raises:
        ValueError: Any other name.

    Example:
        >>> set_dtype_policy("tf32"); dtype_policy(), floatx()
        ('tf32', 'float32')
        >>> set_dtype_policy("float32")
    """
    global _floatx, _policy
    _floatx, _policy = get_precision(name).variables, name


@contextmanager
def floatx_of(precision: Precision) -> Iterator[None]:
    """Let parameters be made in the float type of a policy."""
    global _floatx
    before, _floatx = _floatx, precision.variables
    try:
        yield
    finally:
        _floatx = before


def backend() -> Backend:
    """Return the backend that new models compute on.

    Raises:
        ValueError: ``GPUNET_BACKEND`` holds an unknown name.
        RuntimeError: CuPy, a usable GPU or Numba was asked for and is missing.
    """
    try:
        return get_backend(_backend)
    except ValueError as error:  # set_backend has checked the names that it was given
        raise ValueError(f"GPUNET_BACKEND: {error}") from None


def set_backend(name: str | Backend) -> None:
    """Set the backend that models made from now on compute on.

    Args:
        name: ``"auto"`` (the default: a usable GPU, else compiled where Numba is installed, else NumPy), ``"numpy"``,
            ``"compiled"``, ``"cupy"``, or a backend object. The environment variable ``GPUNET_BACKEND`` sets the same
            at the start of a process.

    Raises:
        ValueError: The name is unknown.
        RuntimeError: ``"cupy"`` without CuPy or without a usable GPU, ``"compiled"`` without Numba.

    Example:
        >>> set_backend("numpy"); backend().name
        'numpy'
    """
    global _backend
    if name != "auto":
        get_backend(name)
    _backend = name


def set_random_seed(seed: int) -> None:
    """Make everything random from here on repeat: initial weights, shuffles, dropout.

    Two runs after the same call are equal to the last bit on the same machine, libraries and thread count.

    Args:
        seed: A non-negative integer.

    Raises:
        ValueError: ``seed`` is not a non-negative integer.

    Example:
        >>> set_random_seed(7); first = draw_seed()
        >>> set_random_seed(7); first == draw_seed()
        True
    """
    global _seeds, _seeds_set
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise ValueError(f"set_random_seed: expected a non-negative integer, got {seed!r}.")
    _seeds = np.random.default_rng(int(seed))
    _seeds_set += 1


def seeds_set() -> int:
    """Return how often a seed has been set: streams drawn before the last time start anew."""
    return _seeds_set


def draw_seed() -> int:
    """Return a fresh 63-bit seed from the process-wide stream that ``set_random_seed`` starts."""
    return int(_seeds.integers(2**63))


@contextmanager
def borrowed_seeds() -> Iterator[None]:
    """Draw seeds within as they come, and give them back: afterwards it is as if none had been drawn."""
    global _seeds
    kept, _seeds = _seeds, copy.deepcopy(_seeds)
    try:
        yield
    finally:
        _seeds = kept


@contextmanager
def seeds_back_on_failure() -> Iterator[None]:
    """Draw seeds within as they come; if it fails, it is afterwards as if none had been drawn."""
    seeds, state = _seeds, _seeds.bit_generator.state
    try:
        yield
    except BaseException:
        seeds.bit_generator.state = state
        raise


def generator(seed: Any = None) -> np.random.Generator:
    """Return a generator of its own, from ``seed`` or from the process-wide stream."""
    return np.random.default_rng(draw_seed() if seed is None else seed)
