"""A stand-in for the module ``cupy``: arrays, memory, streams, graphs and kernels, as strict as CuPy 14.2 and CUDA.

What runs on it keeps the rules that a GPU sets, without a GPU: NumPy computes for the array functions, and the package
``cuda_on_host`` runs the kernels. Where CUDA would silently compute something else, ``MisuseError`` is raised.
"""

from __future__ import annotations

from functools import cached_property
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from .arrays import DeviceArray
from .capture import Graph
from .counts import Counts
from .errors import CUDADriverError, CUDARuntimeError, MisuseError
from .functions import ABSENT, on_device
from .gpu import Gpu
from .kernels import RawModule
from .memory import Span
from .pinned import PinnedMemoryPointer
from .pool import MemoryPool, OutOfMemoryError
from .runtime import memory_info, runtime, synchronize
from .streams import Event, Stream

__all__ = [
    "CUDADriverError",
    "CUDARuntimeError",
    "DeviceArray",
    "MisuseError",
    "OutOfMemoryError",
    "StandIn",
]


class StandIn(ModuleType):
    """The module: what it doesn't define itself is NumPy's, for device arrays only.

    Args:
        devices: How many devices are found.
        checked: Whether every access of every kernel is checked.
        ordered: Whether a use of memory that isn't ordered after what other streams or the host do there is an error.
        total_memory: Bytes of device memory.
        capability: The compute capability.
        processors: The number of multiprocessors.

    Attributes:
        gpu: The device that is played.
        counts: What happened since ``counts.reset()``.
        expressions_for: From a source and the kernels that are asked for, which kernels to compile with them. One
            compilation of all takes much less time than many of one.
    """

    __version__ = "14.2.0+stand-in"

    def __init__(
        self,
        devices: int = 1,
        *,
        checked: bool = False,
        ordered: bool = False,
        total_memory: int = 80 << 30,
        capability: tuple[int, int] = (9, 0),
        processors: int = 132,
    ) -> None:
        super().__init__("cupy")
        self.gpu = gpu = Gpu(checked, ordered, total_memory, capability, processors)
        self.counts: Counts = gpu.counts
        self.ndarray: type[DeviceArray] = gpu.bind(DeviceArray)
        gpu.array, gpu.graph, gpu.event = self.ndarray, gpu.bind(Graph), gpu.bind(Event)
        stream: type[Stream] = gpu.bind(Stream)
        gpu.default_stream = stream.null = stream(null=True)
        self.RawModule: type[RawModule] = gpu.bind(RawModule)
        self.RawModule.widen = staticmethod(lambda code, names: self.expressions_for(code, names))  # type: ignore[assignment]
        pinned: type[PinnedMemoryPointer] = gpu.bind(PinnedMemoryPointer)
        device = SimpleNamespace(
            id=0,
            compute_capability="{}{}".format(*capability),
            attributes={"MultiProcessorCount": processors},
            synchronize=lambda: synchronize(gpu),
            use=lambda: None,
        )
        self.cuda = SimpleNamespace(
            Device=lambda _=0: SimpleNamespace(**vars(device), mem_info=memory_info(gpu)),
            Event=gpu.event,
            Graph=gpu.graph,
            MemoryPointer=gpu.pointer,
            MemoryPool=gpu.bind(MemoryPool),
            PinnedMemoryPointer=pinned,
            Stream=stream,
            alloc=gpu.allocate,
            alloc_pinned_memory=pinned,
            driver=SimpleNamespace(CUDADriverError=CUDADriverError),
            get_allocator=lambda: gpu.allocator,
            get_current_stream=lambda: gpu.current,
            get_local_runtime_version=lambda: runtime_functions.runtimeGetVersion(),
            is_available=lambda: devices > 0,
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
            using_allocator=gpu.using_allocator,
        )
        self.cuda.runtime = runtime_functions = runtime(gpu, devices)

    @staticmethod
    def expressions_for(_: str, expressions: list[str]) -> list[str]:
        """Compile what is asked for and no more; tests put something better here."""
        return expressions

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name in ABSENT:
            raise AttributeError(f"module 'cupy' has no attribute '{name}'")
        found = getattr(np, name)
        return on_device(self.gpu, found) if callable(found) and not isinstance(found, type) else found

    @cached_property
    def cublaslt(self) -> Any:
        """The shared library cuBLASLt, played by a stand-in, too; its work goes to this GPU's streams."""
        from cublaslt_stand_in import StandInLibrary

        library = StandInLibrary()
        library.defer = self._defer
        return library

    def _defer(self, work: Any) -> bool:
        """Give some work of cuBLASLt to its stream. Work on nothing asks whether a capture forbids it."""
        if not work.writes:
            return bool(self.gpu.captures)
        reads, writes = ([self._span(*range_) for range_ in ranges] for ranges in (work.reads, work.writes))
        self.gpu.queues[work.stream or 0].submit(work, reads, writes)
        return True

    def _span(self, address: int, size: int) -> Span:
        span = self.gpu.find(address, size)
        if span is None:
            raise MisuseError(f"cuBLASLt was given {address:#x}, which is no device memory")
        return span

    def get_default_memory_pool(self) -> MemoryPool:
        """Return the pool that arrays come from."""
        return self.gpu.pool

    def empty(self, shape: Any, dtype: Any = float, order: str = "C") -> DeviceArray:
        """Return an array with garbage in it."""
        return self.ndarray(shape, dtype, order=order)

    def asarray(self, a: Any, dtype: Any = None, order: Any = None, *, blocking: bool = False) -> DeviceArray:
        """Return an array on the device: itself, or a copy."""
        return self.array(a, dtype, copy=None, order=order or "K", blocking=blocking)

    def array(
        self,
        obj: Any,
        dtype: Any = None,
        copy: bool | None = True,
        order: str = "K",
        *,
        blocking: bool = False,
    ) -> DeviceArray:
        """Return an array on the device, copied through page-locked memory where it comes from the host."""
        if isinstance(obj, DeviceArray):
            return obj.astype(dtype or obj.dtype, order=order, copy=bool(copy))
        if isinstance(obj, (list, tuple)) and any(isinstance(item, DeviceArray) for item in obj):
            return self.stack(obj).astype(dtype or obj[0].dtype, copy=False)
        host = np.asarray(obj, dtype)
        layout: Any = "F" if order == "F" or (order in "KA" and host.flags.fnc) else "C"
        array = self.ndarray(host.shape, host.dtype, order=layout)
        if host.ndim == 0:
            array.fill(host[()])
            return array
        staged = np.frombuffer(self.cuda.alloc_pinned_memory(host.nbytes), host.dtype, host.size)
        staged = staged.reshape(host.shape, order=layout)
        staged[...] = host
        array.data.copy_from_host_async(staged.ctypes.data, host.nbytes)
        if blocking:
            self.gpu.current.synchronize()
        return array

    def asnumpy(
        self, a: Any, stream: Any = None, order: str = "C", out: Any = None, *, blocking: bool = True
    ) -> np.ndarray[Any, Any]:
        """Return an array on the host."""
        if isinstance(a, DeviceArray):
            return a.get(stream=stream, order=order, out=out, blocking=blocking)
        host = np.asarray(a, order=order)
        if out is None:
            return host
        out[...] = host
        return out
