"""The tool's own tests need g++, and run kernels in several orders."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent))
from cuda_on_host import Module, Pointer, compiler, settings

Launch = Callable[..., Any]


@pytest.fixture(autouse=True)
def _compiler() -> None:
    if compiler() is None:
        pytest.skip("needs Linux and g++, which compiles kernels for the host")


@pytest.fixture(params=["forward", "reverse", "random"])
def order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The order of the threads."""
    monkeypatch.setattr(settings, "order", request.param)
    return request.param


@pytest.fixture
def launch() -> Launch:
    """Compile a source and launch one of its kernels; arrays become pointers."""

    def run(
        source: str, kernel: str, grid: Any, block: Any, *arguments: Any, checked: bool = True, **options: Any
    ) -> Any:
        given = [Pointer(a.ctypes.data, a.nbytes) if isinstance(a, np.ndarray) else a for a in arguments]
        return (
            Module(source, [kernel], checked=checked).function(kernel).launch(grid, block, given, **options)
        )

    return run
