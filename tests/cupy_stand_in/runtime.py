"""``cupy.cuda.runtime``: what gpunet asks of it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from . import copies
from .errors import UNSUPPORTED, CUDARuntimeError

if TYPE_CHECKING:
    from .gpu import Gpu

CAPABILITY_MAJOR, CAPABILITY_MINOR, PROCESSORS, SHARED_MEMORY = 75, 76, 16, 97  # cudaDeviceAttr
L2_CACHE = 50 << 20
VERSION = 12_090  # 1000 · major + 10 · minor


def runtime(gpu: Gpu, devices: int) -> SimpleNamespace:
    """Return the functions that concern one GPU of ``devices``."""
    attributes = {
        CAPABILITY_MAJOR: gpu.capability[0],
        CAPABILITY_MINOR: gpu.capability[1],
        PROCESSORS: gpu.processors,
        SHARED_MEMORY: gpu.shared_memory_per_block,
    }

    def properties(_: int) -> dict[str, Any]:
        return {
            "name": b"Stand-in",
            "totalGlobalMem": gpu.total_memory,
            "major": gpu.capability[0],
            "minor": gpu.capability[1],
            "multiProcessorCount": gpu.processors,
            "warpSize": 32,
            "maxThreadsPerBlock": 1024,
            "sharedMemPerBlock": 48 << 10,
            "sharedMemPerBlockOptin": gpu.shared_memory_per_block,
            "l2CacheSize": L2_CACHE,
        }

    def memcpy_async(dst: int, src: int, size: int, kind: int, stream: int) -> None:
        copies.copy(gpu, dst, src, size, kind, gpu.queues[stream])

    def memset_async(ptr: int, value: int, size: int, stream: int) -> None:
        copies.fill(gpu, ptr, value, size, gpu.queues[stream])

    def stream_synchronize(stream: int) -> None:
        gpu.queues[stream].refuse_in_capture()
        gpu.wait(gpu.queues[stream])

    return SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError,
        getDeviceCount=lambda: devices,
        getDevice=lambda: 0,
        getDeviceProperties=properties,
        deviceGetAttribute=lambda attribute, _: attributes[attribute],
        deviceSynchronize=lambda: synchronize(gpu),
        memGetInfo=lambda: memory_info(gpu),
        memcpyAsync=memcpy_async,
        memcpy=lambda dst, src, size, kind: copies.copy(gpu, dst, src, size, kind),
        memsetAsync=memset_async,
        streamSynchronize=stream_synchronize,
        streamIsCapturing=lambda stream: gpu.queues[stream].is_capturing(),
        driverGetVersion=lambda: VERSION,
        runtimeGetVersion=lambda: VERSION,
        is_hip=False,
        memcpyHostToDevice=copies.TO_DEVICE,
        memcpyDeviceToHost=copies.TO_HOST,
        memcpyDeviceToDevice=copies.ON_DEVICE,
        memcpyDefault=copies.DEFAULT,
        cudaDevAttrMultiProcessorCount=PROCESSORS,
        cudaDevAttrMaxSharedMemoryPerBlockOptin=SHARED_MEMORY,
        streamCaptureModeGlobal=0,
        streamCaptureModeThreadLocal=1,
        streamCaptureModeRelaxed=2,
    )


def synchronize(gpu: Gpu) -> None:
    """Let the host wait for every stream."""
    for capture in gpu.captures:
        capture.is_valid = False
    if gpu.captures:
        raise CUDARuntimeError(UNSUPPORTED)
    gpu.counts.synchronisations += 1
    if gpu.ordering is not None:
        for queue in gpu.queues.values():
            gpu.ordering.host_waits(queue)


def memory_info(gpu: Gpu) -> tuple[int, int]:
    """Return the free and the total bytes."""
    return gpu.total_memory - gpu.allocated, gpu.total_memory
