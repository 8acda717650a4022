"""A program as a list of kernels and their arguments, which one compiled loop runs through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from ..formulas import Array
from .kernel import Command

Operation = Callable[[], None]


class NotRecordableError(Exception):
    """An operation computes in array functions: it can be repeated by Python alone."""


@intrinsic
def _call(typing_context: Any, code: Any, data: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [values[1]])
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@njit("void(int64[:, ::1], int64)", cache=True, nogil=True)
def _replay(commands, repeats):
    for _ in range(repeats):
        for index in range(len(commands)):
            _call(commands[index, 0], commands[index, 1])


class Recording:
    """Repeats a program: its kernels without Python between them, operations in array functions as they are.

    Args:
        operations: The program.
        record: Calls an operation and returns the commands that it would have run. Raises ``NotRecordableError``.
    """

    def __init__(self, operations: Sequence[Operation], record: Callable[[Operation], list[Command]]) -> None:
        self._parts: list[list[Command] | Operation] = []
        for operation in operations:
            try:
                commands = record(operation)
            except NotRecordableError:
                self._parts.append(operation)
                continue
            if self._parts and isinstance(self._parts[-1], list):
                self._parts[-1] += commands
            else:
                self._parts.append(commands)
        self._tables = [_table(part) if isinstance(part, list) else part for part in self._parts]

    @property
    def whole(self) -> bool:
        """Whether no operation needs Python."""
        return all(isinstance(part, list) for part in self._parts)

    def __call__(self, repeats: int) -> None:
        """Run the program so many times."""
        if len(self._tables) == 1 and self.whole:
            _replay(self._tables[0], repeats)
            return
        for _ in range(repeats):
            for part in self._tables:
                if callable(part):
                    part()
                else:
                    _replay(part, 1)


def _table(commands: list[Command]) -> Array:
    return np.array([(command.code, command.data) for command in commands], np.int64).reshape(-1, 2)
