"""What a launch moved."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

SECTOR = 32  # bytes


class Traffic(NamedTuple):
    """Global-memory sectors, unique within a block and summed over blocks, and conflicts of shared memory's banks.

    Attributes:
        read_sectors, written_sectors: Sectors of 32 bytes that were touched.
        full_reads, full_writes: Those of them whose every byte was used.
        bank_conflicts: How often a request of a warp had to be repeated because a bank was asked for several words.
        requests: How often a warp asked for global memory.
    """

    read_sectors: int
    full_reads: int
    written_sectors: int
    full_writes: int
    bank_conflicts: int
    requests: int

    @property
    def bytes(self) -> int:
        """The bytes of all sectors."""
        return SECTOR * (self.read_sectors + self.written_sectors)

    @property
    def full_share(self) -> float:
        """The share of sectors that were used fully."""
        return (self.full_reads + self.full_writes) / max(self.read_sectors + self.written_sectors, 1)


def counted(runtime: ctypes.CDLL) -> Traffic:
    """Return what the last launch moved."""
    counts = (ctypes.c_uint64 * len(Traffic._fields))()
    runtime.on_host_traffic(counts)
    return Traffic(*counts)
