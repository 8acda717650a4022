"""A program as CUDA graphs: captured once, replayed without the host in the loop."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

# Steps of the larger of the two graphs: to launch a graph costs the host about as much as to launch a kernel.
STEPS = 32


class Recording:
    """Runs a program as often as told: the first time as it is, from then on as a graph.

    The first run compiles and loads kernels and chooses matrix products, which capture forbids. Capture refuses every
    allocation: a graph keeps bare addresses, and the pool would hand freed memory to somebody else. A program with
    an operation that can't be captured (written in array functions, which allocate) goes on running as it is.

    Args:
        cupy: The module.
        stream: What everything runs on.
        operations: One step. They are kept, and with them every buffer that the graphs write to.

    Attributes:
        graphs: Those captured so far, by their number of steps.
    """

    def __init__(self, cupy: Any, stream: Any, operations: Sequence[Callable[[], None]]) -> None:
        self.cupy, self.stream, self.operations = cupy, stream, operations
        self.graphs: dict[int, Any] = {}
        self._ran, self._refused = False, False

    def __call__(self, repeats: int) -> None:
        """Run the program ``repeats`` times. Returns before the device is done."""
        with self.stream:
            if not self._ran and repeats:
                self._step()
                self._ran, repeats = True, repeats - 1
            for steps in (STEPS, 1):
                while repeats >= steps:
                    self._run(steps)
                    repeats -= steps

    def _run(self, steps: int) -> None:
        graph = self._graph(steps)
        if graph is not None:
            graph.launch(self.stream)
            return
        for _ in range(steps):
            self._step()

    def _step(self) -> None:
        for operation in self.operations:
            operation()

    def _graph(self, steps: int) -> Any:
        if steps not in self.graphs and not self._refused:
            try:
                self.graphs[steps] = self._capture(steps)
            except Exception as error:  # whatever it was, the program has run before and will run again
                self._refused = True
                _say(f"gpunet: a step runs without a CUDA graph, because it can't be captured: {error}")
        return self.graphs.get(steps)

    def _capture(self, steps: int) -> Any:
        self.stream.begin_capture()
        try:
            with self.cupy.cuda.using_allocator(_refuse):
                for _ in range(steps):
                    self._step()
        except BaseException:
            with suppress(
                Exception
            ):  # a stream must not be left capturing, whatever has become of the capture
                self.stream.end_capture()
            raise
        return self.stream.end_capture()


def _refuse(size: int) -> Any:
    raise MemoryError(f"it allocates {size} bytes")


_said: set[str] = set()


def _say(message: str) -> None:
    """Say something once in a process."""
    if message not in _said:
        _said.add(message)
        print(message, file=sys.stderr)
