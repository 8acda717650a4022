"""IDX, the file format of MNIST and its relatives."""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Third byte of the file: the type of the numbers, which are stored with the high byte first.
_DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """Reads an array from an IDX file, plain or compressed with gzip.

    The file is: two zero bytes, a byte for the type, a byte for the number of dimensions, each dimension as a
    32-bit integer, and then the numbers, the last dimension running fastest.

    Args:
        path: the file; whether it is compressed is seen from its content, not from its name.

    Returns:
        An array of its own, of the shape and type that the file names, in the machine's byte order.

    Raises:
        OSError: if the file cannot be opened.
        ValueError: if it is no IDX file, is cut off, or holds more than it says.

    Source:
        Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits, "the IDX file format".

    Example:
        >>> import pathlib, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder, "labels")
        ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
        ...     read_idx(path)
        array([7, 2, 1], dtype=uint8)
    """
    content = _read_bytes(Path(path))
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _DTYPES or content[3] == 0:
        raise ValueError(
            f"{path}: expected an IDX file, which begins with 00 00, a type and a number of dimensions, "
            f"got {content[:4].hex(' ') or 'an empty file'}; the file is damaged or of another kind"
        )
    dtype = np.dtype(_DTYPES[content[2]])
    dimensions = content[3]
    start = 4 + 4 * dimensions
    if len(content) < start:
        raise ValueError(
            f"{path}: expected a header of {start} bytes, got {len(content)}; the file is cut off"
        )
    shape = tuple(int(size) for size in np.frombuffer(content, ">u4", count=dimensions, offset=4))
    expected, received = math.prod(shape) * dtype.itemsize, len(content) - start
    if received != expected:
        what = "the file is cut off" if received < expected else "the file is damaged"
        raise ValueError(f"{path}: expected {expected} bytes for the shape {shape}, got {received}; {what}")
    return np.frombuffer(content, dtype, offset=start).astype(dtype.newbyteorder("=")).reshape(shape)


def _read_bytes(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise ValueError(f"{path}: the gzip file is damaged or cut off ({error}); fetch it again") from error
