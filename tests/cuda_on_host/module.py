"""Modules of kernels and their functions, as the CUDA driver has them."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from . import build
from .launch import Arguments, KernelError
from .options import ORDERS, settings
from .traffic import Traffic

MOST_THREADS, MOST_SHARED, MOST_GRID = 1024, 227 << 10, (2**31 - 1, 65535, 65535)
MOST_BLOCK = (1024, 1024, 64)


class Parameter(NamedTuple):
    """A parameter of a kernel.

    Attributes:
        kind: ``"pointer"`` or ``"value"``.
        const: Whether what it points to is constant.
        type: The element's type, by its NumPy name, ``"bfloat16"``, or ``"other"``.
    """

    kind: str
    const: bool
    type: str


class Module:
    """Kernels compiled from one source text.

    Args:
        code: The source.
        expressions: The kernels, such as ``"activate<float, ReLU>"``.
        options: Compiler options; only ``-D`` and ``-I`` mean something here.
        checked: Whether every access is checked; otherwise the kernels are merely run, and faster.

    Raises:
        CompileError: g++ refuses it.
    """

    def __init__(
        self, code: str, expressions: Sequence[str], options: Sequence[str] = (), checked: bool = True
    ) -> None:
        self.expressions, self.checked = list(expressions), checked
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
    """A kernel that can be launched."""

    def __init__(self, module: Module, name: str) -> None:
        self.module, self.name = module, name
        self._entry = getattr(module.library, f"on_host_entry_{module.expressions.index(name)}")
        description = ctypes.create_string_buffer(8192)
        self._entry(None, description)
        words = (line.split() for line in description.value.decode().splitlines())
        self.parameters = tuple(Parameter(kind, const == "const", type_) for kind, const, type_ in words)

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
            KernelError: The launch is impossible, or the kernel did what it must not.
        """
        grid, block = _sizes(grid), _sizes(block)
        self._check_sizes(grid, block, shared_memory)
        runtime, counted = build.runtime(), settings.count_traffic and self.module.checked
        packed = Arguments(self.name, self.parameters, arguments, self.module.checked)
        runtime.on_host_configure(ORDERS.index(settings.order), settings.seed, self.module.checked, counted)
        first, last = block_range or (0, prod(grid))
        sizes = (ctypes.c_uint * 6)(*grid, *block)
        runtime.on_host_shape(sizes, shared_memory, ctypes.c_uint64(first), ctypes.c_uint64(last))
        failed = self._entry(packed.values, None)
        packed.copy_back()
        if failed:
            raise KernelError(f"{self.name}: {_located(self.module.path, runtime.on_host_error().decode())}")
        if not counted:
            return None
        counts = (ctypes.c_uint64 * 5)()
        runtime.on_host_traffic(counts)
        return Traffic(*counts)

    def _check_sizes(self, grid: Sequence[int], block: Sequence[int], shared_memory: int) -> None:
        limits = zip((*grid, *block), (*MOST_GRID, *MOST_BLOCK), strict=True)
        fits = all(0 < size <= most for size, most in limits)
        if not fits or prod(block) > MOST_THREADS:
            raise KernelError(f"{self.name}: no device runs a grid of {grid} blocks of {block} threads")
        if not 0 <= shared_memory <= MOST_SHARED:
            raise KernelError(
                f"{self.name}: no device has {shared_memory} bytes of shared memory for a block"
            )


def _sizes(given: Any) -> tuple[int, ...]:
    given = given if isinstance(given, (tuple, list)) else (given,)
    return (*map(int, given), 1, 1)[:3]


def _located(library: Path, message: str) -> str:
    """Return a message with the file and line in the place of an address."""
    found = re.search(r"\[at 0x([0-9a-f]+)\]", message)
    if found is None:
        return message
    address = int(found[1], 16) - 1  # within the call, not after it
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split()
        low, high = (int(number, 16) for number in fields[0].split("-"))
        if low <= address < high and fields[-1] == str(library):
            offset = hex(address - low + int(fields[2], 16))
            command = ["addr2line", "-i", "-e", str(library), offset]
            lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
            places = [Path(place.split(" ")[0]).name for place in lines if "cuda_on_host.h" not in place]
            return message.replace(found[0], f"at {' in '.join(places[:3])}")
    return message
