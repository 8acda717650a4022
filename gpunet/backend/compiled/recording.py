"""A program as a list of kernels and their arguments, which compiled loops run through."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .. import blas
from . import team
from .issue import Command, Issue, NotRecordableError
from .program import Program

Operation = Callable[[], None]

# Grains of a step, about a tenth of a millisecond, from which on a team is faster than one thread: weights that a member
# has updated must come over to the others, which read them in the next step.
WORTH = 40


class Recording:
    """Repeats a program: its kernels without Python between them, operations in array functions as they are.

    Args:
        operations: The program.
        issue: What the operations issue their kernels to.
    """

    def __init__(self, operations: Sequence[Operation], issue: Issue) -> None:
        members = blas.threads()
        self._parts = _record(operations, issue, members)
        if issue.grains < WORTH:
            self._parts = _record(operations, issue, 1)

    @property
    def whole(self) -> bool:
        """Whether no operation needs Python."""
        return all(isinstance(part, Program) for part in self._parts)

    def __call__(self, repeats: int) -> None:
        """Run the program so many times."""
        launches, together = (1, repeats) if self.whole else (repeats, 1)
        for _ in range(launches):
            for part in self._parts:
                if isinstance(part, Program):
                    team.run(part, together)
                else:
                    part()


def _record(operations: Sequence[Operation], issue: Issue, members: int) -> list[Program | Operation]:
    """Return the operations that need Python, and between them the programs that don't."""
    issue.grains, parts = 0.0, list[list[Command] | Operation]()
    for operation in operations:
        try:
            commands = issue.record(operation, members)
        except NotRecordableError:
            parts.append(operation)
            continue
        if parts and isinstance(parts[-1], list):
            parts[-1] += commands
        elif commands:
            parts.append(commands)
    return [Program(part) if isinstance(part, list) else part for part in parts]
