"""Where the CUDA sources are: beside the package in a checkout, inside it once installed."""

from __future__ import annotations

from pathlib import Path


def kernel_folder() -> Path:
    """Return the folder of the ``*.cu`` and ``*.cuh`` files.

    Raises:
        FileNotFoundError: The installation lacks them.
    """
    package = Path(__file__).parent.parent
    for folder in (package / "kernels", package.parent / "kernels"):
        if (folder / "__init__.py").is_file():
            return folder
    raise FileNotFoundError(
        f"gpunet: no kernel sources in {package / 'kernels'} or beside it. Install gpunet again."
    )
