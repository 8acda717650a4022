"""Data that the user has, in the folder that GPUNET_DATA names (``gpunet gallery --data FOLDER``)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .program import MissingDataError

VARIABLE = "GPUNET_DATA"


def read(load: Callable[[Path], Any], contents: str) -> Any:
    """Return what a function reads from the data folder.

    Raises:
        MissingDataError: It isn't there, or isn't what it should be; ``contents`` says what that is.
    """
    folder = Path(os.environ.get(VARIABLE, "."))
    try:
        return load(folder)
    except (OSError, ValueError) as error:
        raise MissingDataError(
            f"needs {contents} in the folder that `gpunet gallery --data FOLDER` names: {error}"
        ) from error
