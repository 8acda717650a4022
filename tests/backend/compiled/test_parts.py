"""How operations are divided among the members of a team."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

pytest.importorskip("numba")
from gpunet.backend import blas, mkl
from gpunet.backend.compiled.issue import Issue
from gpunet.backend.compiled_backend import CompiledBackend

SIZES = [(0, [(0, 0)]), (1, [(0, 1)]), (31, [(0, 31)]), (64, [(0, 32), (32, 64)])]
SIZES += [
    (95, [(0, 48), (48, 95)]),
    (97, [(0, 48), (48, 96), (96, 97)]),
    (1025, [(0, 352), (352, 704), (704, 1025)]),
]


@pytest.mark.parametrize(("size", "expected"), SIZES)
def test_shares_begin_at_multiples_and_are_worth_a_thread(size: int, expected: list[tuple[int, int]]) -> None:
    issue = Issue()
    found: list[slice] = []

    def operation() -> None:
        found.extend(issue.slices(size, 2, 64, 16))

    issue.record(operation, 3)
    assert [(share.start, share.stop) for share in found] == expected
    assert [(share.start, share.stop) for share in issue.slices(size, 2, 64, 16)] == [
        (0, size)
    ]  # nothing is recorded


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("library", ["NumPy's", "MKL, where there is one"])
@pytest.mark.parametrize("transpose_a", [False, True])
@pytest.mark.parametrize("transpose_b", [False, True])
@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(1, 1, 1), (33, 127, 31), (127, 1025, 33), (31, 129, 1025)]
)
def test_products_in_parts(
    rows: int,
    inner: int,
    columns: int,
    transpose_a: bool,
    transpose_b: bool,
    dtype: str,
    library: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blas, "threads", lambda: 3)
    monkeypatch.setattr("gpunet.backend.compiled.product.GRAIN", 1)
    if library == "NumPy's":
        monkeypatch.setattr(mkl, "routine", lambda dtype: 0)
    generator = np.random.default_rng(3)
    a = generator.integers(-4, 5, (inner, rows) if transpose_a else (rows, inner)).astype(dtype)
    b = generator.integers(-4, 5, (columns, inner) if transpose_b else (inner, columns)).astype(dtype)
    out = np.full((rows, columns), np.nan, dtype)
    backend = CompiledBackend()
    backend.record([partial(backend.matmul, a, b, out, transpose_a, transpose_b)])(1)
    expected = (a.T if transpose_a else a) @ (b.T if transpose_b else b)
    assert np.array_equal(out, expected)  # of small whole numbers every order has the same sum
