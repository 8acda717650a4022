"""`gpunet doctor`, and the diagnosis behind it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet.backend import diagnosis
from gpunet.cli import doctor

Run = Callable[..., Any]


def cupy(devices: int, fails: str = "") -> Any:
    """A stand-in for the module: a machine with so many GPUs, or one whose driver fails."""

    def count() -> int:
        if fails:
            raise RuntimeError(fails)
        return devices

    properties = {"name": b"NVIDIA H100 80GB HBM3", "totalGlobalMem": 80 * 2**30, "major": 9, "minor": 0}
    runtime = SimpleNamespace(
        getDeviceCount=count,
        getDeviceProperties=lambda index: properties,
        driverGetVersion=lambda: 0 if fails else 13000,
    )
    cuda = SimpleNamespace(runtime=runtime, get_local_runtime_version=lambda: 12090)
    return SimpleNamespace(__version__="14.2.0", cuda=cuda)


def facts(text: str) -> dict[str, str]:
    return {line[:12].strip(): line[13:] for line in text.splitlines()}


def test_versions(run: Run) -> None:
    code, out, _ = run("doctor")
    found = facts(out)
    assert code == 0
    assert found["gpunet"] == gpunet.__version__
    assert found["python"].startswith(platform.python_version())
    assert found["numpy"] == np.__version__
    assert found["tqdm"][0].isdigit()
    assert found["safetensors"][0].isdigit()


def test_without_cupy(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    found = facts(run("doctor").out)
    assert "pip install 'gpunet[cuda12]'" in found["cupy"]
    assert found["GPU"] == "none that can be used"
    assert found["backend"].startswith("compiled: CuPy is not installed")


def test_without_numba_either(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert facts(run("doctor").out)["backend"].startswith("numpy: CuPy is not installed")
    monkeypatch.setenv("GPUNET_BACKEND", "compiled")
    assert facts(run("doctor").out)["backend"].startswith(
        "none: GPUNET_BACKEND asks for compiled, but Numba is"
    )


def test_with_a_gpu(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", cupy(2))
    found = facts(run("doctor").out)
    assert found["cupy"] == "14.2.0"
    assert found["CUDA runtime"] == "12.9"
    assert found["CUDA driver"] == "13.0"
    assert found["GPU 0"] == found["GPU 1"] == "NVIDIA H100 80GB HBM3, 80.0 GiB, compute capability 9.0"
    assert found["backend"] == "cupy"


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        (cupy(0, "cudaErrorNoDevice: no CUDA-capable device is detected"), "cudaErrorNoDevice"),
        (cupy(0), "No GPU is visible"),
    ],
)
def test_with_cupy_but_no_gpu(run: Run, monkeypatch: pytest.MonkeyPatch, module: Any, reason: str) -> None:
    monkeypatch.setitem(sys.modules, "cupy", module)
    found = facts(run("doctor").out)
    assert found["cupy"] == "14.2.0"
    assert found["GPU"] == "none that can be used"
    assert found["backend"].startswith("compiled: ")
    assert reason in found["backend"]


def test_no_driver_is_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", cupy(0, "cudaErrorInsufficientDriver"))
    assert diagnosis.describe().driver is None


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("numpy", "numpy, as GPUNET_BACKEND says"),
        ("compiled", "compiled, as GPUNET_BACKEND says"),
        ("cupy", "none: GPUNET_BACKEND asks for cupy, but CuPy is not installed"),
        ("nunpy", 'none: GPUNET_BACKEND is "nunpy". Did you mean "numpy"?'),
    ],
)
def test_the_environment_chooses(
    run: Run, monkeypatch: pytest.MonkeyPatch, chosen: str, expected: str
) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setenv("GPUNET_BACKEND", chosen)
    assert facts(run("doctor").out)["backend"].startswith(expected)


def test_without_mkl(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_version", lambda package: None)
    assert facts(run("doctor").out)["mkl"] == "not installed; NumPy's own library multiplies"
