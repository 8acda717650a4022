"""Where Numba keeps what it has compiled: a folder for each function and precision, under the hash of all sources.

By itself Numba looks for changes only in the file that a function stands in, not in those that it calls functions of, and
keeps the functions of a file under one index, which processes that compile at the same time spoil for each other. What
belongs to sources of the past stays until somebody deletes it.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeVar

from numba import config

Compiled = TypeVar("Compiled")

HERE = Path(__file__).parent
_compiling = threading.Lock()


@cache
def _sources() -> str:
    """Return the hash of what kernels are made of."""
    others = [HERE.parent / name for name in ("base.py", "formulas.py", "normal.py", "philox.py")]
    files = [*sorted(HERE.glob("*.py")), *sorted(HERE.glob("*/*.py")), *others]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _folder() -> Path:
    """Return the folder that the user has chosen for Numba, or one beside the sources, or one of the user's."""
    if config.CACHE_DIR:
        return Path(config.CACHE_DIR)
    return HERE / "__pycache__" if os.access(HERE, os.W_OK) else Path.home() / ".cache" / "gpunet"


def kept(name: str, compile_: Callable[[bool], Compiled]) -> Compiled:
    """Return what is compiled, kept on disk unless there is no room for it.

    Args:
        name: What tells it from everything else that these sources make.
        compile_: Compiles; takes whether to keep the result.
    """
    with _compiling:
        before = config.CACHE_DIR
        try:
            config.CACHE_DIR = str(_folder() / _sources() / name)
            return compile_(True)
        except RuntimeError:
            return compile_(False)
        finally:
            config.CACHE_DIR = before
