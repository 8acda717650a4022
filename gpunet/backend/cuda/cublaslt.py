"""cuBLASLt by ctypes: the functions, enumerations and attributes of ``cublasLt.h`` that matrix products need.

CuPy doesn't expose this library, and its own cuBLAS calls can't be captured. The interface is the same in CUDA 12 and 13.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
from ctypes import POINTER, byref, c_float, c_int, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from enum import Enum, IntEnum
from typing import Any, ClassVar

NAMES = ("libcublasLt.so.13", "libcublasLt.so.12", "cublasLt64_13.dll", "cublasLt64_12.dll")


class Status(IntEnum):
    """``cublasStatus_t``."""

    SUCCESS = 0
    NOT_INITIALIZED = 1
    ALLOC_FAILED = 3
    INVALID_VALUE = 7
    ARCH_MISMATCH = 8
    MAPPING_ERROR = 11
    EXECUTION_FAILED = 13
    INTERNAL_ERROR = 14
    NOT_SUPPORTED = 15
    LICENSE_ERROR = 16


class DataType(IntEnum):
    """``cudaDataType``."""

    R_32F = 0
    R_64F = 1
    R_16F = 2
    R_16BF = 14


class ComputeType(IntEnum):
    """``cublasComputeType_t``."""

    COMPUTE_32F = 68
    COMPUTE_64F = 70
    COMPUTE_32F_FAST_TF32 = 77


class Epilogue(IntEnum):
    """``cublasLtEpilogue_t``: what is done with a product before it is stored."""

    DEFAULT = 1
    RELU = 2
    BIAS = 4
    RELU_BIAS = 6
    GELU = 32
    GELU_BIAS = 36
    RELU_AUX = 130
    RELU_AUX_BIAS = 134
    DRELU = 136
    DRELU_BGRAD = 152
    GELU_AUX = 160
    GELU_AUX_BIAS = 164
    DGELU = 192
    DGELU_BGRAD = 208
    BGRADA = 256
    BGRADB = 512


class ReductionScheme(IntEnum):
    """``cublasLtReductionScheme_t``: how the parts of split sums are added; a mask of those that are allowed."""

    NONE = 0
    INPLACE = 1
    COMPUTE_TYPE = 2
    OUTPUT_TYPE = 4


class MatmulAttribute(Enum):
    """``cublasLtMatmulDescAttributes_t``: number and C type."""

    TRANSA = 3, c_int32
    TRANSB = 4, c_int32
    EPILOGUE = 7, c_uint32
    BIAS_POINTER = 8, c_void_p
    EPILOGUE_AUX_POINTER = 11, c_void_p
    EPILOGUE_AUX_LD = 12, c_int64


class PreferenceAttribute(Enum):
    """``cublasLtMatmulPreferenceAttributes_t``: number and C type."""

    MAX_WORKSPACE_BYTES = 1, c_uint64
    REDUCTION_SCHEME_MASK = 3, c_uint32
    MIN_ALIGNMENT_A_BYTES = 5, c_uint32
    MIN_ALIGNMENT_B_BYTES = 6, c_uint32
    MIN_ALIGNMENT_C_BYTES = 7, c_uint32
    MIN_ALIGNMENT_D_BYTES = 8, c_uint32


class HeuristicResult(ctypes.Structure):
    """``cublasLtMatmulHeuristicResult_t``: an algorithm and what it needs."""

    _fields_: ClassVar = [
        ("algorithm", c_uint64 * 8),
        ("workspace_size", c_size_t),
        ("state", c_int),
        ("waves_count", c_float),
        ("reserved", c_int * 4),
    ]


_CREATED, _ATTRIBUTE = POINTER(c_void_p), (c_void_p, c_int, c_void_p, c_size_t)
PROTOTYPES: dict[str, tuple[Any, ...]] = {
    "cublasLtCreate": (_CREATED,),
    "cublasLtDestroy": (c_void_p,),
    "cublasLtMatmulDescCreate": (_CREATED, c_int, c_int),
    "cublasLtMatmulDescDestroy": (c_void_p,),
    "cublasLtMatmulDescSetAttribute": _ATTRIBUTE,
    "cublasLtMatrixLayoutCreate": (_CREATED, c_int, c_uint64, c_uint64, c_int64),
    "cublasLtMatrixLayoutDestroy": (c_void_p,),
    "cublasLtMatmulPreferenceCreate": (_CREATED,),
    "cublasLtMatmulPreferenceDestroy": (c_void_p,),
    "cublasLtMatmulPreferenceSetAttribute": _ATTRIBUTE,
    "cublasLtMatmulAlgoGetHeuristic": (c_void_p,) * 7 + (c_int, POINTER(HeuristicResult), POINTER(c_int)),
    "cublasLtMatmul": (c_void_p,) * 14 + (c_size_t, c_void_p),
}


class CublasLtError(RuntimeError):
    """A function of the library failed.

    Attributes:
        status: The status that it returned.
    """

    def __init__(self, function: str, status: int) -> None:
        self.status = status
        names = {int(known): f"CUBLAS_STATUS_{known.name}" for known in Status}
        super().__init__(f"{function}: {names.get(status, 'unknown status')} ({status})")


class CublasLt:
    """The library's functions, with checked arguments and statuses.

    Args:
        library: What ``ctypes.CDLL`` returned.
    """

    def __init__(self, library: Any) -> None:
        self._functions = {name: getattr(library, name) for name in PROTOTYPES}
        for name, function in self._functions.items():
            function.argtypes, function.restype = PROTOTYPES[name], c_int

    def call(self, name: str, *arguments: Any) -> None:
        """Call a function.

        Raises:
            CublasLtError: Its status isn't success.
        """
        status = self._functions[name](*arguments)
        if status != Status.SUCCESS:
            raise CublasLtError(name, status)


class LibraryObject:
    """Something that the library creates, lets attributes be set of, and destroys at the end of a ``with`` block."""

    prefix: ClassVar[str]

    def __init__(self, library: CublasLt, *arguments: Any) -> None:
        self._library, self.pointer = library, c_void_p()
        library.call(f"{self.prefix}Create", byref(self.pointer), *arguments)

    def set(self, attribute: MatmulAttribute | PreferenceAttribute, value: int) -> None:
        """Set an attribute."""
        number, kind = attribute.value
        setting = kind(value)
        self._library.call(
            f"{self.prefix}SetAttribute", self.pointer, number, byref(setting), ctypes.sizeof(kind)
        )

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self._library.call(f"{self.prefix}Destroy", self.pointer)


class Handle(LibraryObject):
    """``cublasLtHandle_t``, of the device that is current when it is created."""

    prefix = "cublasLt"


class MatmulDescriptor(LibraryObject):
    """``cublasLtMatmulDesc_t(compute type, type of alpha and beta)``."""

    prefix = "cublasLtMatmulDesc"


class MatrixLayout(LibraryObject):
    """``cublasLtMatrixLayout_t(type, rows, columns, leading dimension)``, column-major."""

    prefix = "cublasLtMatrixLayout"


class Preference(LibraryObject):
    """``cublasLtMatmulPreference_t``."""

    prefix = "cublasLtMatmulPreference"


def load() -> CublasLt:
    """Return the library that CuPy itself loads.

    Raises:
        RuntimeError: There is none; the message says what to install.
    """
    try:
        finder = importlib.import_module("cuda.pathfinder")
        return CublasLt(ctypes.CDLL(finder.load_nvidia_dynamic_lib("cublasLt").abs_path))
    except (ImportError, RuntimeError, OSError):
        pass  # no finder, or nothing where it looks: the system's loader may know more
    for name in filter(None, (*NAMES, ctypes.util.find_library("cublasLt"))):
        try:
            return CublasLt(ctypes.CDLL(name))
        except OSError:
            continue
    raise RuntimeError(
        "gpunet: cuBLASLt, which multiplies matrices on the GPU, was not found. It comes with CuPy's extra: "
        "pip install 'cupy-cuda12x[ctk]' (or 'cupy-cuda13x[ctk]')."
    )
