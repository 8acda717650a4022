"""The arithmetic of ``cublasLtMatmul`` and its epilogues, in the type of the sums."""

from __future__ import annotations

import numpy as np

from . import attributes as of
from . import storage
from .problem import BGRADA, BGRADB, FAST_TF32, GELU, RELU, Problem

SLOPE, CUBIC = np.sqrt(2 / np.pi), 0.044715  # of the tanh form of GELU


def compute(problem: Problem, alpha: float, a: int, b: int, beta: float, c: int, d: int) -> None:
    """Compute a product at these addresses."""
    factors = []
    for address, layout, transpose in (
        (a, problem.a, problem.transpose_a),
        (b, problem.b, problem.transpose_b),
    ):
        factor = storage.load(address, layout[of.TYPE], layout[of.ROWS], layout[of.COLS], layout[of.LD])
        factor = storage.tf32(factor) if problem.compute_type == FAST_TF32 else factor
        factors.append(factor.T if transpose else factor)
    data_type, leading = problem.d[of.TYPE], problem.d[of.LD]
    with np.errstate(all="ignore"):  # a GPU doesn't warn
        values = alpha * (factors[0] @ factors[1])
        if beta != 0:  # else C isn't read
            values += beta * storage.load(c, data_type, problem.m, problem.n, leading)
        if problem.epilogue == BGRADA:
            _store_gradient(problem, factors[0].sum(axis=1))
        elif problem.epilogue == BGRADB:
            _store_gradient(problem, factors[1].sum(axis=0))
        elif problem.is_forward:
            values = _forward(problem, values)
        else:
            values = _backward(problem, values)
        storage.store(values, d, data_type, leading)


def _forward(problem: Problem, values: np.ndarray) -> np.ndarray:
    if problem.adds_bias:
        values = values + storage.load(problem.vector, problem.d[of.TYPE], problem.m, 1, problem.m)
    if problem.has_aux:
        if problem.masks:
            _mask(problem)[: -(-problem.m // 8)] = np.packbits(values > 0, axis=0, bitorder="little")
        else:
            storage.store(values, problem.aux, problem.d[of.TYPE], problem.descriptor[of.AUX_LD])
    if problem.epilogue & RELU:
        return np.maximum(values, 0)
    if problem.epilogue & GELU:
        return values * (1 + np.tanh(SLOPE * (values + CUBIC * values**3))) / 2
    return values


def _backward(problem: Problem, values: np.ndarray) -> np.ndarray:
    if problem.masks:
        kept = np.unpackbits(_mask(problem), axis=0, bitorder="little")[: problem.m]
        values = np.where(kept, values, 0)
    else:
        x = storage.load(problem.aux, problem.d[of.TYPE], problem.m, problem.n, problem.descriptor[of.AUX_LD])
        t = np.tanh(SLOPE * (x + CUBIC * x**3))
        values = values * ((1 + t) / 2 + x * (1 - t * t) / 2 * SLOPE * (1 + 3 * CUBIC * x * x))
    if problem.writes_gradient:
        _store_gradient(problem, values.sum(axis=1))
    return values


def _mask(problem: Problem) -> np.ndarray:
    """Return the bytes of the bits, a column for each column of D."""
    rows = problem.descriptor[of.AUX_LD] // 8
    return storage.matrix(problem.aux, np.uint8, rows, problem.n, rows)


def _store_gradient(problem: Problem, sums: np.ndarray) -> None:
    storage.store(sums[:, None], problem.vector, problem.d[of.TYPE], problem.vector_size)
