"""CUDA kernels: compiled for the host and run there, once their arguments have been checked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from .arguments import convert
from .errors import INVALID_VALUE, NOT_FOUND, OUT_OF_RESOURCES, CUDADriverError

if TYPE_CHECKING:
    from .gpu import Gpu

GRID = 2**31 - 1, 65_535, 65_535
BLOCK = 1024, 1024, 64
THREADS = 1024
SHARED_MEMORY = 48 << 10  # bytes of dynamic shared memory that a kernel may use without having asked for more


@cache
def _module(code: str, expressions: tuple[str, ...], options: tuple[str, ...], checked: bool) -> Any:
    """Compile once in a process, whichever stand-in asks."""
    from cuda_on_host import Module

    return Module(code, list(expressions), options=options, checked=checked)


class RawModule:
    """``cupy.RawModule``."""

    gpu: Gpu
    widen: Callable[[str, list[str]], list[str]]

    def __init__(
        self,
        *,
        code: str,
        options: tuple[str, ...] = (),
        backend: str = "nvrtc",
        name_expressions: Sequence[str] | None = None,
    ) -> None:
        if not isinstance(options, tuple):
            raise TypeError(
                f"Argument 'options' has incorrect type (expected tuple, got {type(options).__name__})"
            )
        if name_expressions is not None and backend != "nvrtc":
            raise ValueError(
                "only nvrtc supports retrieving the mangled names for the given name expressions"
            )
        self.code, self.options = code, options
        self.name_expressions = tuple(name_expressions or ())

    def get_function(self, name: str) -> RawKernel:
        """Return a kernel; the module is compiled now, together with all that may be asked for later."""
        if name not in self.name_expressions and f" {name}(" not in self.code:
            raise CUDADriverError(NOT_FOUND)
        expressions = self.widen(self.code, list(self.name_expressions))
        wanted = tuple(dict.fromkeys([*expressions, *self.name_expressions, name]))
        module = _module(self.code, wanted, self.options, self.gpu.checked)
        return RawKernel(self.gpu, name, module.function(name))


class RawKernel:
    """``cupy.RawKernel``."""

    def __init__(self, gpu: Gpu, name: str, function: Any) -> None:
        self.gpu, self.name, self.function = gpu, name, function
        self.max_threads_per_block = getattr(function, "max_threads_per_block", None) or THREADS
        self._shared_memory = SHARED_MEMORY

    @property
    def max_dynamic_shared_size_bytes(self) -> int:
        """Bytes of dynamic shared memory that a launch may ask for."""
        return self._shared_memory

    @max_dynamic_shared_size_bytes.setter
    def max_dynamic_shared_size_bytes(self, size: int) -> None:
        if not 0 <= size <= self.gpu.shared_memory_per_block:
            raise CUDADriverError(INVALID_VALUE)
        self._shared_memory = size

    def __call__(
        self,
        grid: tuple[int, ...],
        block: tuple[int, ...],
        args: Any,
        *,
        shared_mem: int = 0,
        stream: Any = None,
    ) -> None:
        """Launch it. CuPy makes 1 of a 0 in ``grid`` and ``block``."""
        grid, block = _dimensions("grid", grid), _dimensions("block", block)
        limits = zip(grid + block, GRID + BLOCK, strict=True)
        if any(size > limit for size, limit in limits) or math.prod(block) > THREADS:
            raise CUDADriverError(INVALID_VALUE)
        if math.prod(block) > self.max_threads_per_block:
            raise CUDADriverError(OUT_OF_RESOURCES)
        if shared_mem > self._shared_memory:
            raise CUDADriverError(INVALID_VALUE)
        arguments, reads, writes = convert(self.name, self.function.parameters, tuple(args))

        queue = self.gpu.queue_of(stream)
        queue.submit(
            lambda: self.function.launch(grid, block, arguments, shared_memory=shared_mem), reads, writes
        )
        self.gpu.counts.kernel_launches += queue.capture is None


def _dimensions(name: str, given: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(given, tuple):
        raise TypeError(f"Argument '{name}' has incorrect type (expected tuple, got {type(given).__name__})")
    return tuple(max(1, size.__index__()) for size in (*given, 1, 1)[:3])
