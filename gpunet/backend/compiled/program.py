"""A recorded program as a table, and the native loop in which each member of a team runs its parts of all commands.

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

from .issue import Command
from .kernel import kept_on_disk

PATIENCE = 200_000  # looks before the first sleep: about a tenth of a millisecond
LINE = 16  # words that one member writes alone: two cache lines, which CPUs fetch together
WORD, SIZE = ir.IntType(64), 8  # what members tell each other in, and its bytes

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
def pause(typing_context: Any, code: Any, length: Any) -> Any:
    """Sleep, by the system's function at an address."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(32)])
        builder.call(
            builder.inttoptr(values[0], kind.as_pointer()), [builder.trunc(values[1], ir.IntType(32))]
        )
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@intrinsic
def publish(typing_context: Any, address: Any, word: Any) -> Any:
    """Store a word; whoever sees it sees all that was written before."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        builder.store_atomic(values[1], builder.inttoptr(values[0], WORD.as_pointer()), "seq_cst", 8)
        return context.get_dummy_value()

    return types.none(types.int64, types.int64), generate


@intrinsic
def look(typing_context: Any, address: Any) -> Any:
    """Load a word that another thread publishes."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.load_atomic(builder.inttoptr(values[0], WORD.as_pointer()), "seq_cst", 8)

    return types.int64(types.int64), generate


@kept_on_disk("none(int64, int64, int64)")
def wait_for(address, word, sleep):
    """Wait until what is published at an address is at least a word."""
    looks = 0
    while look(address) < word:
        looks += 1
        if looks > PATIENCE:
            pause(sleep, LENGTH)


@kept_on_disk("none(int64, int64, int64, int64, int64, int64)")
def run_parts(table, repeats, lines, member, members, sleep):
    """Run a member's parts of all commands, so many times."""
    commands, parts = look(table), look(table + SIZE)
    line = lines + LINE * SIZE * member
    meeting = look(line)
    for _ in range(repeats):
        row = table + 2 * SIZE
        for _ in range(commands):
            if members > 1 and look(row) != 0:
                meeting += 1
                publish(line, meeting)
                for other in range(members):
                    wait_for(lines + LINE * SIZE * other, meeting, sleep)
            for part in range(member, parts, members):
                call = row + SIZE * (1 + 2 * part)
                if look(call) != 0:
                    _call(look(call), look(call + SIZE))
            row += SIZE * (1 + 2 * parts)


class Program:
    """A list of commands as a table that a team runs through.

    Args:
        commands: The commands.

    Attributes:
        members: How many parts a command has at most.
        lines: One for each member, where it publishes at which meeting of a launch it is.
    """

    def __init__(self, commands: Sequence[Command]) -> None:
        self._kept = commands
        self.members = max(len(command) for command in commands)
        self.lines = np.zeros((self.members, LINE), np.int64)
        joint = np.array([len(command) > 1 for command in commands])
        rows = np.zeros((len(commands), 1 + 2 * self.members), np.int64)
        rows[:, 0] = joint | np.roll(joint, 1)  # all come together before and after each joint command
        for row, command in zip(rows, commands, strict=True):
            row[1 : 1 + 2 * len(command)] = [word for call in command for word in (call.code, call.data)]
        self.table = np.array([len(commands), self.members, *rows.flat], np.int64)

    def run(self, repeats: int) -> None:
        """Run all parts in this thread, so many times."""
        run_parts(self.table.ctypes.data, repeats, self.lines.ctypes.data, 0, 1, SLEEP)
