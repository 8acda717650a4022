"""From what people have (arrays, lists, frames, tensors) to checked arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..backend import Array, backend_of, is_device_array

CHUNK = 1 << 20  # elements that a check looks at in one go


def as_array(value: Any, what: str) -> Array:
    """Return ``value`` as an array of numbers, without a copy where it is one already.

    Args:
        value: A NumPy or CuPy array, a memory map, a list, a pandas frame, or anything with ``__array__`` or DLPack.
        what: Its name in error messages: ``"x"``.

    Raises:
        TypeError: It doesn't hold real numbers.
        ValueError: It is ragged, a single number, has masked values or one beyond float64.
    """
    if np.ma.is_masked(value):
        raise ValueError(f"{what}: expected no masked values. Fill them first, with value.filled(…).")
    if is_device_array(value):
        array = backend_of(value).xp.asarray(value)
    elif hasattr(value, "__dlpack__") and not hasattr(value, "__array__"):
        array = np.from_dlpack(value)
    else:
        try:
            array = value if isinstance(value, np.ndarray) else np.asarray(value)
        except ValueError as error:
            raise ValueError(
                f"{what}: expected rows of equal lengths, got a ragged sequence ({error})."
            ) from error
    if array.dtype == object:
        try:
            array = array.astype(np.float64)
        except (TypeError, ValueError):
            raise TypeError(_not_numbers(what, array)) from None
        except OverflowError:
            raise ValueError(
                f"{what}: expected numbers in the range of float64, got one beyond it."
            ) from None
    if array.dtype.kind not in "fiub":
        raise TypeError(_not_numbers(what, array))
    if array.ndim == 0:
        raise ValueError(f"{what}: expected an array with one row a sample, got a single number.")
    return array


def _not_numbers(what: str, array: Array) -> str:
    advice = (
        "np.unique(y, return_inverse=True) turns labels into class indices"
        if what == "y"
        else "gpunet.datasets.load_csv turns the text columns of a table into numbers"
    )
    text = f"; {advice}" if array.dtype.kind in "OSU" else ""
    return f"{what}: expected real numbers, got dtype {array.dtype}{text}."


def is_memory_map(array: Any) -> bool:
    """Tell whether the rows of ``array`` come from a file as they are read."""
    while isinstance(array, np.ndarray):
        if isinstance(array, np.memmap):
            return True
        array = array.base
    return False


def check_rows(arrays: dict[str, Array]) -> int:
    """Return the common number of rows.

    Raises:
        ValueError: The arrays are empty or of different lengths.
    """
    rows = {what: len(array) for what, array in arrays.items() if array is not None}
    if len(set(rows.values())) > 1:
        lengths = ", ".join(f"{what} has {count} rows" for what, count in rows.items())
        raise ValueError(f"Expected one row a sample everywhere, but {lengths}.")
    count = next(iter(rows.values()))
    if count == 0:
        raise ValueError(f"{next(iter(rows))}: expected at least one sample, got an empty array.")
    return count


def check_finite(array: Array, what: str, rows: Any = None) -> None:
    """Look for NaN and infinity.

    Args:
        array: ``(rows, …)``.
        what: Its name in the error message.
        rows: The numbers of the rows; by default they count from 0.

    Raises:
        ValueError: There is one; the message says where.
    """
    if array.dtype.kind != "f":
        return
    xp = backend_of(array).xp
    step = max(1, CHUNK // max(1, int(np.prod(array.shape[1:]))))
    for start in range(0, len(array), step):
        finite = xp.isfinite(array[start : start + step])
        if not bool(finite.all()):
            index = [int(axis[0]) for axis in xp.nonzero(~finite)]
            index[0] = int(index[0] + start if rows is None else rows[index[0] + start])
            where = f"row {index[0]}" + (f", column {', '.join(map(str, index[1:]))}" if index[1:] else "")
            raise ValueError(f"{what}: NaN or infinity at {where}. Clean or fill the data first.")


def check_narrowed(array: Array, dtype: Any, what: str) -> None:
    """Look for numbers that would become infinite if they were converted to a narrower float type.

    Raises:
        ValueError: There is one; the message says where.
    """
    dtype = np.dtype(dtype)
    if array.dtype.kind != "f" or dtype.kind != "f" or array.dtype.itemsize <= dtype.itemsize:
        return
    step = max(1, CHUNK // max(1, int(np.prod(array.shape[1:]))))
    for start in range(0, len(array), step):
        rows = range(start, min(start + step, len(array)))
        with np.errstate(over="ignore"):
            narrowed = array[rows.start : rows.stop].astype(dtype)
        check_finite(narrowed, f"{what} as {dtype}", rows)


def class_weights(y: Array, class_weight: Mapping[int, float]) -> np.ndarray[Any, Any]:
    """Return the weight of each sample's class.

    Args:
        y: Class indices ``(rows,)`` or ``(rows, 1)``, or one-hot rows.
        class_weight: The weight of each class; 1 for classes that aren't named.

    Raises:
        TypeError: No dictionary.
        ValueError: A key is not a class index, a weight not a finite number, or a sample has more than one target.
    """
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            f"class_weight: expected a dictionary such as {{0: 1.0, 1: 5.0}}, got {class_weight!r}."
        )
    for index, weight in class_weight.items():
        if isinstance(index, bool) or not isinstance(index, (int, np.integer)) or index < 0:
            raise ValueError(f"class_weight: expected class indices as keys, got {index!r}.")
        if not isinstance(weight, (int, float, np.number)) or not math.isfinite(weight):
            raise ValueError(f"class_weight: expected a finite number for class {index}, got {weight!r}.")
    if y.ndim > 2:
        raise ValueError(
            f"class_weight: expected one class a sample, got targets of shape {tuple(y.shape)}. Weigh the samples with "
            "sample_weight instead."
        )
    host = backend_of(y).download(y)
    classes = (
        host.argmax(axis=-1) if host.ndim > 1 and host.shape[-1] > 1 else np.rint(host.reshape(len(host)))
    )
    weights = np.ones(len(host), np.float64)
    for index, weight in class_weight.items():
        weights[classes == index] = weight
    return weights
