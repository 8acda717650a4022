"""The process of one contender: it reads requests, a line of JSON each, and answers each with a line of JSON.

    python -m benchmarks.contenders NAME FOLDER

The folder holds a task, see ``task.py``. The first line that comes back, unasked, says that the first step is done.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import numpy as np

from ..task import Task
from . import CONTENDERS, UnavailableError

LIMIT = 50  # epochs that nobody needs to reach a target


class Session:
    """Answers requests: each public method is one."""

    def __init__(self, name: str, task: Task) -> None:
        self.entry, self.task = CONTENDERS[name], task
        self.kind = self.entry.load()
        self.contender: Any = None
        self.test: Any = None

    def start(self) -> dict[str, Any]:
        """Take one step on the first batch."""
        contender = self._contender(1)
        contender.fit(1, shuffle=False)
        return {
            "version": sys.modules[self.entry.packages[0]].__version__,
            "device": contender.device,
            "epsilon_corrected": self.kind.epsilon_corrected,
        }

    def check(self, batches: int, epochs: int) -> dict[str, Any]:
        """Return the losses of short epochs over the first batches, taken in order."""
        return {"losses": self._contender(batches).fit(epochs, shuffle=False)}

    def prepare(self) -> dict[str, Any]:
        """Get ready to be timed: an epoch compiles, allocates and warms whatever needs it."""
        self.contender = self._contender(self.task.workload.steps)
        if self.task.workload.target is not None:
            self.test = self.task.test()
        return {"losses": self.contender.fit(1, shuffle=True)}

    def train(self) -> dict[str, Any]:
        """Train for some epochs, or from the start to the target; return their number, seconds, and last loss."""
        target, each = self.task.workload.target, self.task.workload.epochs
        if target is not None:
            self.contender.reset()
        seconds, epochs = 0.0, 0
        while True:
            began = time.perf_counter()
            losses = self.contender.fit(each, shuffle=True)
            seconds += time.perf_counter() - began
            epochs += each
            if target is None or epochs >= LIMIT or self._accuracy() >= target:
                return {"seconds": seconds, "epochs": epochs, "loss": losses[-1]}

    def _accuracy(self) -> float:
        x, y = self.test
        return float(np.mean(self.contender.predict(x) == y))

    def memory(self) -> dict[str, Any]:
        """Return the most memory this process has had, in bytes; ``None`` on Windows, which is not asked."""
        return {"bytes": peak_memory()}

    def _contender(self, batches: int) -> Any:
        rows = batches * self.task.workload.batch_size
        x, y = self.task.training(rows)
        return self.kind(self.task.workload, x, y, self.task.weights, self.entry.option)


def peak_memory() -> int | None:
    """Return the peak of the resident set; not ``ru_maxrss`` where Linux has better: that starts with the parent's."""
    if sys.platform == "win32":
        return None
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(name: str, folder: str) -> None:
    """Answer until there are no more requests."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what frameworks print must not come between

    def answer(what: dict[str, Any]) -> None:
        print(json.dumps(what), file=answers, flush=True)

    try:
        session = Session(name, Task(folder))
        answer(session.start())
    except UnavailableError as error:
        answer({"unavailable": str(error)})
        return
    for line in sys.stdin:
        request = json.loads(line)
        answer(getattr(session, request.pop("do"))(**request))


if __name__ == "__main__":
    main(*sys.argv[1:])
