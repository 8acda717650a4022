"""Kernels: Python functions that Numba compiles for this CPU when they are first needed, and then keeps on disk."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Sequence
from ctypes import CFUNCTYPE, addressof, c_int64, c_void_p
from typing import Any, NamedTuple

import numpy as np
from numba import cfunc, njit, types

from ..formulas import Array
from .cache import kept

REALS = {np.dtype(np.float32): types.float32, np.dtype(np.float64): types.float64}
CALL = CFUNCTYPE(None, c_void_p)


class Doubles(NamedTuple):
    """An array of float64, whatever the precision that is computed in."""

    array: Array


Argument = int | float | Array | Doubles | None


_made: Counter[str] = Counter()  # kernels of each module


def kept_on_disk(signature: str) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function; it runs without the interpreter's lock."""

    def compiled(function: Callable[..., Any]) -> Any:
        return kept(_place(function), lambda cache: njit(signature, cache=cache, nogil=True)(function))

    return compiled


def _place(function: Callable[..., Any]) -> str:
    """Return a name for a function that no other one has: several may be made of the same lines."""
    module = function.__module__.rpartition(".")[2]
    _made[module] += 1
    return f"{module}-{_made[module]}"


class Kernel:
    """A function of a pointer to its arguments, see ``arguments.py``; one compiled form for each precision.

    Args:
        function: What Numba compiles. It raises nothing and allocates nothing.
        freedom: Which rules of arithmetic the compiler may bend: a product and a sum may be rounded once.
    """

    def __init__(self, function: Callable[[Any], None], freedom: Sequence[str] = ("contract",)) -> None:
        self.function, self.place, self.freedom = function, _place(function), set(freedom)
        self._compiled: dict[Any, Any] = {}

    def address(self, dtype: Any) -> int:
        """Return where the code for a precision starts."""
        if dtype not in self._compiled:
            self._compiled[dtype] = kept(
                f"{self.place}-{dtype.name}", lambda cache: self._compile(dtype, cache)
            )
        return int(self._compiled[dtype].address)

    def _compile(self, dtype: Any, cache: bool) -> Any:
        compiler = cfunc(
            types.void(types.CPointer(REALS[dtype])),
            cache=cache,
            error_model="numpy",  # 1 / 0 is infinity, not an exception
            fastmath=self.freedom,
        )
        return compiler(self.function)


def reduction(function: Callable[[Any], None]) -> Kernel:
    """Return a kernel whose sums may be added up in another order: several at once, always the same on one CPU."""
    return Kernel(function, ("contract", "reassoc"))


class Call:
    """A kernel and its arguments.

    Args:
        kernel: The kernel.
        dtype: In which precision it computes.
        arguments: Arrays of that precision or of int64, doubles, whole numbers, real numbers, ``None`` for no array.

    Attributes:
        code, data: The addresses of the kernel and of its arguments.
    """

    def __init__(self, kernel: Kernel, dtype: Any, arguments: tuple[Argument, ...]) -> None:
        self._kept = arguments
        words = [word for argument in arguments for word in _words(argument)]
        self._words = (c_int64 * len(words))(*words)
        self.code, self.data = kernel.address(dtype), addressof(self._words)

    def run(self) -> None:
        """Run the kernel."""
        CALL(self.code)(self.data)


def precision_of(arguments: tuple[Argument, ...]) -> Any:
    """Return the float type that a kernel of these arguments computes in; ``None`` where no kernel can take them."""
    arrays = [argument for argument in arguments if isinstance(argument, np.ndarray)]
    reals = {array.dtype for array in arrays if array.dtype.kind == "f"}
    arrays += [argument.array for argument in arguments if isinstance(argument, Doubles)]
    if len(reals) > 1 or not all(array.flags.c_contiguous for array in arrays):
        return None
    dtype = reals.pop() if reals else np.dtype(np.float64)
    return dtype if dtype in REALS else None


def _words(argument: Argument) -> tuple[int, int, int]:
    if argument is None:
        return 0, 0, 0
    if isinstance(argument, (float, np.floating)):
        return struct.unpack("q", struct.pack("d", argument))[0], 0, 0
    if isinstance(argument, (int, np.integer)):
        return int(argument), 0, 0
    array = argument.array if isinstance(argument, Doubles) else argument
    columns = array.shape[-1] if array.ndim > 1 else 1
    return array.__array_interface__["data"][0], array.size // max(columns, 1), columns
