"""Modules of kernels and their functions, as the CUDA driver has them."""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Sequence
from math import prod
from typing import Any

from . import arguments as given
from . import build
from .arguments import Parameter
from .errors import KernelError, place
from .options import ORDERS, Launch, settings
from .traffic import Traffic, counted
from .views import Views

GRID, BLOCK = (2**31 - 1, 65535, 65535), (1024, 1024, 64)
THREADS, SHARED_MEMORY = 1024, 227 << 10  # that a block can have on any device

_one_at_a_time = threading.Lock()  # the runtime has one block


class Module:
    """Kernels compiled from one source text.

    Args:
        code: The source.
        expressions: The kernels, such as ``"activate<float, ReLU>"``.
        options: Compiler options; only ``-D`` and ``-I`` mean something here.
        checked: Whether every access is checked; otherwise the kernels are merely run, and faster.

    Raises:
        CompileError: g++ refuses it, or there is no g++.
    """

    def __init__(
        self, code: str, expressions: Sequence[str], options: Sequence[str] = (), checked: bool = True
    ) -> None:
        self.code, self.expressions, self.checked = code, list(expressions), checked
        self.runtime = build.runtime()
        self.path = build.module(code, self.expressions, options, checked)
        self.library = ctypes.CDLL(str(self.path))

    def function(self, expression: str) -> Function:
        """Return a kernel.

        Raises:
            KeyError: It is none of the module's.
        """
        if expression not in self.expressions:
            raise KeyError(f"{expression} is none of the module's kernels: {', '.join(self.expressions)}")
        return Function(self, expression)


class Function:
    """A kernel that can be launched.

    Attributes:
        module: Where it is from.
        name: The expression that names it.
        parameters: What it is launched with.
        max_threads_per_block: What ``__launch_bounds__`` says.
    """

    def __init__(self, module: Module, name: str) -> None:
        self.module, self.name = module, name
        self._entry = getattr(module.library, f"on_host_entry_{module.expressions.index(name)}")
        self._entry.restype = ctypes.c_bool
        description = ctypes.create_string_buffer(1 << 14)
        self._entry(None, description)
        words = (line.split() for line in description.value.decode().splitlines())
        self.parameters = tuple(Parameter(kind, const == "const", type_) for kind, const, type_ in words)
        bare = re.escape(name.partition("<")[0])
        bounds = re.search(rf"__launch_bounds__\s*\(\s*(\d+)[^)]*\)[\s\w]*?\b{bare}\s*\(", module.code)
        self.max_threads_per_block = int(bounds[1]) if bounds else THREADS

    def launch(
        self,
        grid: Any,
        block: Any,
        arguments: Sequence[Any],
        shared_memory: int = 0,
        block_range: tuple[int, int] | None = None,
    ) -> Traffic | None:
        """Run the kernel.

        Args:
            grid, block: Sizes, a number or up to three.
            arguments: ``Pointer`` and NumPy scalars of exactly the declared types.
            shared_memory: Bytes of dynamic shared memory.
            block_range: The first block to run and the one after the last; all of them by default.

        Returns:
            The memory traffic, where it is counted.

        Raises:
            TypeError: The arguments don't fit.
            KernelError: The launch is impossible, or the kernel did what it must not. Then no argument has changed,
                unless it is sparse or the module unchecked.
        """
        grid, block = _sizes(grid), _sizes(block)
        first, last = block_range or (0, prod(grid))
        self._check_sizes(grid, block, shared_memory, first, last)
        given.check(self.name, self.parameters, arguments)
        runtime, checked = self.module.runtime, self.module.checked
        counting = settings.count_traffic and checked
        order = ORDERS.index(settings.order)
        wanted = Launch(grid, block, shared_memory, first, last, order, settings.seed, checked, counting)
        with _one_at_a_time:
            runtime.on_host_prepare(ctypes.byref(wanted))
            views = Views(runtime, self.parameters, arguments) if checked else None
            values, held = given.pack(views.arguments if views else arguments)
            if self._entry(values, None):
                raise KernelError(f"{self.name}: {self._failure()}")
            del held
            if views:
                views.copy_back()
            return counted(runtime) if counting else None

    def _check_sizes(
        self, grid: Sequence[int], block: Sequence[int], shared_memory: int, first: int, last: int
    ) -> None:
        limits = zip((*grid, *block), (*GRID, *BLOCK), strict=True)
        if not all(0 < size <= most for size, most in limits) or prod(block) > THREADS:
            raise KernelError(f"{self.name}: no device runs a grid of {grid} blocks of {block} threads")
        if prod(block) > self.max_threads_per_block:
            bounds = f"__launch_bounds__({self.max_threads_per_block})"
            raise KernelError(f"{self.name}: declared with {bounds}, launched with {prod(block)} threads")
        if not 0 <= shared_memory <= SHARED_MEMORY:
            raise KernelError(
                f"{self.name}: no device has {shared_memory} bytes of shared memory for a block"
            )
        if not 0 <= first < last <= prod(grid):
            raise KernelError(
                f"{self.name}: expected a range within {prod(grid)} blocks, got {first} to {last}"
            )

    def _failure(self) -> str:
        offset = ctypes.c_uint64()
        message: str = self.module.runtime.on_host_error(ctypes.byref(offset)).decode()
        return f"{message} at {place(self.module.path, offset.value)}" if offset.value else message


def _sizes(listed: Any) -> tuple[int, ...]:
    listed = listed if isinstance(listed, (tuple, list)) else (listed,)
    return (*map(int, listed), 1, 1)[:3]
