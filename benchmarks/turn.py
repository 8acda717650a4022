"""Turns of ``fit`` that are timed, on each backend that can be had."""

from __future__ import annotations

import time
from typing import Any

from gpunet.backend import NAMES, get_backend
from gpunet.callbacks import Callback

from .contenders.gpunet_fit import Gpunet
from .workloads import Workload

SECONDS = 0.1  # of a turn


def available() -> tuple[list[str], dict[str, str]]:
    """Return the backends that can be had, and why the others can't."""
    names, missing = [], {}
    for name in NAMES[1:]:  # all but "auto"
        try:
            get_backend(name)
        except RuntimeError as error:
            missing[name] = str(error)
        else:
            names.append(name)
    return names, missing


class Stopwatch(Callback):
    """Measures a training from its second epoch on.

    Attributes:
        seconds: What it took, to the end of the last epoch.
    """

    def __init__(self) -> None:
        self.seconds, self._began = 0.0, 0.0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self._began = time.perf_counter()

    def on_train_end(self, logs: Any = None) -> None:
        self.seconds = time.perf_counter() - self._began


class Turn:
    """Steps of ``fit``, as many as take about ``SECONDS``, after an epoch that isn't counted.

    Args:
        workload: What is trained.
        backend: Where.

    Attributes:
        steps: Of an epoch,
        epochs: and how many of these are counted.

    Raises:
        UnavailableError: The backend can't be had.
    """

    def __init__(self, workload: Workload, backend: str) -> None:
        self.contender = Gpunet(workload, *workload.data(), workload.weights(), backend)
        self.workload, self.epochs = workload, 1
        self.steps = self._fitting(2)
        self()  # compiles
        wanted = max(2, int(SECONDS / self()))
        self.steps = self._fitting(wanted)
        self.epochs = max(1, round(wanted / self.steps))

    def _fitting(self, steps: int) -> int:
        """Return so many steps if two such parts are in an epoch, else all: ``fit`` cuts a part short at the end of data."""
        return steps if 2 * steps <= self.workload.steps else self.workload.steps

    def __call__(self) -> float:
        """Return the seconds of a step in one turn."""
        whole, watch = self.steps == self.workload.steps, Stopwatch()
        self.contender.model.fit(
            self.contender.x,
            self.contender.y,
            batch_size=self.workload.batch_size,
            epochs=1 + self.epochs,
            steps_per_epoch=None if whole else self.steps,
            callbacks=[watch],
            verbose=0,
        )
        return watch.seconds / (self.steps * self.epochs)
