"""Arrays for kernel tests: on the device, at any address, and in the 16-bit formats that kernels store."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpunet.backend import Backend
from gpunet.backend.rounded_backend import round_to_bfloat16

DTYPES = ["float32", "float64", "float16", "uint16"]  # the last holds bfloat16
EPSILON = {"float32": 2.0**-23, "float64": 2.0**-52, "float16": 2.0**-10, "uint16": 2.0**-7}


def on(device: Backend, array: np.ndarray, offset: int = 0) -> Any:
    """Return a copy on the device that starts some elements beyond an aligned address."""
    flat = device.empty(array.size + offset, array.dtype)[offset:]
    device.upload(array.reshape(-1), flat)
    return flat.reshape(array.shape)


def stored(values: np.ndarray, dtype: str) -> np.ndarray:
    """Return numbers as kernels store them, rounded to nearest."""
    if dtype != "uint16":
        return values.astype(dtype)
    rounded = values.astype(np.float32)
    round_to_bfloat16(rounded)
    return (rounded.view(np.uint32) >> 16).astype(np.uint16)


def computed(array: np.ndarray) -> np.ndarray:
    """Return stored numbers as kernels compute with them."""
    if array.dtype == np.uint16:
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(np.float32) if array.dtype == np.float16 else array
