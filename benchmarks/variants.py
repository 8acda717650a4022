"""The bare step, and the ways to call ``fit`` that are compared with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from gpunet import callbacks
from gpunet.training import adapt
from gpunet.training.trainer import TABLE_ROWS

from .contenders.gpunet_fit import Gpunet
from .terminal import pseudo_terminal
from .turn import Stopwatch
from .workloads import Workload


class EachBatch(callbacks.Callback):
    """Listens to every batch, and does nothing."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class EachEpoch(callbacks.Callback):
    """Listens to every epoch, and does nothing."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        pass


class Variant(NamedTuple):
    """A way to call ``fit``.

    Attributes:
        title: What it has.
        above: The title of what it is compared with.
        metrics: The metrics that it computes.
        callback: The callback that it calls.
        drawn: Whether there is a progress bar.
    """

    title: str
    above: str
    metrics: tuple[str, ...] = ()
    callback: type[callbacks.Callback] | None = None
    drawn: bool = False


BARE, FIT = "the bare step", "fit"
VARIANTS = (
    Variant(FIT, BARE),
    Variant("an empty callback each epoch", FIT, callback=EachEpoch),
    Variant("an empty callback each batch", FIT, callback=EachBatch),
    Variant("the progress bar", FIT, drawn=True),
    Variant("a metric: accuracy", FIT, metrics=("accuracy",)),
)


def bare(workload: Workload, data: tuple[Any, Any], backend: str) -> Callable[[], float]:
    """Return what runs the steps of a turn as a recorded program, without ``fit``, and returns the seconds."""
    contender = Gpunet(workload, *data, workload.weights(), backend)
    model = _compiled(contender)
    model.fit(contender.x, contender.y, batch_size=workload.batch_size, verbose=0)
    trainer = model.trainer()
    feed = trainer.feed(adapt(contender.x, contender.y), workload.batch_size, "train")
    _, launch, _, count = next(feed.units("train"))
    assert count == workload.steps <= TABLE_ROWS
    assert trainer.optimizer is not None
    backend_, table = trainer.backend, trainer.optimizer.table(0, count)
    backend_.upload(table, trainer.table[:count])
    start = np.zeros(3, np.int64)

    def run() -> float:
        began = time.perf_counter()
        for _ in range(workload.epochs):
            backend_.upload(start, trainer.counters)
            launch(count)
        backend_.download(trainer.totals)  # waits for the device
        return time.perf_counter() - began

    return run


def fitting(workload: Workload, data: tuple[Any, Any], backend: str, variant: Variant) -> Callable[[], float]:
    """Return what calls ``fit``, and returns the seconds of all epochs but the first."""
    contender = Gpunet(workload, *data, workload.weights(), backend)
    model = _compiled(contender, variant.metrics)
    watch = Stopwatch()
    watchers = [watch, *([] if variant.callback is None else [variant.callback()])]

    def fit() -> float:
        model.fit(
            contender.x,
            contender.y,
            batch_size=workload.batch_size,
            epochs=1 + workload.epochs,
            callbacks=watchers,
            verbose=1 if variant.drawn else 0,
        )
        return watch.seconds

    def drawn() -> float:
        with pseudo_terminal():
            return fit()

    return drawn if variant.drawn else fit


def _compiled(contender: Gpunet, metrics: Sequence[str] = ()) -> Any:
    """Return the model, compiled anew with these metrics alone."""
    model = contender.model
    model.compile(model.optimizer, model.loss, metrics=list(metrics))
    return model
