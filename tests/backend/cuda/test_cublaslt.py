"""The binding and the stand-in below it agree with ``cublasLt.h``, and with the real library where it is installed.

The numbers here were read in the header of cuBLAS 12.9.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
from collections.abc import Callable
from ctypes import byref, c_size_t
from types import SimpleNamespace
from typing import Any

import pytest
from cublaslt_stand_in import StandInLibrary
from cublaslt_stand_in.attributes import DEFAULTS, Kind
from cublaslt_stand_in.library import Result

from gpunet.backend.cuda import cublaslt
from gpunet.backend.cuda.cublaslt import (
    PROTOTYPES,
    ComputeType,
    CublasLt,
    CublasLtError,
    DataType,
    Epilogue,
    HeuristicResult,
    MatmulAttribute,
    MatmulDescriptor,
    MatrixLayout,
    Preference,
    PreferenceAttribute,
    Status,
)

MAKERS: dict[Kind, Callable[[CublasLt], Any]] = {
    Kind.DESCRIPTOR: lambda lt: MatmulDescriptor(lt, ComputeType.COMPUTE_32F, DataType.R_32F),
    Kind.LAYOUT: lambda lt: MatrixLayout(lt, DataType.R_16BF, 5, (1 << 40) + 6, (1 << 40) + 7),
    Kind.PREFERENCE: Preference,
}
SETTINGS: dict[Kind, list[tuple[Any, int]]] = {
    Kind.DESCRIPTOR: [
        (MatmulAttribute.TRANSA, 1),
        (MatmulAttribute.TRANSB, 1),
        (MatmulAttribute.EPILOGUE, Epilogue.DGELU_BGRAD),
        (MatmulAttribute.BIAS_POINTER, 0x7F0123456789ABC0),
        (MatmulAttribute.EPILOGUE_AUX_POINTER, 0x7F0123456789AB00),
        (MatmulAttribute.EPILOGUE_AUX_LD, (1 << 40) + 8),
    ],
    Kind.LAYOUT: [],
    Kind.PREFERENCE: [
        (PreferenceAttribute.MAX_WORKSPACE_BYTES, 32 << 20),
        (PreferenceAttribute.REDUCTION_SCHEME_MASK, 2),
        (PreferenceAttribute.MIN_ALIGNMENT_A_BYTES, 4),
        (PreferenceAttribute.MIN_ALIGNMENT_B_BYTES, 8),
        (PreferenceAttribute.MIN_ALIGNMENT_C_BYTES, 16),
        (PreferenceAttribute.MIN_ALIGNMENT_D_BYTES, 32),
    ],
}


def attributes(library: Any, made: Any, kind: Kind) -> dict[int, bytes]:
    """Read back every attribute that the stand-in knows, from whichever library it is."""
    get = getattr(library, f"{kind.value}GetAttribute")
    get.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, c_size_t, ctypes.c_void_p]
    found = {}
    for attribute, default in DEFAULTS[kind].items():
        size = c_size_t()
        assert get(made.pointer, attribute, None, 0, byref(size)) == Status.SUCCESS
        assert size.value == len(default)
        value = ctypes.create_string_buffer(size.value)
        assert get(made.pointer, attribute, value, size.value, None) == Status.SUCCESS
        found[attribute] = value.raw
    return found


def test_structures_have_the_sizes_of_c() -> None:
    assert ctypes.sizeof(HeuristicResult) == ctypes.sizeof(Result) == 96
    assert HeuristicResult.algorithm.size == 64
    assert (HeuristicResult.workspace_size.offset, HeuristicResult.state.offset) == (64, 72)


@pytest.mark.parametrize("kind", MAKERS)
def test_attributes_arrive_as_set(library: StandInLibrary, kind: Kind) -> None:
    with MAKERS[kind](CublasLt(library)) as made:
        for attribute, value in SETTINGS[kind]:
            made.set(attribute, value)
        found = attributes(library, made, kind)
        for attribute, value in SETTINGS[kind]:
            number, c_type = attribute.value
            assert int.from_bytes(found[number], "little") == value
            assert len(found[number]) == ctypes.sizeof(c_type)
        assert len(library.objects) == 1
    assert not library.objects


def test_a_layout_takes_64_bits(library: StandInLibrary) -> None:
    with MAKERS[Kind.LAYOUT](CublasLt(library)) as layout:
        values = [
            int.from_bytes(value, "little") for value in attributes(library, layout, Kind.LAYOUT).values()
        ]
    assert values == [14, 0, 5, (1 << 40) + 6, (1 << 40) + 7, 1]


def test_unknown_attributes_and_wrong_sizes_are_refused(library: StandInLibrary) -> None:
    with Preference(CublasLt(library)) as preference:
        four, set_attribute = ctypes.c_uint32(4), library.cublasLtMatmulPreferenceSetAttribute  # type: ignore[attr-defined]
        assert set_attribute(preference.pointer, 3, byref(four), 4) == Status.SUCCESS
        assert set_attribute(preference.pointer, 2, byref(four), 4) == Status.INVALID_VALUE
        assert set_attribute(preference.pointer, 3, byref(four), 8) == Status.INVALID_VALUE
        assert set_attribute(preference.pointer, 3, None, 4) == Status.INVALID_VALUE


def test_errors_have_names(library: StandInLibrary) -> None:
    lt = CublasLt(library)
    with pytest.raises(CublasLtError, match=r"cublasLtDestroy: CUBLAS_STATUS_INVALID_VALUE \(7\)") as caught:
        lt.call("cublasLtDestroy", None)
    assert caught.value.status == Status.INVALID_VALUE
    assert str(CublasLtError("f", 99)) == "f: unknown status (99)"


def test_load_prefers_the_library_of_cupy(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def load(name: str) -> StandInLibrary:
        tried.append(name)
        if name.endswith("12"):
            return StandInLibrary()
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    finder = SimpleNamespace(load_nvidia_dynamic_lib=lambda name: SimpleNamespace(abs_path=f"/{name}.so.12"))
    monkeypatch.setattr(importlib, "import_module", {"cuda.pathfinder": finder}.__getitem__)
    assert isinstance(cublaslt.load(), CublasLt)
    assert tried == ["/cublasLt.so.12"]


def test_load_falls_back_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    present = {"libcublasLt.so.12"}

    def load(name: str) -> StandInLibrary:
        if name not in present:
            raise OSError(name)
        return StandInLibrary()

    def find(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(ctypes, "CDLL", load)
    monkeypatch.setattr(ctypes.util, "find_library", lambda name: None)
    monkeypatch.setattr(importlib, "import_module", find)
    assert isinstance(cublaslt.load(), CublasLt)
    present.clear()
    with pytest.raises(RuntimeError, match=r"pip install 'cupy-cuda12x\[ctk\]'"):
        cublaslt.load()


@pytest.fixture
def real() -> Any:
    """The library itself: all but its handle and what needs one works without a driver."""
    finder = pytest.importorskip("cuda.pathfinder", reason="cuBLASLt is not installed")
    try:
        return ctypes.CDLL(finder.load_nvidia_dynamic_lib("cublasLt").abs_path)
    except RuntimeError:
        pytest.skip("cuBLASLt is not installed")


def test_the_real_library_has_the_functions(real: Any) -> None:
    assert [name for name in PROTOTYPES if not hasattr(real, name)] == []
    real.cublasLtGetStatusName.restype = ctypes.c_char_p
    for status in Status:
        assert real.cublasLtGetStatusName(int(status)) == f"CUBLAS_STATUS_{status.name}".encode()


@pytest.mark.parametrize("kind", MAKERS)
def test_the_real_library_keeps_what_the_stand_in_keeps(
    real: Any, library: StandInLibrary, kind: Kind
) -> None:
    found = []
    for each in (real, library):
        with MAKERS[kind](CublasLt(each)) as made:
            untouched = attributes(each, made, kind)
            for attribute, value in SETTINGS[kind]:
                made.set(attribute, value)
            found.append((untouched, attributes(each, made, kind)))
            for number, size in ((99, 4), (3, 2), (3, 16)):
                value = ctypes.create_string_buffer(16)
                set_attribute = getattr(each, f"{kind.value}SetAttribute")
                set_attribute.argtypes = PROTOTYPES["cublasLtMatmulDescSetAttribute"]
                assert set_attribute(made.pointer, number, value, size) == Status.INVALID_VALUE
    assert found[0] == found[1]
