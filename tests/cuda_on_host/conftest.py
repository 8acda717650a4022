"""The tool's own tests need g++, and run kernels in several orders."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parent.parent))
from cuda_on_host import Function, Module, Pointer, compiler, settings

Launch = Callable[..., Any]
Compiled = Callable[[dict[str, str]], dict[str, Function]]


@pytest.fixture(autouse=True)
def _compiler() -> None:
    if compiler() is None:
        pytest.skip("needs Linux and g++, which compiles kernels for the host")


@pytest.fixture(params=["forward", "reverse", "random"])
def order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The order of the threads."""
    monkeypatch.setattr(settings, "order", request.param)
    return str(request.param)


@pytest.fixture
def launch() -> Launch:
    """Compile a source and launch one of its kernels; arrays become pointers."""

    def run(
        source: str, kernel: str, grid: Any, block: Any, *arguments: Any, checked: bool = True, **options: Any
    ) -> Any:
        function = Module(source, [kernel], checked=checked).function(kernel)
        return function.launch(grid, block, pointers(*arguments), **options)

    return run


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    """Compile many sources at once, each with a kernel of the name ``kernel``, under names of the test's own."""

    def run(sources: dict[str, str]) -> dict[str, Function]:
        spaces = [
            f'namespace space_{number} {{\n#line 1 "kernel.cu"\n{source}\n}}\n'
            for number, source in enumerate(sources.values())
        ]
        expressions = [f"space_{number}::kernel" for number in range(len(sources))]
        module = Module("".join(spaces), expressions)
        return {
            name: module.function(expression) for name, expression in zip(sources, expressions, strict=True)
        }

    return run


def pointers(*arguments: Any) -> list[Any]:
    """Return the arguments of a launch: arrays become pointers."""
    return [Pointer(a.ctypes.data, a.nbytes) if isinstance(a, np.ndarray) else a for a in arguments]
