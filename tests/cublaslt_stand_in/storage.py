"""Device memory as NumPy sees it: column-major matrices at bare addresses, half types widened to float32."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

R_32F, R_64F, R_16F, R_16BF = 0, 1, 2, 14  # cudaDataType
DTYPES: dict[int, Any] = {R_32F: np.float32, R_64F: np.float64, R_16F: np.float16, R_16BF: np.uint16}


def size(data_type: int) -> int:
    """Return the bytes of an element."""
    return np.dtype(DTYPES[data_type]).itemsize


def matrix(address: int, dtype: Any, rows: int, columns: int, leading: int) -> np.ndarray:
    """Return the column-major matrix at an address, from its first element to its last and no further."""
    item = np.dtype(dtype).itemsize
    extent = ((columns - 1) * leading + rows) * item
    memory = (ctypes.c_char * extent).from_address(address)
    return np.ndarray((rows, columns), dtype, memory, strides=(item, leading * item))


def load(address: int, data_type: int, rows: int, columns: int, leading: int) -> np.ndarray:
    """Return the numbers of a matrix; float32 for the half types."""
    stored = matrix(address, DTYPES[data_type], rows, columns, leading)
    if data_type == R_16BF:
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float64 if data_type == R_64F else np.float32)


def store(values: np.ndarray, address: int, data_type: int, leading: int) -> None:
    """Round a matrix to a type and write it."""
    if data_type == R_16BF:
        values = bfloat16(values.astype(np.float32))
    with np.errstate(over="ignore"):  # what is too large for a half type is infinite
        matrix(address, DTYPES[data_type], *values.shape, leading)[...] = values


def bfloat16(values: np.ndarray) -> np.ndarray:
    """Return the upper halves of float32 numbers, rounded to nearest, ties to even."""
    bits = np.ascontiguousarray(values).view(np.uint32)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(values), 0x7FFF, rounded).astype(np.uint16)


def tf32(values: np.ndarray) -> np.ndarray:
    """Round float32 numbers to 10 bits after the point."""
    bits = np.ascontiguousarray(values).view(np.uint32)
    rounded = (bits + 0x0FFF + ((bits >> 13) & 1)) & np.uint32(0xFFFFE000)
    return np.where(np.isfinite(values), rounded.astype(np.uint32).view(np.float32), values)
