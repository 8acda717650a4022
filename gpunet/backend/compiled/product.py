"""Matrix products by the BLAS library that NumPy brings along, called without NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .. import blas
from ..formulas import Array
from .arguments import integer, matrix
from .issue import Issue
from .kernel import Kernel

GRAIN = 250_000  # multiplications that are worth a thread of their own: a few microseconds
MULTIPLE = 16  # rows or columns that a part begins at: what the library's innermost loops take at once
ROW_MAJOR, PLAIN, TRANSPOSED = 101, 111, 112  # CBLAS_LAYOUT and CBLAS_TRANSPOSE


@intrinsic
def _gemm(typing_context: Any, address: Any, sizes: Any, firsts: Any, a: Any, b: Any, out: Any) -> Any:
    """Call ``cblas_?gemm`` with (transpose_a, transpose_b, m, n, k, lda, ldb, ldc) from given elements of a, b and out on."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        code, sizes, firsts, *matrices = values
        real, word, flag = context.get_value_type(a.dtype), ir.IntType(64), ir.IntType(32)
        pointer = real.as_pointer()
        kind = ir.FunctionType(
            ir.VoidType(),
            [flag] * 3 + [word] * 3 + [real, pointer, word, pointer, word, real, pointer, word],
        )
        transpose_a, transpose_b, m, n, k, lda, ldb, ldc = (builder.extract_value(sizes, i) for i in range(8))
        starts = [
            context.make_array(array)(context, builder, value).data
            for array, value in zip((a, b, out), matrices, strict=True)
        ]
        starts = [builder.gep(start, [builder.extract_value(firsts, i)]) for i, start in enumerate(starts)]
        builder.call(
            builder.inttoptr(code, kind.as_pointer()),
            [
                ir.Constant(flag, ROW_MAJOR),
                builder.trunc(transpose_a, flag),
                builder.trunc(transpose_b, flag),
                *(m, n, k),
                ir.Constant(real, 1.0),
                *(starts[0], lda, starts[1], ldb),
                ir.Constant(real, 0.0),
                *(starts[2], ldc),
            ],
        )
        return context.get_dummy_value()

    return types.none(address, sizes, firsts, a, b, out), generate


@Kernel
def product(arguments):
    """Rows (6) to (7) and columns (8) to (9) of out (2) = op(a) op(b) by the routine at (5); (3), (4): what is transposed."""
    a, b, out = matrix(arguments, 0), matrix(arguments, 1), matrix(arguments, 2)
    transpose_a, transpose_b = integer(arguments, 3), integer(arguments, 4)
    row, rows = integer(arguments, 6), integer(arguments, 7) - integer(arguments, 6)
    column, columns = integer(arguments, 8), integer(arguments, 9) - integer(arguments, 8)
    sizes = (
        np.int64(TRANSPOSED if transpose_a else PLAIN),
        np.int64(TRANSPOSED if transpose_b else PLAIN),
        rows,
        columns,
        a.shape[0] if transpose_a else a.shape[1],
        a.shape[1],
        b.shape[1],
        out.shape[1],
    )
    firsts = (
        row if transpose_a else row * a.shape[1],
        column * b.shape[1] if transpose_b else column,
        row * out.shape[1] + column,
    )
    _gemm(integer(arguments, 5), sizes, firsts, a, b, out)


def multiply(issue: Issue, a: Array, b: Array, out: Array, transpose_a: bool, transpose_b: bool) -> bool:
    """Compute ``out = op(a) @ op(b)`` where ``op`` transposes on demand."""
    matrices = a, b, out
    if out.dtype not in blas.LETTERS or not all(
        array.size and array.ndim == 2 and array.dtype == out.dtype for array in matrices
    ):
        return False
    numbers = int(transpose_a), int(transpose_b), blas.routine(out.dtype)
    rows, columns = out.shape
    inner = a.shape[0 if transpose_a else 1]
    if rows >= columns:
        shares = issue.slices(rows, columns * inner, GRAIN, MULTIPLE)
        bounds = [(share.start, share.stop, 0, columns) for share in shares]
    else:
        shares = issue.slices(columns, rows * inner, GRAIN, MULTIPLE)
        bounds = [(0, rows, share.start, share.stop) for share in shares]
    return numbers[-1] != 0 and issue.parts(product, [(*matrices, *numbers, *bound) for bound in bounds])
