"""What can be set of cuBLASLt's objects: the sizes and defaults that ``cublasLt.h`` states, by attribute number."""

from __future__ import annotations

from enum import Enum
from struct import pack


class Kind(Enum):
    """The kinds of objects, by the prefix of their functions."""

    HANDLE = "cublasLt"
    DESCRIPTOR = "cublasLtMatmulDesc"
    LAYOUT = "cublasLtMatrixLayout"
    PREFERENCE = "cublasLtMatmulPreference"


# cublasLtMatmulDescAttributes_t, of them those that gpunet has a use for or has to be sure of
COMPUTE_TYPE, SCALE_TYPE, POINTER_MODE, TRANSA, TRANSB, TRANSC = range(6)
EPILOGUE, BIAS_POINTER, AUX_POINTER, AUX_LD, AUX_TYPE, BIAS_TYPE = 7, 8, 11, 12, 22, 26
# cublasLtMatrixLayoutAttribute_t
TYPE, ORDER, ROWS, COLS, LD, BATCH_COUNT = range(6)
# cublasLtMatmulPreferenceAttributes_t
SEARCH_MODE, MAX_WORKSPACE, REDUCTION_MASK = 0, 1, 3
ALIGNMENTS = 5, 6, 7, 8  # of A, B, C and D

DEFAULTS: dict[Kind, dict[int, bytes]] = {
    Kind.HANDLE: {},
    Kind.DESCRIPTOR: {
        COMPUTE_TYPE: pack("i", 0),
        SCALE_TYPE: pack("i", 0),
        POINTER_MODE: pack("i", 0),
        TRANSA: pack("i", 0),
        TRANSB: pack("i", 0),
        TRANSC: pack("i", 0),
        EPILOGUE: pack("I", 1),
        BIAS_POINTER: pack("Q", 0),
        AUX_POINTER: pack("Q", 0),
        AUX_LD: pack("q", 0),
        AUX_TYPE: pack("i", -1),
        BIAS_TYPE: pack("i", -1),
    },
    Kind.LAYOUT: {
        TYPE: pack("I", 0),
        ORDER: pack("i", 0),
        ROWS: pack("Q", 0),
        COLS: pack("Q", 0),
        LD: pack("q", 0),
        BATCH_COUNT: pack("i", 1),
    },
    Kind.PREFERENCE: {
        SEARCH_MODE: pack("I", 0),
        MAX_WORKSPACE: pack("Q", 0),
        REDUCTION_MASK: pack("I", 7),
        **dict.fromkeys(ALIGNMENTS, pack("I", 256)),
    },
}


class LibraryObject:
    """An object of the library: attribute number → bytes, as they were set."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.bytes = dict(DEFAULTS[kind])

    def __getitem__(self, attribute: int) -> int:
        """Return an attribute as the number that it is; all are little-endian."""
        signed = self.kind is not Kind.PREFERENCE and attribute not in (BIAS_POINTER, AUX_POINTER)
        return int.from_bytes(self.bytes[attribute], "little", signed=signed)

    def copy(self) -> LibraryObject:
        """Return an object with the same attributes, which no longer change."""
        copied = LibraryObject(self.kind)
        copied.bytes = dict(self.bytes)
        return copied
