"""The command line: `gpunet train`, `evaluate`, `predict`, `summary`, `doctor`."""

from .main import main

__all__ = ["main"]
