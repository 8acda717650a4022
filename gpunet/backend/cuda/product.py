"""A matrix product with what is fused to it: whether its arrays fit one another, and how cuBLASLt is told about them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..formulas import Array
from .cublaslt import ComputeType, DataType, Epilogue

ALIGNMENT = 256  # bytes: more than that no algorithm asks for

TYPES = {
    "float32": DataType.R_32F,
    "float64": DataType.R_64F,
    "float16": DataType.R_16F,
    "uint16": DataType.R_16BF,  # bfloat16, which NumPy and CuPy don't have
}
OUTPUTS = {
    "float32": ("float32",),
    "float64": ("float64",),
    "float16": ("float16", "float32"),
    "uint16": ("uint16", "float32"),
}
EPILOGUES = {  # name, with a bias, with a bias gradient
    (None, False, False): Epilogue.DEFAULT,
    (None, True, False): Epilogue.BIAS,
    (None, False, True): Epilogue.BGRADA,
    ("bias", True, False): Epilogue.BIAS,
    ("relu", False, False): Epilogue.RELU,
    ("relu", True, False): Epilogue.RELU_BIAS,
    ("gelu", False, False): Epilogue.GELU,
    ("gelu", True, False): Epilogue.GELU_BIAS,
    ("relu_aux", False, False): Epilogue.RELU_AUX,
    ("relu_aux", True, False): Epilogue.RELU_AUX_BIAS,
    ("gelu_aux", False, False): Epilogue.GELU_AUX,
    ("gelu_aux", True, False): Epilogue.GELU_AUX_BIAS,
    ("drelu", False, False): Epilogue.DRELU,
    ("drelu", False, True): Epilogue.DRELU_BGRAD,
    ("dgelu", False, False): Epilogue.DGELU,
    ("dgelu", False, True): Epilogue.DGELU_BGRAD,
}
BIT_MASKS, WITH_AUXILIARY = ("relu_aux", "drelu"), ("relu_aux", "drelu", "gelu_aux", "dgelu")
PRECISIONS = (None, "float32", "tf32")


def auxiliary(epilogue: str, rows: int, units: int, dtype: Any) -> tuple[tuple[int, int], np.dtype[Any]]:
    """Return shape and dtype of what ``"relu_aux"`` or ``"gelu_aux"`` keeps for ``"drelu"`` or ``"dgelu"``.

    For the ReLU that is a bit for each unit, rows padded to 128 bits; for the GELU its input, rows padded to 8 elements.

    Args:
        epilogue: One of the four.
        rows: The rows of the product.
        units: Its columns.
        dtype: Its dtype.

    Example:
        >>> auxiliary("relu_aux", 32, 130, "float32")
        ((32, 32), dtype('uint8'))
    """
    if epilogue in BIT_MASKS:
        return (rows, -(-units // 128) * 16), np.dtype(np.uint8)
    return (rows, -(-units // 8) * 8), np.dtype(dtype)


class Product(NamedTuple):
    """``out = epilogue(op(a) @ op(b) + bias)``; ``MatrixProducts`` says what the parts are."""

    a: Array
    b: Array
    out: Array
    transpose_a: bool
    transpose_b: bool
    bias: Array | None
    epilogue: str | None
    bias_gradient: Array | None
    aux: Array | None
    precision: str | None

    @property
    def plain(self) -> bool:
        """Whether nothing is fused with it."""
        return self.epilogue is None and self.bias is None and self.bias_gradient is None

    @property
    def vector(self) -> Array | None:
        """The bias or its gradient: cuBLASLt has one pointer for both."""
        return self.bias_gradient if self.bias is None else self.bias

    @property
    def key(self) -> tuple[Any, ...]:
        """All that a plan depends on: everything but where the arrays are."""
        arrays = self.a, self.b, self.out, self.bias, self.bias_gradient, self.aux
        return self.transpose_a, self.transpose_b, self.epilogue, self.precision, *map(_kind, arrays)

    @property
    def code(self) -> Epilogue:
        """The epilogue's number."""
        return EPILOGUES[self.epilogue, self.bias is not None, self.bias_gradient is not None]

    @property
    def compute_type(self) -> ComputeType:
        """The type of the sums, and how exactly factors are taken."""
        if self.a.dtype == np.float64:
            return ComputeType.COMPUTE_64F
        if self.precision == "tf32" and self.a.dtype == np.float32:
            return ComputeType.COMPUTE_32F_FAST_TF32
        return ComputeType.COMPUTE_32F

    @property
    def representable(self) -> bool:
        """Whether cuBLASLt can be told about these dtypes and layouts."""
        a, b, out, vector = self.a, self.b, self.out, self.vector
        return (
            a.dtype == b.dtype
            and out.dtype.name in OUTPUTS.get(a.dtype.name, ())
            and all(leading_dimension(matrix) for matrix in (a, b, out))
            and (vector is None or (vector.dtype == out.dtype and _is_packed(vector)))
        )

    def check(self) -> None:
        """Check that the parts fit one another.

        Raises:
            ValueError: They don't.
        """
        left, right = _turned(self.a, self.transpose_a), _turned(self.b, self.transpose_b)
        units = right[1]
        if left[1] != right[0] or self.out.shape != (left[0], units):
            raise ValueError(
                f"gpunet: expected a product of (m, k) and (k, n) into (m, n), got {left} and {right} into {self.out.shape}."
            )
        if self.precision not in PRECISIONS:
            raise ValueError(f'gpunet: expected precision "float32" or "tf32", got {self.precision!r}.')
        if (self.epilogue, self.bias is not None, self.bias_gradient is not None) not in EPILOGUES:
            fused = [name for name in ("bias", "bias_gradient") if getattr(self, name) is not None]
            raise ValueError(
                f"gpunet: no epilogue {self.epilogue!r} goes with {' and '.join(fused) or 'no bias'}."
            )
        for name in ("bias", "bias_gradient"):
            vector = getattr(self, name)
            if vector is not None and vector.shape != (units,):
                raise ValueError(f"gpunet: expected a {name} of shape {(units,)}, got {vector.shape}.")
        self._check_auxiliary()

    def _check_auxiliary(self) -> None:
        aux = self.aux
        if self.epilogue not in WITH_AUXILIARY:
            if aux is not None:
                raise ValueError(f"gpunet: epilogue {self.epilogue!r} has no use for aux.")
            return
        rows, units = self.out.shape
        shape, dtype = auxiliary(self.epilogue, rows, units, self.out.dtype)
        if aux is None or aux.shape != shape or aux.dtype != dtype or leading_dimension(aux) != shape[1]:
            got = "None" if aux is None else f"{aux.dtype}{aux.shape}"
            raise ValueError(
                f"gpunet: epilogue {self.epilogue!r} needs a contiguous aux of {dtype}{shape}, got {got}."
            )


def leading_dimension(matrix: Array) -> int | None:
    """Return how many elements lie from row to row; ``None`` if the rows have gaps inside, overlap or run backwards."""
    rows, columns = matrix.shape
    if columns > 1 and matrix.strides[1] != matrix.itemsize:
        return None
    if rows <= 1:
        return int(columns)
    dimension, rest = divmod(matrix.strides[0], matrix.itemsize)
    return int(dimension) if dimension >= columns and not rest else None


def alignment(array: Array) -> int:
    """Return the largest power of two that divides the address, up to what matters."""
    address = array.data.ptr
    return int(min(address & -address, ALIGNMENT))


def _kind(array: Array | None) -> tuple[Any, ...] | None:
    return None if array is None else (array.shape, array.strides, array.dtype, alignment(array))


def _is_packed(vector: Array) -> bool:
    return bool(vector.size <= 1 or vector.strides[0] == vector.itemsize)


def _turned(matrix: Array, transpose: bool) -> tuple[int, ...]:
    return tuple(matrix.shape[::-1] if transpose else matrix.shape)
