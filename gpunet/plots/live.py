"""The curves of a training while it runs."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from ..callbacks import Callback
from .canvas import library
from .history import history

PAUSE = 1.0  # seconds at least between two pictures


class LiveHistory(Callback):
    """Draws the curves while a model trains: in a notebook in place, in a window where there is a screen, or to a file.

    Args:
        metrics: What is drawn, as for ``history``: one set of axes for each.
        path: A PNG that is written anew as the training goes on, for machines without a screen.

    Raises:
        ImportError: matplotlib is missing; raised when a training begins.
        ValueError: There is neither a screen nor a path; raised likewise.

    Example:
        >>> import gpunet, tempfile
        >>> model = gpunet.Sequential([gpunet.layers.Dense(1)])
        >>> model.compile("sgd", "mean_squared_error")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     live = LiveHistory(path=f"{folder}/loss.png")
        ...     _ = model.fit([[0.0], [1.0]], [[0.0], [1.0]], epochs=2, verbose=0, callbacks=[live])
        ...     sorted(os.listdir(folder))
        ['loss.png']
    """

    def __init__(self, metrics: Any = "loss", path: str | os.PathLike[str] | None = None) -> None:
        self.metrics = [metrics] if isinstance(metrics, str) else list(metrics)
        self.path = None if path is None else Path(path)
        self.figure: Any = None
        self._curves: dict[str, list[float]] = {}
        self._drawn = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        pyplot = library("LiveHistory", "matplotlib.pyplot")
        shape = {"figsize": (6, 3.5 * len(self.metrics)), "layout": "constrained"}
        self.figure = pyplot.subplots(len(self.metrics), squeeze=False, **shape)[0]
        self._curves, self._drawn = {}, 0.0
        screen = self.figure.canvas.required_interactive_framework is not None
        if self.path is None and not screen and not _in_notebook():
            self.close()
            raise ValueError("plots.LiveHistory: there is no screen here; give path=, the name of a PNG.")

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        for name, value in (logs or {}).items():
            self._curves.setdefault(name, []).append(value)
        if time.monotonic() - self._drawn >= PAUSE:
            self._draw()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._curves:
            self._draw()

    def close(self) -> None:
        if self.figure is not None:
            library("LiveHistory", "matplotlib.pyplot").close(self.figure)
            self.figure = None

    def _draw(self) -> None:
        for ax, metric in zip(self.figure.axes, self.metrics, strict=False):
            ax.clear()
            history(self._curves, metric, ax=ax)
        if self.path is not None:
            self._save(self.path)
        elif _in_notebook():
            display = library("LiveHistory", "IPython.display")
            display.clear_output(wait=True)
            display.display(self.figure)
        else:
            library("LiveHistory", "matplotlib.pyplot").pause(0.001)
        self._drawn = time.monotonic()

    def _save(self, path: Path) -> None:
        """Write a file that is whole at every moment."""
        unfinished = path.with_name(f".{path.name}.unfinished.png")
        self.figure.savefig(unfinished, dpi=120)
        os.replace(unfinished, path)


def _in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and "IPKernelApp" in shell.config
