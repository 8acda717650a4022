"""The curves of a training while it runs."""

from __future__ import annotations

import io
import os
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..callbacks import Callback, History
from .canvas import library
from .history import history

PAUSE = 1.0  # seconds at least between two pictures


class LiveHistory(Callback):
    """Draws the curves while a model trains: in a notebook in place, in a window where there is a screen, or to a file.

    What can't work is refused before the training begins. Whatever fails later is told once, and the training goes
    on without the picture.

    Args:
        metrics: What is drawn, as for ``history``: one set of axes for each.
        path: A PNG that is written anew as the training goes on, for machines without a screen.

    Raises:
        ImportError: matplotlib is missing; raised when a training begins.
        ValueError: No metric; or, when a training begins, neither a screen nor a path, or a path that can't be
            written to.

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

    def __init__(
        self, metrics: str | Sequence[str] = "loss", path: str | os.PathLike[str] | None = None
    ) -> None:
        self.metrics = [metrics] if isinstance(metrics, str) else list(metrics)
        if not self.metrics:
            raise ValueError("plots.LiveHistory: expected at least one metric, got none.")
        self.path = None if path is None else Path(path)
        self.figure: Any = None
        self._seen = History()
        self._drawn = 0.0
        self._cell: Any = None  # what a notebook shows

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        if self.path is not None and (
            self.path.suffix.lower() != ".png"
            or self.path.is_dir()
            or not self.path.absolute().parent.is_dir()
        ):
            raise ValueError(
                f'plots.LiveHistory: expected a PNG in a folder that exists as path, got "{self.path}".'
            )
        self._seen, self._drawn, self._cell = History(), 0.0, None
        shape = {"figsize": (6, 3.5 * len(self.metrics)), "layout": "constrained"}
        if (
            self.path is not None or _in_notebook()
        ):  # pyplot doesn't know of it, so nothing else shows or keeps it
            self.figure = library("LiveHistory", "matplotlib.figure").Figure(**shape)
            return
        pyplot = library("LiveHistory", "matplotlib.pyplot")
        self.figure = pyplot.figure(**shape)
        if self.figure.canvas.required_interactive_framework is None:
            pyplot.close(self.figure)
            raise ValueError("plots.LiveHistory: there is no screen here; give path=, the name of a PNG.")
        self.figure.show()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._seen.on_epoch_end(epoch, logs)
        if time.monotonic() - self._drawn >= PAUSE:
            self._try_to_draw()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._seen.epoch:
            self._try_to_draw()

    def close(self) -> None:
        """Let go of the figure; a window stays until it is closed."""
        self.figure = None

    def _try_to_draw(self) -> None:
        if self.figure is None:
            return
        try:
            self._draw()
        except Exception as error:  # of whatever kind: a picture is worth less than a training
            self.figure = None
            warnings.warn(
                f"LiveHistory: {error} The training goes on without the picture.",
                RuntimeWarning,
                stacklevel=2,
            )
        self._drawn = time.monotonic()

    def _draw(self) -> None:
        self.figure.clear()
        panels = self.figure.subplots(len(self.metrics), squeeze=False)[:, 0]
        for ax, metric in zip(panels, self.metrics, strict=True):
            history(self._seen, metric, ax=ax)
        if self.path is not None:
            self._save(self.path)
        elif _in_notebook():
            self._show_in_notebook()
        else:
            self.figure.canvas.draw_idle()
            self.figure.canvas.flush_events()

    def _save(self, path: Path) -> None:
        """Write a file that is whole at every moment."""
        unfinished = path.with_name(f".{path.name}.unfinished.png")
        try:
            self.figure.savefig(unfinished, dpi=120)
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _show_in_notebook(self) -> None:
        """Replace the picture in the cell, and leave alone what else is written there, such as a progress bar."""
        display = library("LiveHistory", "IPython.display")
        pixels = io.BytesIO()
        self.figure.savefig(pixels, format="png", dpi=100)
        picture = display.Image(data=pixels.getvalue())
        if self._cell is None:
            self._cell = display.display(picture, display_id=True)
        else:
            self._cell.update(picture)


def _in_notebook() -> bool:
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return shell is not None and "IPKernelApp" in shell.config
