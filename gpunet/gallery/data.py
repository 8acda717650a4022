"""Data that the user has, in the folder that GPUNET_DATA names (``gpunet gallery --data FOLDER``)."""

from __future__ import annotations

import os
from pathlib import Path

from .program import MissingDataError

VARIABLE = "GPUNET_DATA"


def data(name: str, contents: str) -> Path:
    """Return the path of a file or folder in the data folder.

    Raises:
        MissingDataError: It isn't there; ``contents`` says what it should hold.
    """
    path = Path(os.environ.get(VARIABLE, ".")) / name
    if not path.exists():
        raise MissingDataError(
            f"there is no {path}, which should hold {contents}; `gpunet gallery --data FOLDER` says where to look"
        )
    return path
