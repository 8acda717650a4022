"""A team of threads that run through a program together, each its parts of every command.

They stay together for a launch of many steps: nobody is woken between two products.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

from .. import blas
from .program import Program, lines_for


class Launch:
    """One run of a program by several members.

    Attributes:
        lines: One for each member, where it publishes its meetings, and one that tells whether all are off.
        failures: What members have raised.
    """

    def __init__(self, program: Program, repeats: int, members: int) -> None:
        self.program, self.repeats = program, repeats
        self.lines = lines_for(members)
        self.failures: list[BaseException] = []

    def run(self, member: int) -> bool:
        """Run a member's parts; return whether all members have run theirs."""
        return self.program.run(self.repeats, self.lines, member)

    def help(self, member: int) -> None:
        """Run a member's parts; where that fails, nobody waits for it."""
        try:
            self.run(member)
        except BaseException as error:
            self.failures.append(error)
            self.cancel()

    def cancel(self) -> None:
        """Let nobody wait any longer; once all have met for the last time it means nothing."""
        self.lines[-1] = 1


class Helper:
    """A thread that waits for launches to help with. It doesn't keep the interpreter from ending."""

    def __init__(self, member: int) -> None:
        self.launches: SimpleQueue[Launch] = SimpleQueue()
        threading.Thread(target=self._work, args=(member,), name=f"gpunet {member}", daemon=True).start()

    def _work(self, member: int) -> None:
        while True:
            self.launches.get().help(member)


class Team:
    """The threads that help the one that launches; there is one team in a process, and one launch at a time."""

    def __init__(self) -> None:
        self.helpers: list[Helper] = []
        self._is_free = threading.Lock()

    def run(self, program: Program, repeats: int) -> None:
        """Run a program so many times: in this thread alone where it has no parts, or nobody is free to help.

        Raises:
            RuntimeError: A helper has failed.
        """
        with blas.one_thread():
            is_ours = False
            try:
                is_ours = program.members > 1 and self._is_free.acquire(blocking=False)
                if is_ours and self._has(program.members - 1):
                    self._run_together(program, repeats)
                else:
                    Launch(program, repeats, 1).run(0)
            finally:
                if is_ours:
                    self._is_free.release()

    def _has(self, helpers: int) -> bool:
        try:
            while len(self.helpers) < helpers:
                self.helpers.append(Helper(len(self.helpers) + 1))
        except RuntimeError:  # there may be no more threads, or the interpreter is about to end
            return False
        return True

    def _run_together(self, program: Program, repeats: int) -> None:
        launch = Launch(program, repeats, program.members)
        try:
            for helper in self.helpers[: program.members - 1]:
                helper.launches.put(launch)
            if not launch.run(0):
                raise RuntimeError(
                    "gpunet: a thread that helped to compute has failed."
                ) from launch.failures[0]
        finally:
            launch.cancel()  # if this thread was interrupted before it began


_team = Team()


def run(program: Program, repeats: int) -> None:
    """Run a program so many times by the team of this process."""
    _team.run(program, repeats)


def _begin_anew() -> None:
    global _team
    _team = Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)  # threads don't come along
