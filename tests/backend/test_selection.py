"""Which backend is taken, and what is said about it."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpunet import backend as backends
from gpunet.backend import Backend, CupyBackend, NumpyBackend, backend_of, get_backend, is_device_array


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Nothing has been chosen before or will have been after."""
    for cached in (backends._cupy, backends._compiled, backends._automatic):
        cached.cache_clear()
    yield
    for cached in (backends._cupy, backends._compiled, backends._automatic):
        cached.cache_clear()


@pytest.fixture
def no_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)


@pytest.fixture
def no_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    for name in [name for name in sys.modules if name.startswith("gpunet.backend.compiled")]:
        monkeypatch.delitem(sys.modules, name)


def broken_cupy(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """Put a module ``cupy`` of this code before any other."""
    (folder / "cupy.py").write_text(code)
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    monkeypatch.syspath_prepend(folder)


def test_by_name_the_same_object_each_time() -> None:
    assert isinstance(get_backend("numpy"), NumpyBackend)
    assert get_backend("numpy") is get_backend("numpy")
    own = NumpyBackend()
    assert get_backend(own) is own


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_a_backend_is_the_backend(backend: Backend, copied: Callable[[Backend], Backend]) -> None:
    own = get_backend(backend.name)
    assert copied(own) is own


@pytest.mark.parametrize("name", ["Numpy", "cuda", 5, None, np])
def test_an_unknown_name(name: Any) -> None:
    with pytest.raises(ValueError, match=r"Unknown backend .* Known: auto, compiled, cupy, numpy\."):
        get_backend(name)


@pytest.mark.usefixtures("no_cupy")
def test_without_cupy_auto_is_compiled_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("numba")
    assert get_backend("auto") is get_backend("compiled")
    get_backend("auto")
    assert capsys.readouterr() == ("", "gpunet: computing with compiled\n")


@pytest.mark.usefixtures("no_cupy", "no_numba")
def test_with_neither_auto_is_numpy_and_says_so_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert get_backend("auto") is get_backend("numpy")
    get_backend("auto")
    assert capsys.readouterr() == ("", "gpunet: computing with numpy\n")


@pytest.mark.usefixtures("no_numba")
def test_asking_for_compiled_without_numba_tells_how_to_get_it() -> None:
    with pytest.raises(RuntimeError, match=r"needs Numba.*pip install 'gpunet\[cpu\]'.*set_backend"):
        get_backend("compiled")


@pytest.mark.usefixtures("no_cupy")
def test_a_numba_that_does_not_load_is_no_missing_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith(("gpunet.backend.compiled", "numba"))]:
        monkeypatch.delitem(sys.modules, name)
    (tmp_path / "numba.py").write_text("raise ImportError('Numba needs NumPy 2.0 or less')")
    monkeypatch.syspath_prepend(tmp_path)
    assert get_backend("auto").name == "numpy"
    assert "computing with numpy (The compiled backend needs Numba: Numba needs NumPy 2.0 or less" in (
        capsys.readouterr().err
    )


@pytest.mark.usefixtures("no_cupy")
def test_asking_for_cupy_without_it_tells_how_to_get_it() -> None:
    with pytest.raises(
        RuntimeError, match=r"CuPy is not installed.*pip install 'gpunet\[cuda12\]'.*set_backend"
    ):
        get_backend("cupy")


@pytest.mark.usefixtures("stand_in")
def test_with_a_gpu_auto_is_cupy(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = get_backend("auto")
    assert isinstance(chosen, CupyBackend)
    assert get_backend("cupy") is chosen
    assert capsys.readouterr() == ("", "gpunet: computing with cupy\n")


@pytest.mark.usefixtures("no_numba")
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise ImportError('libnvrtc.so.12 is missing')", "CuPy doesn't load: libnvrtc.so.12 is missing"),
        ("import fastrlock_of_another_version", "CuPy doesn't load: No module named 'fastrlock_of"),
    ],
)
def test_a_cupy_that_does_not_load_is_no_missing_one(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    code: str,
    reason: str,
) -> None:
    broken_cupy(monkeypatch, tmp_path, code)
    with pytest.raises(RuntimeError, match=reason):
        get_backend("cupy")
    assert get_backend("auto").name == "numpy"
    assert f"gpunet: computing with numpy ({reason}" in capsys.readouterr().err


@pytest.mark.usefixtures("no_numba")
def test_cupy_without_a_usable_gpu_says_why(
    stand_in: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> int:
        raise OSError("cudaErrorNoDevice: no CUDA-capable device is detected")

    monkeypatch.setattr(stand_in.cuda.runtime, "getDeviceCount", fail)
    with pytest.raises(RuntimeError, match=r"found no usable GPU: cudaErrorNoDevice.*nvidia-smi"):
        get_backend("cupy")
    monkeypatch.setattr(stand_in.cuda.runtime, "getDeviceCount", lambda: 0)
    with pytest.raises(RuntimeError, match="No GPU is visible to CuPy"):
        get_backend("cupy")
    assert get_backend("auto").name == "numpy"
    assert "computing with numpy (No GPU is visible to CuPy" in capsys.readouterr().err


def test_the_backend_of_an_array(backend: Backend) -> None:
    array = backend.zeros(3, "float32")
    assert backend_of(array).name == {"compiled": "numpy"}.get(backend.name, backend.name)
    assert is_device_array(array) == (backend.name == "cupy")
    assert backend_of([1, 2]).name == backend_of(1.0).name == backend_of(np.zeros(2)).name == "numpy"


@pytest.mark.usefixtures("stand_in")
def test_numpy_takes_arrays_from_a_gpu() -> None:
    device, host = get_backend("cupy"), get_backend("numpy")
    array = device.xp.asarray(np.array([1.0, 2.0]))
    assert host.resident(array, "float32").tolist() == [1, 2]
    out = host.zeros(2, "float32")
    host.upload(array, out)
    assert out.tolist() == [1, 2]
