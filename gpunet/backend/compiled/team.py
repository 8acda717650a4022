"""A team of threads that run through a program together, each its parts of every command.

They stay together for a launch of many steps: nobody is woken between two products. Between two launches helpers look for
the next one for a while before they sleep, since to wake a thread takes as long as a small step.
"""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue

import numpy as np

from .. import blas
from .kernel import kept_on_disk
from .program import LENGTH, LINE, SIZE, SLEEP, Program, look, pause, publish, run_parts, wait_for

WATCH = 1_000_000  # looks for the next launch before a helper sleeps: about half a millisecond

# Words of a helper's box. The one who launches writes the first line, the helper the second one.
LAUNCHES, TABLE, REPEATS, LINES, MEMBERS, WANTED = (SIZE * word for word in range(6))
DONE, ASLEEP = (SIZE * (LINE + word) for word in range(2))


@kept_on_disk("none(int64, int64, int64)")
def _help(box, member, sleep):
    """Help with launches until there has been none for a while and none is announced."""
    publish(box + ASLEEP, 0)
    looks = 0
    while True:
        if look(box + LAUNCHES) > look(box + DONE):
            run_parts(
                look(box + TABLE),
                look(box + REPEATS),
                look(box + LINES),
                member,
                look(box + MEMBERS),
                sleep,
            )
            publish(box + DONE, look(box + LAUNCHES))  # from here on nothing of the program is touched
            looks = 0
        looks += 1
        if looks > WATCH:
            publish(box + ASLEEP, 1)
            if look(box + WANTED) == 0:
                return
            publish(box + ASLEEP, 0)
            pause(sleep, LENGTH)


@kept_on_disk("boolean(int64)")
def _want(box):
    """Announce a launch; return whether the helper must be woken. It looks again after it has said that it sleeps."""
    publish(box + WANTED, 1)
    return look(box + ASLEEP) != 0


@kept_on_disk("none(int64, int64, int64, int64[::1], int64)")
def _lead(table, repeats, lines, boxes, sleep):
    """Run a program together with the helpers of the boxes."""
    members = len(boxes) + 1
    for member in range(members):
        publish(
            lines + LINE * SIZE * member, 0
        )  # a process that was forked during a launch finds other numbers
    for box in boxes:
        publish(box + TABLE, table)
        publish(box + REPEATS, repeats)
        publish(box + LINES, lines)
        publish(box + MEMBERS, members)
        publish(box + LAUNCHES, look(box + LAUNCHES) + 1)
    run_parts(table, repeats, lines, 0, members, sleep)
    for box in boxes:
        wait_for(box + DONE, look(box + LAUNCHES), sleep)


class Helper:
    """A thread that waits for launches to help with. It doesn't keep the interpreter from ending.

    Args:
        member: Its number in the team.

    Attributes:
        words: What it and the one who launches tell each other.
        box: The address of the words.
    """

    def __init__(self, member: int) -> None:
        self.words, self._calls = np.zeros(2 * LINE, np.int64), SimpleQueue[None]()
        self.box = self.words.ctypes.data
        threading.Thread(target=self._work, args=(member,), name=f"gpunet {member}", daemon=True).start()

    def _work(self, member: int) -> None:
        while True:
            _help(self.box, member, SLEEP)
            self._calls.get()

    def call(self) -> None:
        """Let it be awake until it is dismissed."""
        if _want(self.box):
            self._calls.put(None)

    def dismiss(self) -> None:
        """Let it sleep."""
        self.words[WANTED // SIZE] = 0


class Team:
    """The threads that help the one that launches; there is one team in a process, and one launch at a time."""

    def __init__(self) -> None:
        self.helpers: list[Helper] = []
        self._is_free = threading.Lock()

    def run(self, program: Program, repeats: int) -> None:
        """Run a program so many times: in this thread alone where it has no parts, or nobody is free to help."""
        with blas.one_thread():
            is_ours = False
            try:
                is_ours = program.members > 1 and self._is_free.acquire(blocking=False)
                if is_ours and self._has(program.members - 1):
                    self._run_together(program, repeats)
                else:
                    program.run(repeats)
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
        helpers = self.helpers[: program.members - 1]
        boxes = np.array([helper.box for helper in helpers])
        try:
            for helper in helpers:
                helper.call()
            _lead(program.table.ctypes.data, repeats, program.lines.ctypes.data, boxes, SLEEP)
        finally:
            for helper in helpers:
                helper.dismiss()


_team = Team()


def run(program: Program, repeats: int) -> None:
    """Run a program so many times by the team of this process."""
    _team.run(program, repeats)


def _begin_anew() -> None:
    global _team
    _team = Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)  # threads don't come along
