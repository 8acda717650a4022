"""A product as something to be done later: what a graph keeps."""

from __future__ import annotations

from typing import NamedTuple

from . import attributes as of
from .arithmetic import compute
from .attributes import LibraryObject
from .problem import Problem
from .storage import size

Range = tuple[int, int]  # address and bytes


class Operands(NamedTuple):
    """Scalars and addresses."""

    alpha: float
    a: int
    b: int
    beta: float
    c: int
    d: int


class Work:
    """A call of ``cublasLtMatmul``; calling it does the work. Without a problem there is nothing to do.

    Attributes:
        stream: Where it was enqueued; ``None`` is the legacy default stream.
        reads: The memory that it reads.
        writes: The memory that it writes; the workspace among it.
    """

    def __init__(
        self,
        problem: Problem | None = None,
        operands: Operands | None = None,
        workspace: Range | None = None,
        stream: int | None = None,
    ) -> None:
        self.problem, self.operands, self.stream = problem, operands, stream
        self.reads: list[Range] = []
        self.writes: list[Range] = []
        if problem is not None and operands is not None and workspace is not None:
            output = operands.d, _extent(problem.d)
            vector = problem.vector, problem.vector_size * size(problem.d[of.TYPE])
            self.reads += [(operands.a, _extent(problem.a)), (operands.b, _extent(problem.b))]
            self.reads += [output] * (operands.beta != 0) + [vector] * problem.adds_bias
            self.writes += [output, workspace] + [vector] * problem.writes_gradient
            if problem.has_aux:
                (self.writes if problem.is_forward else self.reads).append((problem.aux, problem.aux_size))

    def __call__(self) -> None:
        if self.problem is not None and self.operands is not None:
            compute(self.problem, *self.operands)


def _extent(layout: LibraryObject) -> int:
    return ((layout[of.COLS] - 1) * layout[of.LD] + layout[of.ROWS]) * size(layout[of.TYPE])
