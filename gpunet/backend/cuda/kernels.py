"""Kernels: compiled when first needed, launched with arguments of exactly the types that they declare."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..formulas import Array, own
from . import catalogue

BLOCK = 256  # threads of a block, of all kernels whose grid depends on the size of what they work on
NULL = np.uintp(0)  # a null pointer, eight bytes
SCALARS: dict[str, Callable[[Any], Any]] = {
    "bool": np.bool_,
    "int": np.int32,
    "unsigned int": np.uint32,
    "long long": np.int64,
    "unsigned long long": np.uint64,
    "float": np.float32,
    "double": np.float64,
}


class Kernels:
    """The kernels of one device.

    Args:
        cupy: The module to compile and to launch with.

    Attributes:
        WORKSPACE: The number of elements of ``workspace``.
    """

    WORKSPACE = 1 << 19

    def __init__(self, cupy: Any) -> None:
        self.cupy = cupy
        self._functions: dict[tuple[str, tuple[str, ...]], tuple[Any, int, list[Any]]] = {}

    @cached_property
    def workspace(self) -> Array:
        """A float64 buffer that any operation may use while it runs: operations follow one another on one stream."""
        return self.cupy.empty(self.WORKSPACE, np.float64)

    def has(self, kind: str, formula: Any) -> bool:
        """Tell whether there is a functor for a formula: ``kind`` is the name of the template parameter."""
        return own(formula) and type(formula).__name__ in catalogue.functors(kind)

    def launch(
        self, name: str, template: Sequence[Any], blocks: int, *arguments: Any, shared_memory: int = 0
    ) -> None:
        """Launch a kernel on the current stream.

        Args:
            name: The kernel.
            template: What its template parameters are: dtypes, names of functors, truth values, numbers.
            blocks: The number of blocks.
            *arguments: C-contiguous arrays, numbers, and ``None`` for a null pointer.
            shared_memory: Bytes of dynamic shared memory.
        """
        key = name, tuple(map(_template_argument, template))
        if key not in self._functions:
            self._functions[key] = self._compile(*key)
        function, block, converters = self._functions[key]
        converted = [convert(value) for convert, value in zip(converters, arguments, strict=True)]
        function((blocks,), (block,), tuple(converted), shared_mem=shared_memory)

    def _compile(self, name: str, arguments: tuple[str, ...]) -> tuple[Any, int, list[Any]]:
        kernel = catalogue.kernels()[name]
        expression = kernel.expression(arguments)
        module = self.cupy.RawModule(
            code=catalogue.source(kernel.file), options=("-std=c++17",), name_expressions=[expression]
        )
        converters = [_pointer if p.is_pointer else SCALARS[p.type] for p in kernel.parameters]
        return module.get_function(expression), kernel.block, converters


def _template_argument(value: Any) -> str:
    if isinstance(value, np.dtype):
        return catalogue.STORAGE[value.name]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pointer(value: Any) -> Any:
    return NULL if value is None else value


def is_contiguous(*arrays: Array | None) -> bool:
    """Tell whether all of them, as far as they are there, are C-contiguous."""
    return all(a is None or a.flags.c_contiguous for a in arrays)


def is_aligned(*arrays: Array | None) -> bool:
    """Tell whether all of them, as far as they are there, start at a multiple of 16 bytes."""
    return all(a is None or a.data.ptr % 16 == 0 for a in arrays)


def ceil_divide(a: int, b: int) -> int:
    """Return ``⌈a / b⌉``."""
    return -(-a // b)
