"""Kernels are launched with arguments of exactly the types that they declare, and compiled once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gpunet.backend.cuda.kernels import NULL, Kernels, ceil_divide


class Recorder:
    """Plays ``cupy``: notes what is compiled and launched."""

    def __init__(self) -> None:
        self.compiled: list[str] = []
        self.launched: list[Any] = []

    def RawModule(self, code: str, options: Any, name_expressions: list[str]) -> Any:  # noqa: N802
        assert "__global__" in code
        self.compiled += name_expressions
        return self

    def get_function(self, name: str) -> Any:
        return lambda *arguments, **options: self.launched.append((name, *arguments, options))


def test_numbers_become_what_the_kernel_declares() -> None:
    cupy = Recorder()
    array = np.zeros(4, "float32")
    Kernels(cupy).launch(
        "dropout", (array.dtype, True), 3, array, array, 4, 7, 0.5, 2**63 + 1, 2, array, shared_memory=16
    )
    ((name, grid, block, arguments, options),) = cupy.launched
    assert (name, grid, block, options) == ("dropout<float, true>", (3,), (256,), {"shared_mem": 16})
    types = [type(argument) for argument in arguments]
    assert types[2:7] == [np.int64, np.uint32, np.float64, np.uint64, np.uint32]
    assert arguments[5] == 2**63 + 1
    assert arguments[0] is array


def test_nothing_is_a_null_pointer() -> None:
    cupy = Recorder()
    Kernels(cupy).launch("count", (), 1, None)
    assert cupy.launched[0][3] == (NULL,)
    assert NULL.nbytes == 8


def test_an_instance_is_compiled_once() -> None:
    cupy = Recorder()
    kernels = Kernels(cupy)
    for _ in range(3):
        kernels.launch("count", (), 1, None)
    assert cupy.compiled == ["count"]
    assert len(cupy.launched) == 3


def test_a_wrong_number_of_arguments_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        Kernels(Recorder()).launch("count", (), 1, None, 4)


@pytest.mark.parametrize(("a", "b", "expected"), [(0, 4, 0), (1, 4, 1), (4, 4, 1), (5, 4, 2)])
def test_division_upwards(a: int, b: int, expected: int) -> None:
    assert ceil_divide(a, b) == expected
