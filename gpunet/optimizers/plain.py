"""Updates of plain arrays, without a model: they are copied into an arena, updated there and copied back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arena import Arena
from ..backend import backend_of, get_backend
from ..parameter import Parameter

if TYPE_CHECKING:
    from .base import Optimizer


def arena(optimizer: Optimizer, arrays: Sequence[Any]) -> Arena:
    """Return an arena with a copy of each array, in their widest float type and at least in float32.

    Raises:
        TypeError: Something is no array of floats.
        ValueError: An array can't be written to, or stands there twice.
    """
    _check_arrays(type(optimizer).__name__, arrays)
    backend = backend_of(arrays[0]) if arrays else get_backend("numpy")
    dtype = np.result_type(np.float32, *(np.dtype(array.dtype) for array in arrays))
    parameters = [
        Parameter(f"{getattr(array, 'name', 'variable')}_{index}", backend.download(array).astype(dtype))
        for index, array in enumerate(arrays)
    ]
    return Arena(backend, parameters, dtype=dtype)


def apply(optimizer: Optimizer, gradients: list[Any], arrays: list[Any]) -> None:
    """Update arrays in place, after everything has been checked; the first time the optimizer is built on them."""
    kind = type(optimizer).__name__
    _check_gradients(kind, gradients, arrays)
    if optimizer.arena is None:
        optimizer.build(arrays)
    elif [id(array) for array in arrays] != [id(array) for array in optimizer.arrays]:
        raise ValueError(
            f"{kind}: expected the arrays it was built with, in the same order; make a new optimizer for others."
        )
    assert optimizer.arena is not None
    own, backend = optimizer.arena, optimizer.arena.backend
    table = optimizer.table(optimizer.iterations, 1)
    with np.errstate(all="ignore"):
        for gradient, array, parameter in zip(gradients, arrays, own.trainable, strict=True):
            backend.upload(array, parameter.value)
            backend.upload(gradient, parameter.gradient)
        backend.update(
            optimizer, own, optimizer.state, backend.resident(table, table.dtype), backend.zeros(3, np.int64)
        )
        write_back(optimizer)
    optimizer.iterations += 1


def write_back(optimizer: Optimizer) -> None:
    """Copy what the arena holds to the plain arrays that the optimizer was built on, if there are any."""
    if optimizer.arena is not None:
        for parameter, array in zip(optimizer.arena.trainable, optimizer.arrays, strict=False):
            array[...] = parameter.value


def _check_arrays(kind: str, arrays: Sequence[Any]) -> None:
    for index, array in enumerate(arrays):
        if not hasattr(array, "dtype") or not hasattr(array, "__setitem__"):
            raise TypeError(
                f"{kind}: expected arrays that can be updated in place, got {type(array).__name__} for array {index}."
            )
        if np.dtype(array.dtype).kind != "f":
            raise TypeError(f"{kind}: expected arrays of floats, got dtype {array.dtype} for array {index}.")
        if not getattr(getattr(array, "flags", None), "writeable", True):
            raise ValueError(f"{kind}: array {index} is read-only; give a copy.")
    if len({id(array) for array in arrays}) < len(arrays):
        raise ValueError(f"{kind}: expected different arrays, got one of them twice.")
    if len({backend_of(array).name for array in arrays}) > 1:
        raise ValueError(
            f"{kind}: expected all arrays on one device, got some on the GPU and some on the host."
        )


def _check_gradients(kind: str, gradients: list[Any], arrays: list[Any]) -> None:
    if all(gradient is None for gradient in gradients):
        raise ValueError(f"{kind}: No gradients provided for any variable.")
    if not arrays:
        raise ValueError(f"{kind}: expected the arrays to update; give them, or build(arrays) first.")
    if len(gradients) != len(arrays):
        raise ValueError(f"{kind}: got {len(gradients)} gradients for {len(arrays)} arrays.")
    for index, (gradient, array) in enumerate(zip(gradients, arrays, strict=True)):
        if gradient is None:
            raise ValueError(
                f"{kind}: gradient {index} is None; give zeros, or leave its array out from the start."
            )
        given = backend_of(gradient).xp.asarray(gradient)
        if given.dtype.kind not in "fiub":
            raise TypeError(
                f"{kind}: expected gradients of real numbers, got dtype {given.dtype} for gradient {index}."
            )
        if given.shape != tuple(np.shape(array)):
            raise ValueError(
                f"{kind}: gradient {index} has shape {given.shape}, its array has shape {tuple(np.shape(array))}."
            )
