"""What is shown where: bars, lines or nothing, and how numbers look there."""

from __future__ import annotations

import os
import sys
from typing import Any, TextIO

import numpy as np
from tqdm import tqdm

from .base import Logs


def resolve_verbose(verbose: str | int) -> int:
    """Return 0 (silent), 1 (a bar) or 2 (a line an epoch).

    Args:
        verbose: One of these, or ``"auto"``: 1 on a terminal or in a notebook, else 2.

    Raises:
        ValueError: Anything else.

    Example:
        >>> resolve_verbose(2)
        2
    """
    if not isinstance(verbose, (int, str)) or verbose not in ("auto", 0, 1, 2):
        raise ValueError(
            f'verbose: expected 0 (silent), 1 (a progress bar), 2 (a line an epoch) or "auto", got {verbose!r}.'
        )
    if verbose == "auto":
        return 1 if _is_interactive() else 2
    return int(verbose)


def _is_interactive() -> bool:
    """Tell whether a bar can be drawn over itself: bars go to stderr, everything else to stdout."""
    in_notebook = "ipykernel.zmqshell" in sys.modules  # what tqdm looks at, too
    return in_notebook or (_is_terminal(sys.stdout) and _is_terminal(sys.stderr))


def _is_terminal(stream: TextIO | None) -> bool:
    if stream is None or not stream.isatty():
        return False
    try:
        return os.get_terminal_size(stream.fileno()).columns > 0  # tqdm draws nothing on one without a size
    except (OSError, ValueError):
        return True


def formatted(logs: Logs) -> str:
    """Return loss and metrics for people.

    Example:
        >>> formatted({"loss": 0.25, "accuracy": 0.575, "learning_rate": 1e-5})
        'loss: 0.2500 - accuracy: 0.5750 - learning_rate: 1.0000e-05'
    """
    return " - ".join(f"{name}: {_number(value)}" for name, value in logs.items())


def _number(value: Any) -> str:
    if np.ndim(value):
        return f"[{', '.join(_number(part) for part in value)}]"
    return f"{value:.4e}" if 0 < abs(value) < 1e-3 else f"{value:.4f}"


def say(message: str) -> None:
    """Print a line to stdout, above any bar that is being drawn."""
    with tqdm.external_write_mode():
        print(message, flush=True)
