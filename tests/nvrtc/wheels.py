"""Where pip's wheels put NVRTC and the headers that kernels include.

CUDA 12: ``nvidia-cuda-nvrtc-cu12``, ``nvidia-cuda-runtime-cu12`` (``cuda_fp16.h``) and ``nvidia-cuda-cccl-cu12`` (the
``nv/target`` that it includes). CUDA 13: ``nvidia-cuda-nvrtc``, ``nvidia-cuda-runtime`` and ``nvidia-cuda-cccl``.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import NamedTuple


class Toolkit(NamedTuple):
    """A compiler with its headers."""

    library: Path
    includes: tuple[Path, ...]


@cache
def find_toolkit() -> Toolkit:
    """Return the newest toolkit that is installed.

    Raises:
        FileNotFoundError: There is none, or a wheel of it is missing.
    """
    spec = importlib.util.find_spec("nvidia")
    for site in map(Path, spec.submodule_search_locations or ()) if spec else ():
        for library in sorted(site.glob("cu1?/lib/libnvrtc.so.*")):
            return _toolkit(library, site / library.parts[-3] / "include")
        for library in sorted(site.glob("cuda_nvrtc/lib/libnvrtc.so.*")):
            return _toolkit(library, site / "cuda_runtime" / "include", site / "cuda_cccl" / "include")
    raise FileNotFoundError("needs NVRTC: pip install 'gpunet[proof]'")


def _toolkit(library: Path, *includes: Path) -> Toolkit:
    for header in ("cuda_fp16.h", "cuda_bf16.h", "nv/target"):
        if not any((folder / header).is_file() for folder in includes):
            raise FileNotFoundError(f"needs the header {header} for NVRTC: pip install 'gpunet[proof]'")
    return Toolkit(library, includes)
