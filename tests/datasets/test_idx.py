"""IDX files, written here byte by byte."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from gpunet.datasets import read_idx


def _header(code: int, *shape: int) -> bytes:
    return bytes([0, 0, code, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)


@pytest.mark.parametrize(
    ("code", "letter", "dtype", "values"),
    [
        (0x08, "B", np.uint8, [0, 1, 127, 128, 254, 255]),
        (0x09, "b", np.int8, [-128, -1, 0, 1, 2, 127]),
        (0x0B, "h", np.int16, [-300, -1, 0, 1, 256, 32767]),
        (0x0C, "i", np.int32, [-70000, -1, 0, 1, 256, 2**31 - 1]),
        (0x0D, "f", np.float32, [-1.5, 0.0, 0.25, 1.0, 2.0, 1e10]),
        (0x0E, "d", np.float64, [-1.5, 0.0, 0.1, 1.0, 2.0, 1e300]),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_every_type_plain_and_compressed(tmp_path, code, letter, dtype, values, pack) -> None:
    path = tmp_path / "data"
    path.write_bytes(pack(_header(code, 2, 3) + struct.pack(f">6{letter}", *values)))
    array = read_idx(path)
    assert array.dtype == dtype
    assert array.dtype.isnative
    assert np.array_equal(array, np.array(values, dtype).reshape(2, 3))
    array[0, 0] = 1  # the caller's own


def test_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.write_bytes(_header(0x08, 0, 28, 28))
    assert read_idx(path).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "expected an IDX file.*got an empty file"),
        (b"\0\0\x08", "expected an IDX file.*got 00 00 08"),
        (b"\x89PNG....", "expected an IDX file.*got 89 50 4e 47"),
        (b"\0\0\x07\x01\0\0\0\x00", "expected an IDX file.*got 00 00 07 01"),
        (b"\0\0\x08\x00", "expected an IDX file"),
        (_header(0x08, 3, 4)[:7], "header of 12 bytes, got 7; the file is cut off"),
        (_header(0x08, 3, 4) + bytes(11), r"12 bytes for the shape \(3, 4\), got 11; the file is cut off"),
        (_header(0x0C, 2) + bytes(7), "8 bytes .* got 7; the file is cut off"),
        (_header(0x08, 3) + bytes(4), "3 bytes .* got 4; the file is damaged"),
        (_header(0x08, *[2**32 - 1] * 4), "got 0; the file is cut off"),
        (gzip.compress(_header(0x08, 100) + bytes(range(100)), mtime=0)[:-30], "damaged or cut off"),
        (b"\x1f\x8b\x08" + bytes(20), "damaged or cut off"),
        (b"\x1f\x8bnonsense", "damaged or cut off"),
    ],
)
def test_damaged_files_are_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"images: .*{message}"):
        read_idx(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        read_idx(tmp_path / "nowhere")
