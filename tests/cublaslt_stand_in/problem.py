"""What ``cublasLtMatmul`` is asked to compute, read back from descriptors and layouts and checked as documented."""

from __future__ import annotations

from . import attributes as of
from .attributes import LibraryObject
from .storage import R_16BF, R_16F, R_32F, R_64F, size

COMPUTE_32F, COMPUTE_64F, FAST_TF32 = 68, 70, 77  # cublasComputeType_t
RELU, BIAS, GELU, AUX = 2, 4, 32, 128  # bits of cublasLtEpilogue_t
DRELU, DRELU_BGRAD, DGELU, DGELU_BGRAD, BGRADA, BGRADB = 136, 152, 192, 208, 256, 512
EPILOGUES = (1, 2, 4, 6, 32, 36, 130, 134, 136, 152, 160, 164, 192, 208, 256, 512)
GRADIENTS = (DRELU_BGRAD, DGELU_BGRAD, BGRADA, BGRADB)

SUPPORTED = {  # compute type, scale type, type of A and B, type of C and D: the table in cublasLtMatmul's documentation
    (COMPUTE_32F, R_32F, R_32F, R_32F),
    (COMPUTE_32F, R_32F, R_16F, R_16F),
    (COMPUTE_32F, R_32F, R_16F, R_32F),
    (COMPUTE_32F, R_32F, R_16BF, R_16BF),
    (COMPUTE_32F, R_32F, R_16BF, R_32F),
    (FAST_TF32, R_32F, R_32F, R_32F),
    (COMPUTE_64F, R_64F, R_64F, R_64F),
}


class Problem:
    """A product: D (m × n) = epilogue(alpha · op(A) op(B) + beta · C), all column-major.

    Args:
        descriptor: What is computed.
        a: The layout of A.
        b: The layout of B.
        c: The layout of C.
        d: The layout of D.
    """

    def __init__(self, descriptor: LibraryObject, *layouts: LibraryObject) -> None:
        self.descriptor = descriptor.copy()
        self.a, self.b, self.c, self.d = (layout.copy() for layout in layouts)
        self.compute_type = descriptor[of.COMPUTE_TYPE]
        self.transpose_a, self.transpose_b = descriptor[of.TRANSA], descriptor[of.TRANSB]
        self.epilogue = descriptor[of.EPILOGUE]
        self.vector, self.aux = descriptor[of.BIAS_POINTER], descriptor[of.AUX_POINTER]
        self.m, self.n = self.d[of.ROWS], self.d[of.COLS]

    @property
    def adds_bias(self) -> bool:
        """Whether a vector is read."""
        return self.epilogue < BGRADA and bool(self.epilogue & BIAS)

    @property
    def writes_gradient(self) -> bool:
        """Whether a vector is written."""
        return self.epilogue in GRADIENTS

    @property
    def masks(self) -> bool:
        """Whether the auxiliary buffer holds bits."""
        return self.epilogue in (RELU | AUX, RELU | AUX | BIAS, DRELU, DRELU_BGRAD)

    @property
    def has_aux(self) -> bool:
        """Whether there is an auxiliary buffer."""
        return self.epilogue < BGRADA and bool(self.epilogue & AUX)

    @property
    def is_forward(self) -> bool:
        """Whether the auxiliary buffer is written, not read."""
        return self.epilogue not in (DRELU, DRELU_BGRAD, DGELU, DGELU_BGRAD)

    @property
    def has_pointers(self) -> bool:
        """Whether it was said where the epilogue's arrays are."""
        wants_vector = self.adds_bias or self.writes_gradient
        return bool((self.vector or not wants_vector) and (self.aux or not self.has_aux))

    @property
    def aux_size(self) -> int:
        """The bytes of the auxiliary buffer."""
        elements = self.descriptor[of.AUX_LD] * self.n
        return elements // 8 if self.masks else elements * size(self.d[of.TYPE])

    @property
    def vector_size(self) -> int:
        """The elements of the bias or its gradient."""
        return self.n if self.epilogue == BGRADB else self.m

    @property
    def signature(self) -> tuple[object, ...]:
        """All but the addresses: what an algorithm is chosen for."""
        described = {
            key: value
            for key, value in self.descriptor.bytes.items()
            if key not in (of.BIAS_POINTER, of.AUX_POINTER)
        }
        return described, *(layout.bytes for layout in (self.a, self.b, self.c, self.d))

    def fault(self) -> str | None:
        """Return what is wrong with it, if something is."""
        inner_a = self._turned(self.a, self.transpose_a)
        inner_b = self._turned(self.b, self.transpose_b)
        types = self.compute_type, self.descriptor[of.SCALE_TYPE], self.a[of.TYPE], self.d[of.TYPE]
        if self.transpose_a not in (0, 1) or self.transpose_b not in (0, 1):
            return "operation"
        if inner_a[0] != self.m or inner_b[1] != self.n or inner_a[1] != inner_b[0]:
            return "shapes"
        if self.c.bytes != self.d.bytes:
            return "C isn't D"
        if self.a[of.TYPE] != self.b[of.TYPE] or types not in SUPPORTED:
            return "types"
        for layout in (self.a, self.b, self.d):
            if not 0 < layout[of.ROWS] <= layout[of.LD] or not 0 < layout[of.COLS] < 1 << 31:
                return "extent"
            if layout[of.ORDER] != 0 or layout[of.BATCH_COUNT] != 1:
                return "order or batch"
        if self.epilogue not in EPILOGUES:
            return "epilogue"
        return self._auxiliary_fault()

    def _auxiliary_fault(self) -> str | None:
        leading = self.descriptor[of.AUX_LD]
        if self.has_aux and (leading < self.m or leading % (128 if self.masks else 8)):
            return "leading dimension of the auxiliary buffer"
        if self.has_aux and self.aux % (16 if self.masks else size(self.d[of.TYPE])):
            return "alignment of the auxiliary buffer"
        if (self.adds_bias or self.writes_gradient) and self.vector % size(self.d[of.TYPE]):
            return "alignment of the vector"
        return None

    @staticmethod
    def _turned(layout: LibraryObject, transpose: int) -> tuple[int, int]:
        shape = layout[of.ROWS], layout[of.COLS]
        return shape[::-1] if transpose else shape
