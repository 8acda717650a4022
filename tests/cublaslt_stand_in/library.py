"""The shared library: functions with the C prototypes of ``cublasLt.h``, so that arguments are converted as in C."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import c_float, c_int, c_size_t, c_uint64, c_void_p
from typing import Any

from . import attributes as of
from .attributes import Kind
from .objects import INTERNAL_ERROR, INVALID_VALUE, NOT_INITIALIZED, NOT_SUPPORTED, SUCCESS, Objects
from .problem import COMPUTE_64F, Problem
from .work import Operands, Work


class Result(ctypes.Structure):
    """``cublasLtMatmulHeuristicResult_t``."""

    _fields_ = [
        ("algo", c_uint64 * 8),
        ("workspaceSize", c_size_t),
        ("state", c_int),
        ("wavesCount", c_float),
        ("reserved", c_int * 4),
    ]


class StandInLibrary(Objects):
    """Plays what ``ctypes.CDLL`` returns for cuBLASLt.

    Attributes:
        offers: Tells of an epilogue's number whether the heuristic has an algorithm for it.
        refusal: The status of the heuristic where it has none; 0 is success without a result.
        workspace_size: What its algorithms need.
        defer: Given some work, tells whether a capturing stream has taken it; else it is done at once.
        works: Each product so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.offers: Callable[[int], bool] = lambda epilogue: True
        self.refusal = NOT_SUPPORTED
        self.workspace_size = 1 << 16
        self.defer: Callable[[Work], bool] | None = None
        self.works: list[Work] = []
        self._choices: list[tuple[Any, int, list[int]]] = []
        pointer = c_void_p
        self.define(
            "cublasLtMatmulAlgoGetHeuristic", self._heuristic, *[pointer] * 7, c_int, pointer, pointer
        )
        self.define("cublasLtMatmul", self._matmul, *[pointer] * 14, c_size_t, pointer)

    def _problem(self, descriptor: int | None, *layouts: int | None) -> Problem | None:
        described = self.find(descriptor, Kind.DESCRIPTOR)
        laid_out = [self.find(layout, Kind.LAYOUT) for layout in layouts]
        return None if described is None or None in laid_out else Problem(described, *laid_out)

    def _heuristic(self, handle: int, *rest: int) -> int:
        *described, preference, wanted, results, found = rest
        problem, preferred = self._problem(*described), self.find(preference, Kind.PREFERENCE)
        if self.find(handle, Kind.HANDLE) is None:
            return NOT_INITIALIZED
        if problem is None or preferred is None or wanted < 1:
            return INVALID_VALUE
        if self.defer is not None and self.defer(Work()):
            return INTERNAL_ERROR  # nothing may be asked while a stream captures
        c_int.from_address(found).value = 0
        need = self.workspace_size if preferred[of.MAX_WORKSPACE] >= self.workspace_size else 0
        if problem.fault() or not self.offers(problem.epilogue):
            return self.refusal
        fused = (min(pointer & -pointer or 256, 256) for pointer in (problem.vector, problem.aux))
        alignments = [*map(preferred.__getitem__, of.ALIGNMENTS), *fused]
        self._choices.append((problem.signature, need, alignments))
        result = Result.from_address(results)
        result.algo[0] = len(self._choices)
        result.workspaceSize, result.state, result.wavesCount = need, SUCCESS, 1.0
        c_int.from_address(found).value = 1
        return SUCCESS

    def _matmul(self, handle: int, descriptor: int, alpha: int | None, *rest: Any) -> int:
        a, layout_a, b, layout_b, beta, c, layout_c, d, layout_d, algorithm, workspace, size, stream = rest
        problem = self._problem(descriptor, layout_a, layout_b, layout_c, layout_d)
        if self.find(handle, Kind.HANDLE) is None:
            return NOT_INITIALIZED
        if problem is None or None in (alpha, a, b, beta, c, d, algorithm):
            return INVALID_VALUE
        number = c_uint64.from_address(algorithm).value
        signature, need, alignments = self._choices[number - 1]
        pointers = a, b, c, d, problem.vector, problem.aux
        is_aligned = all(p % least == 0 for p, least in zip(pointers, alignments, strict=True))
        if problem.fault() or not problem.has_pointers or problem.signature != signature or not is_aligned:
            return INVALID_VALUE
        if size < need or (need and (not workspace or workspace % 16)):
            return INVALID_VALUE
        scalar = ctypes.c_double if problem.compute_type == COMPUTE_64F else c_float
        scales = [scalar.from_address(address).value for address in (alpha, beta)]
        work = Work(problem, Operands(scales[0], a, b, scales[1], c, d), (workspace, need), stream)
        self.works.append(work)
        if self.defer is None or not self.defer(work):
            work()
        return SUCCESS
