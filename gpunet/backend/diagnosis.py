"""What there is of CUDA on this machine, asked without touching anything that a training needs."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from . import cupy_backend


@dataclass(frozen=True)
class Device:
    """A GPU.

    Args:
        name: As the driver calls it.
        memory: Bytes.
        capability: Major and minor number, such as "9.0".
    """

    name: str
    memory: int
    capability: str

    def __str__(self) -> str:
        return f"{self.name}, {self.memory / 2**30:.1f} GiB, compute capability {self.capability}"


@dataclass(frozen=True)
class Diagnosis:
    """What was found; `None` where it can't be told.

    Args:
        cupy: Its version.
        runtime: The version of the CUDA runtime that is installed, such as "12.9".
        driver: The newest CUDA version that the driver supports.
        devices: The GPUs that CuPy sees.
        problem: Why CuPy can't be computed with.
    """

    cupy: str | None
    runtime: str | None
    driver: str | None
    devices: tuple[Device, ...]
    problem: str | None


def describe() -> Diagnosis:
    """Return what CuPy tells about itself and the GPUs; no failure of CuPy's gets out.

    Example:
        >>> found = describe()
        >>> (found.problem is None) == bool(found.devices)
        True
    """
    problem = None
    try:
        cupy_backend.load()
    except RuntimeError as error:
        problem = str(error)
    try:
        cupy = importlib.import_module("cupy")
    except ImportError:
        return Diagnosis(None, None, None, (), problem)
    devices = []
    if problem is None:
        runtime = cupy.cuda.runtime
        devices = [_device(runtime.getDeviceProperties(index)) for index in range(runtime.getDeviceCount())]
    return Diagnosis(
        cupy.__version__,
        _version(lambda: cupy.cuda.get_local_runtime_version()),
        _version(lambda: cupy.cuda.runtime.driverGetVersion()),
        tuple(devices),
        problem,
    )


def _device(properties: dict[str, object]) -> Device:
    name = properties["name"]
    return Device(
        name.decode() if isinstance(name, bytes) else str(name),
        int(str(properties["totalGlobalMem"])),
        f"{properties['major']}.{properties['minor']}",
    )


def _version(ask: Callable[[], int]) -> str | None:
    """Return a version that CUDA counts as 1000 · major + 10 · minor; 0 means that there is none."""
    try:
        number = ask()
    except Exception:  # CUDARuntimeError, or an ImportError of a CUDA library
        return None
    return f"{number // 1000}.{number % 1000 // 10}" if number else None
