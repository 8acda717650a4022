"""A recorded program as tables, and the native loop in which each member of a team runs its parts of all commands.

Members meet between commands. Whoever is there first looks for the others without pause for a moment, which is all it takes
where each has a core, and then sleeps a little between two looks, so that the missing ones get the core that they lack.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..formulas import Array
from .issue import Command
from .kernel import kept_on_disk

PATIENCE = 200_000  # looks before the first sleep: about a tenth of a millisecond
LINE = 16  # words that one member writes alone: two cache lines, which CPUs fetch together
WORD = ir.IntType(64)

# The system's function for a sleep, and for how long: in microseconds; on Windows in milliseconds, where 0 lets others go first.
_sleep_function = ctypes.CDLL("kernel32").Sleep if os.name == "nt" else ctypes.CDLL(None).usleep
SLEEP, LENGTH = ctypes.cast(_sleep_function, ctypes.c_void_p).value or 0, 0 if os.name == "nt" else 20


@intrinsic
def _call(typing_context: Any, code: Any, data: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [WORD])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [values[1]])
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@intrinsic
def _sleep(typing_context: Any, code: Any, length: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(32)])
        builder.call(
            builder.inttoptr(values[0], kind.as_pointer()), [builder.trunc(values[1], ir.IntType(32))]
        )
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@intrinsic
def _publish(typing_context: Any, address: Any, word: Any) -> Any:
    """Store a word; whoever sees it sees all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.store_atomic(values[1], builder.inttoptr(values[0], WORD.as_pointer()), "release", 8)
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@intrinsic
def _look(typing_context: Any, address: Any) -> Any:
    """Load a word that another thread publishes."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load_atomic(builder.inttoptr(values[0], WORD.as_pointer()), "acquire", 8)

    return types.int64(types.int64), generate


@kept_on_disk("boolean(int64, int64, int64, int64, int64)")
def _meet(board, member, members, meeting, sleep):
    """Wait until all are at the same meeting; return whether it takes place."""
    _publish(board + 8 * LINE * member, meeting)
    for other in range(members):
        looks = 0
        while _look(board + 8 * LINE * other) < meeting:
            looks += 1
            if looks > PATIENCE:
                if _look(board + 8 * LINE * members) != 0:
                    return False
                _sleep(sleep, LENGTH)
    return True


@kept_on_disk("boolean(int64[:, :, ::1], boolean[::1], int64, int64[:, ::1], int64, int64)")
def _run(calls, meets, repeats, lines, member, sleep):
    """Run a member's parts of all commands, so many times; return whether all members have run theirs."""
    members, meeting = len(lines) - 1, 0
    for _ in range(repeats):
        for command in range(calls.shape[0]):
            if members > 1 and meets[command]:
                meeting += 1
                if not _meet(lines.ctypes.data, member, members, meeting, sleep):
                    return False
            for part in range(member, calls.shape[1], members):
                if calls[command, part, 0] != 0:
                    _call(calls[command, part, 0], calls[command, part, 1])
    return members == 1 or _meet(lines.ctypes.data, member, members, meeting + 1, sleep)


class Program:
    """A list of commands as tables that a team runs through.

    Args:
        commands: The commands.
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        self._kept = commands
        self.members = max(len(command) for command in commands)
        self._calls = np.zeros((len(commands), self.members, 2), np.int64)  # code, 0 for none, and arguments
        for row, command in zip(self._calls, commands, strict=True):
            row[: len(command)] = [(call.code, call.data) for call in command]
        joint = np.array([len(command) > 1 for command in commands])
        self._meets = joint | np.roll(joint, 1)  # all come together before and after each joint command

    def run(self, repeats: int, lines: Array, member: int) -> bool:
        """Run a member's parts, so many times; return whether all members have run theirs."""
        return bool(_run(self._calls, self._meets, repeats, lines, member, SLEEP))


def lines_for(members: int) -> Array:
    """Return a line for each member, where it publishes its meetings, and one that tells whether all are off."""
    return np.zeros((members + 1, LINE), np.int64)
