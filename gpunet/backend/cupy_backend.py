"""The CuPy backend: the reference formulas on a GPU."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from .base import Backend
from .formulas import Array


class CupyMissingError(RuntimeError):
    """CuPy is not installed."""


class CupyBackend(Backend):
    """Computes on a GPU with CuPy.

    Args:
        cupy: The module to work with.
    """

    name = "cupy"

    def __init__(self, cupy: Any) -> None:
        super().__init__(cupy)

    def upload(self, array: Any, out: Array) -> None:
        """Copy host data into a device buffer, converted on the host."""
        if hasattr(array, "__cuda_array_interface__"):
            out[...] = array
        else:
            out.set(np.asarray(array, dtype=out.dtype))

    def download(self, array: Array) -> np.ndarray[Any, Any]:
        """Return a host copy; waits for the device."""
        host: np.ndarray[Any, Any] = self.xp.asnumpy(array)
        return host


def load() -> CupyBackend:
    """Return the backend for the current GPU.

    Raises:
        CupyMissingError: CuPy is not installed.
        RuntimeError: CuPy doesn't load, or finds no usable GPU.
    """
    instead = 'or use gpunet.config.set_backend("numpy").'
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "cupy":
            raise CupyMissingError(
                f"CuPy is not installed. Install it with: pip install 'gpunet[cuda12]' (or cuda13), {instead}"
            ) from error
        raise RuntimeError(f"CuPy doesn't load: {error}. Install it again, {instead}") from error
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # CUDARuntimeError, or an ImportError of a CUDA library
        raise RuntimeError(
            f"CuPy {cupy.__version__} found no usable GPU: {error}. Check the driver with nvidia-smi, {instead}"
        ) from error
    if devices == 0:
        raise RuntimeError(f"No GPU is visible to CuPy. Check CUDA_VISIBLE_DEVICES, {instead}")
    return CupyBackend(cupy)
