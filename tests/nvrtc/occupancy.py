"""Theoretical occupancy: the share of a multiprocessor's warps that a kernel's registers and shared memory leave room for.

Sources: CUDA C++ Programming Guide, appendix "Compute Capabilities", table "Technical Specifications per Compute
Capability"; the units of allocation: ``cuda_occupancy.h`` of the CUDA toolkit.
"""

from __future__ import annotations

from typing import NamedTuple

WARP = 32
REGISTERS = 64 * 1024  # of a multiprocessor, in all of the architectures below
PARTITIONS = 4  # each with its own quarter of the registers
REGISTER_UNIT = 256  # a warp's registers are a multiple of this


class Multiprocessor(NamedTuple):
    """The limits of one multiprocessor."""

    warps: int
    blocks: int
    shared: int  # bytes
    reserved: int  # bytes of shared memory that the system takes for each block
    shared_unit: int  # a block's shared memory is a multiple of this many bytes


ARCHITECTURES = {
    75: Multiprocessor(32, 16, 64 * 1024, 0, 256),
    80: Multiprocessor(64, 32, 164 * 1024, 1024, 128),
    86: Multiprocessor(48, 16, 100 * 1024, 1024, 128),
    89: Multiprocessor(48, 24, 100 * 1024, 1024, 128),
    90: Multiprocessor(64, 32, 228 * 1024, 1024, 128),
    100: Multiprocessor(64, 32, 228 * 1024, 1024, 128),
    120: Multiprocessor(48, 24, 100 * 1024, 1024, 128),
}


def occupancy(architecture: int, block: int, registers: int, shared: int) -> float:
    """Return the resident warps of a multiprocessor as a share of the most that it can hold.

    ``min(blocks by slots, by warps, by registers, by shared memory) · warps of a block / warps``

    Args:
        architecture: The compute capability: 90 for 9.0.
        block: The threads of a block.
        registers: Registers of a thread.
        shared: Bytes of shared memory of a block, static and dynamic.
    """
    limits = ARCHITECTURES[architecture]
    warps = -(-block // WARP)
    blocks = min(limits.blocks, limits.warps // warps)
    if registers:
        warp_registers = _round_up(registers * WARP, REGISTER_UNIT)
        resident = REGISTERS // PARTITIONS // warp_registers * PARTITIONS
        blocks = min(blocks, resident // warps)
    block_shared = _round_up(shared + limits.reserved, limits.shared_unit)
    if block_shared:
        blocks = min(blocks, limits.shared // block_shared)
    return blocks * warps / limits.warps


def _round_up(value: int, unit: int) -> int:
    return -(-value // unit) * unit
