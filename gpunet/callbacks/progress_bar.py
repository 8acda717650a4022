"""A tqdm bar an epoch, for terminals and notebooks."""

from __future__ import annotations

import time
import warnings
from functools import cache
from typing import Any

from .base import Callback, Logs
from .verbosity import formatted

FEW = 50  # epochs that all get a bar, however short they are
INTERVAL = 0.1  # seconds between two bars of more epochs, and between two looks of one
PATIENCE = 1.0  # seconds that a prediction takes before it deserves a bar
LAYOUT = "{desc} |{bar}| {n_fmt}/{total_fmt} [{elapsed}<{remaining}{postfix}]"


class ProgressBar(Callback):
    """Draws a bar for each epoch, each evaluation outside of training, and each prediction of more than a second.

    Of more than 50 epochs those shorter than 0.1 s are not all drawn: a new bar begins when the last one began at
    least 0.1 s ago, and the last epoch always has one. So a terminal gets ten lines a second at most, and drawing
    costs next to nothing.
    """

    def __init__(self) -> None:
        self._bar: Any = None
        self._title = ""
        self._training = False
        self._validating = False
        self._done = 0  # steps
        self._began = 0.0  # when the epoch or evaluation did
        self._drawn = float("-inf")  # when the last bar was opened

    # -- training ----------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._training = True

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._start(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self._open_if_due()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        last = epoch + 1 == self.params["epochs"] or self.model.stop_training
        if self._bar is None and last:
            self._open()
        self._finish(logs)

    # -- evaluation and prediction -----------------------------------------------------------------------------

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._validating = self._training
        if not self._training:
            self._start("Evaluation")
            self._open()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._validating = False
        if not self._training:
            self._finish(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._start("Prediction")
        self._open(PATIENCE)

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._finish(None)

    # -- drawing -----------------------------------------------------------------------------------------------

    def on_progress(self, done: int, total: int | None, logs: Logs | None) -> None:
        """Move the bar on; tqdm draws it no more often than every 0.1 s."""
        if self._validating:
            return
        self._done = done
        self._open_if_due()
        if self._bar is not None:
            self._bar.total = total
            if logs:
                self._bar.set_postfix_str(formatted(logs), refresh=False)
            self._bar.update(done - self._bar.n)

    def _start(self, title: str) -> None:
        self.close()
        self._title, self._done, self._began = title, 0, time.time()

    def _open_if_due(self) -> None:
        few = self.params["epochs"] <= FEW
        if self._bar is None and (few or time.time() - self._drawn >= INTERVAL):
            self._open()

    def _open(self, delay: float = 0.0) -> None:
        self._drawn = time.time()
        self._bar = _tqdm()(
            total=self.params["steps"],
            desc=self._title,
            unit="step",
            bar_format=LAYOUT,
            mininterval=INTERVAL,
            miniters=1,
            delay=delay,
        )
        # the bar may come late: when the epoch turns out to be a slow one, or the last
        self._bar.start_t = self._began

    def _finish(self, logs: Logs | None) -> None:
        """Leave a full bar with all results behind, wrapped rather than cut if the terminal is narrow."""
        if self._bar is None:
            return
        self._bar.n = self._done if self._bar.total is None else self._bar.total
        if logs:
            self._bar.set_postfix_str(formatted(logs), refresh=False)
        self._bar.ncols = None
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@cache
def _tqdm() -> Any:
    """Return tqdm's bar for a notebook in a notebook, else that for a terminal; imported when first needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without ipywidgets it falls back to text, which is all right
        from tqdm.auto import tqdm
    return tqdm
