"""The formula of the occupancy, against values worked out by hand from the limits."""

from __future__ import annotations

import pytest

from nvrtc.occupancy import occupancy


@pytest.mark.parametrize(
    ("architecture", "block", "registers", "shared", "expected"),
    [
        (90, 256, 32, 0, 1.0),  # 32 · 32 = 1024 registers a warp: 64 warps
        (90, 256, 33, 0, 0.75),  # 1056 → 1280: 12 warps a quarter, 48 in all: 6 blocks of 8 warps
        (90, 256, 255, 0, 0.125),  # 8160 → 8192: 2 warps a quarter, 8 in all: 1 block
        (90, 1024, 64, 0, 0.5),  # 2048: 8 warps a quarter, 32 in all: 1 block
        (90, 1024, 65, 0, 0.0),  # 2080 → 2304: 7 warps a quarter, 28 in all: the block doesn't fit
        (90, 32, 16, 0, 0.5),  # 32 blocks of 1 warp are the most
        (75, 32, 16, 0, 0.5),  # 16 of 32
        (86, 32, 16, 0, 16 / 48),
        (89, 32, 16, 0, 0.5),  # 24 of 48
        (120, 32, 16, 0, 0.5),
        (86, 1024, 16, 0, 32 / 48),  # one block of 32 warps leaves 16 over
        (80, 128, 16, 40 * 1024, 16 / 64),  # 41 KiB with the reserve: 4 blocks of 4 warps
        (100, 128, 16, 40 * 1024, 20 / 64),  # 228 / 41: 5 blocks
        (75, 128, 16, 16 * 1024, 0.5),  # no reserve: 4 blocks of 4 warps
        (75, 128, 16, 16 * 1024 + 1, 12 / 32),  # rounded up to the next 256 bytes: 3 blocks
        (90, 128, 16, 227 * 1024, 4 / 64),
        (90, 128, 16, 227 * 1024 + 1, 0.0),
        (90, 33, 16, 0, 1.0),  # a started warp counts: 32 blocks of 2 warps
    ],
)  # fmt: skip
def test_occupancy(architecture: int, block: int, registers: int, shared: int, expected: float) -> None:
    assert occupancy(architecture, block, registers, shared) == expected
