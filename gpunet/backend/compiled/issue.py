"""Issuing kernels: running them at once, or writing them down as commands of a recording."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ..formulas import Array
from .kernel import Argument, Call, Kernel, precision_of

Command = list[Call]  # the parts of one operation; they write to different places and may run at once
Arguments = tuple[Argument, ...]

GRAIN = 8192  # elements that are worth a thread of their own: a few microseconds


class NotRecordableError(Exception):
    """An operation computes in array functions: it can be repeated by Python alone."""


class Issue(threading.local):
    """Takes kernels and their arguments; each thread records for itself.

    Attributes:
        members: Of the team that will run what is recorded; 1 while nothing is.
        grains: How many have been divided among the members since it was set to 0; each takes some microseconds.
    """

    def __init__(self) -> None:
        self.members = 1
        self.grains = 0.0
        self._recorded: list[Command] | None = None  # where commands go instead of being run

    @property
    def recording(self) -> bool:
        """Whether what is issued is written down."""
        return self._recorded is not None

    def __call__(self, kernel: Kernel, *arguments: Argument) -> bool:
        """Issue a kernel; return whether it can take the arguments."""
        return self.parts(kernel, [arguments])

    def parts(self, kernel: Kernel, parts: Sequence[Arguments]) -> bool:
        """Issue an operation in parts, which may run at once; return whether the kernel can take their arguments."""
        dtype = precision_of(parts[0])
        if dtype is None:
            return False
        command = [Call(kernel, dtype, arguments) for arguments in parts]
        if self._recorded is None:
            for call in command:
                call.run()
        else:
            self._recorded.append(command)
        return True

    def slices(self, size: int, work: int, grain: int, multiple: int = 1) -> list[slice]:
        """Divide ``size`` rows or elements of so much work each: no part has less than a grain, all begin at multiples."""
        self.grains += size * work / grain
        count = max(min(self.members, size * work // grain), 1)
        step = max(-(-size // (count * multiple)) * multiple, 1)
        return [slice(start, min(start + step, size)) for start in range(0, max(size, 1), step)]

    def refuse(self, name: str) -> None:
        """Refuse to record what is Python code."""
        if self._recorded is not None:
            raise NotRecordableError(name)

    def record(self, operation: Callable[[], None], members: int) -> list[Command]:
        """Return what an operation issues, for a team of so many, instead of running it."""
        commands: list[Command] = []
        self._recorded, self.members = commands, members
        try:
            operation()
        finally:
            self._recorded, self.members = None, 1
        return commands


def other(array: Array, than: Array) -> Array | None:
    """Return an array, ``None`` where it has the place of another one."""
    same = array.__array_interface__["data"] == than.__array_interface__["data"]
    return None if same else array
