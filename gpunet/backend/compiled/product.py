"""Matrix products by the BLAS library that NumPy brings along, called without NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .. import blas
from ..blas import ALONE
from ..formulas import Array
from .arguments import integer, matrix
from .kernel import Issue, Kernel

ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112  # CBLAS_LAYOUT and CBLAS_TRANSPOSE


@intrinsic
def _gemm(typing_context: Any, address: Any, sizes: Any, a: Any, b: Any, out: Any) -> Any:
    """Call ``cblas_?gemm`` with (transpose_a, transpose_b, m, n, k, lda, ldb, ldc)."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        code, sizes, *matrices = values
        real, word, flag = context.get_value_type(a.dtype), ir.IntType(64), ir.IntType(32)
        pointer = real.as_pointer()
        kind = ir.FunctionType(
            ir.VoidType(),
            [flag] * 3 + [word] * 3 + [real, pointer, word, pointer, word, real, pointer, word],
        )
        transpose_a, transpose_b, m, n, k, lda, ldb, ldc = (builder.extract_value(sizes, i) for i in range(8))
        data = [
            context.make_array(array)(context, builder, value).data
            for array, value in zip((a, b, out), matrices, strict=True)
        ]
        builder.call(
            builder.inttoptr(code, kind.as_pointer()),
            [
                ir.Constant(flag, ROW_MAJOR),
                builder.trunc(transpose_a, flag),
                builder.trunc(transpose_b, flag),
                *(m, n, k),
                ir.Constant(real, 1.0),
                *(data[0], lda, data[1], ldb),
                ir.Constant(real, 0.0),
                *(data[2], ldc),
            ],
        )
        return context.get_dummy_value()

    return types.none(address, sizes, a, b, out), generate


@intrinsic
def _get_threads(typing_context: Any, address: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        return builder.call(builder.inttoptr(values[0], kind.as_pointer()), [])

    return types.int32(types.int64), generate


@intrinsic
def _set_threads(typing_context: Any, address: Any, count: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(32)])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [values[1]])
        return context.get_dummy_value()

    return types.none(types.int64, types.int32), generate


@Kernel
def product(arguments):
    """out (2) = op(a) op(b) by the routine at (5); (3) and (4) tell what is transposed."""
    a, b, out = matrix(arguments, 0), matrix(arguments, 1), matrix(arguments, 2)
    transpose_a, transpose_b = integer(arguments, 3), integer(arguments, 4)
    inner = a.shape[0] if transpose_a else a.shape[1]
    sizes = (
        np.int64(TRANSPOSED if transpose_a else PLAIN),
        np.int64(TRANSPOSED if transpose_b else PLAIN),
        *out.shape,
        inner,
        a.shape[1],
        b.shape[1],
        out.shape[1],
    )
    get_threads, set_threads = integer(arguments, 6), integer(arguments, 7)
    if get_threads != 0 and out.size * inner <= ALONE:
        threads = _get_threads(get_threads)
        _set_threads(set_threads, np.int32(1))
        _gemm(integer(arguments, 5), sizes, a, b, out)
        _set_threads(set_threads, threads)
    else:
        _gemm(integer(arguments, 5), sizes, a, b, out)


def multiply(issue: Issue, a: Array, b: Array, out: Array, transpose_a: bool, transpose_b: bool) -> bool:
    """Compute ``out = op(a) @ op(b)`` where ``op`` transposes on demand."""
    matrices = a, b, out
    if out.dtype not in blas.LETTERS or not all(array.size and array.ndim == 2 for array in matrices):
        return False
    address = blas.routine(out.dtype)
    numbers = int(transpose_a), int(transpose_b), address, *blas.thread_functions()
    return address != 0 and issue(product, *matrices, *numbers)
