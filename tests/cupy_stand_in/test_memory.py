"""Memory comes from a pool that hands freed blocks out again, and ends somewhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from . import CUDARuntimeError, MisuseError, OutOfMemoryError, StandIn


def test_blocks_are_rounded_aligned_and_used_again(stand_in: Any) -> None:
    pool = stand_in.get_default_memory_pool()
    used = pool.used_bytes()
    array = stand_in.empty(1, "uint8")
    pointer = array.data
    assert pointer.mem.size == 512
    assert pointer.ptr % 512 == 0
    assert pool.used_bytes() == used + 512
    address = pointer.ptr
    del array, pointer
    assert (pool.used_bytes(), pool.free_bytes() >= 512) == (used, True)
    assert stand_in.empty(512, "uint8").data.ptr == address
    pool.free_all_blocks()
    assert pool.total_bytes() == pool.used_bytes()


def test_a_view_keeps_the_memory(stand_in: Any) -> None:
    view = stand_in.arange(5.0)[2:]
    stand_in.empty(5)
    assert view.tolist() == [2, 3, 4]


def test_streams_do_not_share_free_blocks(stand_in: Any) -> None:
    with stand_in.cuda.Stream():
        elsewhere = stand_in.empty(100).data.ptr
    assert stand_in.empty(100).data.ptr != elsewhere


def test_allocations_and_frees_are_counted(stand_in: Any) -> None:
    a, b = stand_in.zeros(3), stand_in.ones(3)
    stand_in.counts.reset()
    a += b
    stand_in.multiply(a, 2, out=a)
    a[...] = b
    assert stand_in.counts.allocations == 0
    c = a + b
    assert stand_in.counts.as_dict() | {"allocations": 1} == stand_in.counts.as_dict()
    del c
    assert (stand_in.counts.allocations, stand_in.counts.frees) == (1, 1)
    a.sum(out=stand_in.empty(()))  # CUB's workspace, and the result
    assert stand_in.counts.allocations == 3


def test_memory_ends() -> None:
    stand_in = StandIn(total_memory=1 << 20)
    kept = stand_in.empty(1 << 19, "uint8")
    assert stand_in.cuda.Device().mem_info == stand_in.cuda.runtime.memGetInfo() == (1 << 19, 1 << 20)
    with pytest.raises(
        OutOfMemoryError, match=r"Out of memory allocating 524,800 bytes \(allocated so far: 524,288"
    ):
        stand_in.empty((1 << 19) + 1, "uint8")
    del kept
    assert stand_in.empty((1 << 19) + 1, "uint8").size == (1 << 19) + 1  # the free block was released
    assert issubclass(stand_in.cuda.memory.OutOfMemoryError, MemoryError)
    stand_in.gpu.total_memory = 1 << 22
    assert stand_in.empty(1 << 21, "uint8").size == 1 << 21


def test_a_pool_has_a_limit(stand_in: Any) -> None:
    pool = stand_in.get_default_memory_pool()
    pool.set_limit(size=1024)
    with pytest.raises(OutOfMemoryError, match="limit set to: 1,024 bytes"):
        stand_in.empty(1025, "uint8")
    pool.set_limit(fraction=0.5)
    assert pool.get_limit() == stand_in.gpu.total_memory // 2
    with pytest.raises(ValueError, match="at one time"):
        pool.set_limit(1, 0.5)


def test_another_allocator_is_used_within_a_context(stand_in: Any) -> None:
    def refuse(size: int) -> Any:
        raise MemoryError(f"{size} bytes")

    array = stand_in.zeros(2)
    with stand_in.cuda.using_allocator(refuse):
        array += 1
        with pytest.raises(MemoryError, match="16 bytes"):
            array + 1
        with pytest.raises(MemoryError):
            array.sum(out=array[0])  # a workspace
    assert (array + 1).tolist() == [2, 2]
    own = stand_in.cuda.MemoryPool()
    with stand_in.cuda.using_allocator(own.malloc):
        kept = stand_in.empty(2)
    assert own.used_bytes() == 512
    assert kept.data.mem.pool is own


def test_copies_by_address(stand_in: Any) -> None:
    device, other, host = stand_in.zeros(4), stand_in.zeros(4), np.arange(4.0)
    device.data.copy_from_host(host.ctypes.data, host.nbytes)
    other.data.copy_from_device_async((device.data + 8), 24)
    other.data.copy_to_host_async(host.ctypes.data, 32)
    assert host.tolist() == [1, 2, 3, 0]
    device.data.memset_async(0, 32)
    assert not device.get().any()
    runtime = stand_in.cuda.runtime
    runtime.memcpyAsync(device.data.ptr, host.ctypes.data, 32, runtime.memcpyHostToDevice, 0)
    assert device.tolist() == [1, 2, 3, 0]


def test_copies_know_where_memory_is(stand_in: Any) -> None:
    device, host, runtime = stand_in.zeros(64), np.zeros(128), stand_in.cuda.runtime
    for target, source, size, kind in (
        (host.ctypes.data, device.data.ptr, 8, runtime.memcpyHostToDevice),
        (device.data.ptr, host.ctypes.data, 8, runtime.memcpyDeviceToHost),
        (device.data.ptr, host.ctypes.data, 513, runtime.memcpyHostToDevice),
    ):
        with pytest.raises(CUDARuntimeError, match="cudaErrorInvalidValue"):
            runtime.memcpy(target, source, size, kind)
    freed = stand_in.empty(1000).data.ptr
    with pytest.raises(MisuseError, match="was freed"):
        runtime.memcpy(freed, host.ctypes.data, 8, runtime.memcpyHostToDevice)


def test_only_page_locked_memory_is_copied_without_waiting(stand_in: Any) -> None:
    device, pageable = stand_in.empty(300, "uint8"), np.ones(300, np.uint8)
    pinned = np.frombuffer(stand_in.cuda.alloc_pinned_memory(300), np.uint8, 300)
    pinned[...] = 2
    stand_in.counts.reset()
    device.data.copy_from_host_async(pinned.ctypes.data, 300)
    device.set(pinned)
    device.get(out=pinned, blocking=False)
    assert stand_in.counts.synchronisations == 0
    assert (stand_in.counts.host_to_device, stand_in.counts.device_to_host) == (2, 1)
    device.set(pageable)
    assert stand_in.counts.synchronisations == 1
    device.get(out=pageable, blocking=False)
    assert stand_in.counts.synchronisations == 2
    stand_in.asarray(pageable)  # staged in page-locked memory
    assert stand_in.counts.synchronisations == 2


def test_page_locked_memory_is_longer_than_asked_for(stand_in: Any) -> None:
    memory = stand_in.cuda.alloc_pinned_memory(1500)
    assert memory.size() == 2048
    view = np.frombuffer(memory, np.float32, 375)
    assert view.ctypes.data == memory.ptr
    assert view.flags.writeable
