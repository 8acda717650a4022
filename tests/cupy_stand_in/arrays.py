"""Arrays on the device: as strict as CuPy's.

A device array can't become a host array unasked, nor be mixed with one; reductions return arrays of no axes, not
numbers. So code that runs here keeps the rules that CuPy sets, without a GPU.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from .memory import MemoryPointer, Span

if TYPE_CHECKING:
    from .gpu import Gpu

KINDS = "?biufc"  # of dtypes that a device computes with
ABSENT = {
    "base",
    "ctypes",
    "getfield",
    "resize",
    "setfield",
    "setflags",
    "to_device",
}  # CuPy has none, or another one


class DeviceArray(np.lib.mixins.NDArrayOperatorsMixin):
    """``cupy.ndarray``: a host array over memory of the device."""

    gpu: Gpu
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        shape: Any,
        dtype: Any = float,
        memptr: MemoryPointer | None = None,
        strides: Any = None,
        order: str | None = "C",
    ) -> None:
        dtype = np.dtype(dtype)
        if dtype.kind not in KINDS:
            raise ValueError(f"Unsupported dtype {dtype}")
        size = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        pointer = memptr or self.gpu.allocate(size)
        self._memory = pointer.mem
        block = pointer.mem.block
        offset = pointer.ptr - pointer.mem.ptr
        self._host = np.ndarray(
            shape, dtype, block.bytes if block else bytearray(), offset, strides, order or "C"
        )

    @classmethod
    def _view(cls, host: np.ndarray[Any, Any], memory: Any) -> DeviceArray:
        array: DeviceArray = cls.__new__(cls)
        array._host, array._memory = host, memory
        return array

    def _of(self, host: np.ndarray[Any, Any]) -> DeviceArray:
        return self._view(host, self._memory)

    @property
    def data(self) -> MemoryPointer:
        """Where it starts."""
        if self._memory.block is None:
            return self.gpu.pointer(self._memory, 0)
        return self.gpu.pointer(self._memory, self._host.ctypes.data - self._memory.ptr)

    @property
    def span(self) -> Span:
        """The memory that it reaches over (the stand-in's own)."""
        return Span(self._memory, *np.lib.array_utils.byte_bounds(self._host))

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "shape": self.shape,
            "typestr": self.dtype.str,
            "descr": self.dtype.descr,
            "stream": self.gpu.current.ptr or 1,  # 0 is ambiguous: the legacy stream is 1
            "version": 3,
            "strides": None if self._host.flags.c_contiguous else self.strides,
            "data": (self.data.ptr, False),
        }

    def __array__(self, *_: Any, **__: Any) -> np.ndarray[Any, Any]:
        raise TypeError(
            "Implicit conversion to a NumPy array is not allowed. "
            "Please use `.get()` to construct a NumPy array explicitly."
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return self._run(ufunc if method == "__call__" else getattr(ufunc, method))(*inputs, **options)

    def __array_function__(self, function: Callable[..., Any], _: Any, args: Any, options: Any) -> Any:
        return self._run(function)(*args, **options)

    def _run(self, function: Callable[..., Any], owner: DeviceArray | None = None) -> Callable[..., Any]:
        from .functions import on_device

        return on_device(self.gpu, function, owner)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ABSENT:  # NumPy would read the memory through __array_interface__
            raise AttributeError(f"'ndarray' object has no attribute '{name}'")
        found = getattr(self._host, name)
        if callable(found):
            return self._run(found, self)
        return self._of(found) if isinstance(found, np.ndarray) else found

    @property
    def shape(self) -> tuple[int, ...]:
        return self._host.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self._host.dtype

    @property
    def flags(self) -> Any:
        return self._host.flags

    def __getitem__(self, index: Any) -> DeviceArray:
        return self._run(self._host.__getitem__, self)(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._run(self._host.__setitem__, self)(index, value)

    def __len__(self) -> int:
        return len(self._host)

    # -- copies to and from the host ---------------------------------------------------------------------------

    def get(
        self,
        stream: Any = None,
        order: str = "C",
        out: np.ndarray[Any, Any] | None = None,
        blocking: bool = True,
    ) -> np.ndarray[Any, Any]:
        """Return a copy on the host."""
        stream = self.gpu.current if stream is None else stream
        host = (
            self._check_out(out) if out is not None else np.empty(self.shape, self.dtype, self._order(order))
        )
        if out is None and not self.size:
            return host
        source = self
        layout = "c_contiguous" if host.flags.c_contiguous else "f_contiguous"
        if not getattr(self._host.flags, layout):
            with stream:
                source = self.copy("C" if host.flags.c_contiguous else "F")
        source.data.copy_to_host_async(host.ctypes.data, self.nbytes, stream)
        if blocking and self.gpu.pinned_at(host.ctypes.data):  # else it has waited already
            stream.synchronize()
        return host

    def _order(self, order: str) -> Any:
        if order.upper() == "A":
            return "F" if self._host.flags.fnc else "C"
        return order.upper()

    def _check_out(self, out: Any) -> np.ndarray[Any, Any]:
        if not isinstance(out, np.ndarray):
            raise TypeError("Only numpy.ndarray can be obtained fromcupy.ndarray")
        if out.dtype != self.dtype:
            raise TypeError(f"{out.dtype} array cannot be obtained from {self.dtype} array")
        if out.shape != self.shape:
            raise ValueError(f"Shape mismatch. Expected shape: {self.shape}, actual shape: {out.shape}")
        if not out.flags.forc:
            raise RuntimeError("`out` cannot be specified when copying to non-contiguous ndarray")
        return out

    def set(self, arr: np.ndarray[Any, Any], stream: Any = None) -> None:
        """Copy from the host."""
        if not isinstance(arr, np.ndarray):
            raise TypeError("Only numpy.ndarray can be set to cupy.ndarray")
        if arr.dtype != self.dtype:
            raise TypeError(f"{arr.dtype} array cannot be set to {self.dtype} array")
        if arr.shape != self.shape:
            raise ValueError(f"Shape mismatch. Old shape: {self.shape}, new shape: {arr.shape}")
        if not self._host.flags.forc:
            raise RuntimeError("Cannot set to non-contiguous array")
        arr = np.asarray(arr, order="C" if self._host.flags.c_contiguous else "F")
        self.data.copy_from_host_async(arr.ctypes.data, self.nbytes, stream)

    def item(self) -> Any:
        if self.size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        return self.get().item()

    def tolist(self) -> Any:
        return self.get().tolist()

    def tobytes(self, order: str = "C") -> bytes:
        return self.get().tobytes(order)

    def __float__(self) -> float:
        return float(self.get())

    def __int__(self) -> int:
        return int(self.get())

    def __complex__(self) -> complex:
        return complex(self.get())

    def __bool__(self) -> bool:
        return bool(self.get())

    def __repr__(self) -> str:
        return repr(self.get())

    def __format__(self, specification: str) -> str:
        return format(self.get(), specification)

    def __reduce__(self) -> Any:
        return _restore, (self.get(order="A"),)

    def __copy__(self) -> DeviceArray:
        return self.copy()

    def __deepcopy__(self, _: Any) -> DeviceArray:
        return self.copy()


def _restore(host: np.ndarray[Any, Any]) -> Any:
    return sys.modules["cupy"].array(host)
