"""A stand-in for cuBLASLt that computes with NumPy: the same functions, objects, attributes, checks and statuses.

It plays the shared library below ``gpunet.backend.cuda.cublaslt``, so that the binding itself runs. What it knows of the
library comes from ``cublasLt.h``; ``tests/backend/cuda/test_cublaslt.py`` compares the two where the library is installed.
"""

from .library import StandInLibrary
from .work import Work

__all__ = ["StandInLibrary", "Work"]
