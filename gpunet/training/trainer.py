"""The trainer: runs the programs of a compiled model over feeds and keeps what the host and the device share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arena import Arena
from ..backend import Array
from ..backend.base import STEP
from .data import INFERENCE_BATCH, Arrays, Data, Stream
from .feed import ArrayFeed, Feed, StreamFeed
from .interrupt import Interrupt
from .pace import Pace
from .programs import Programs
from .requirements import Requirements

if TYPE_CHECKING:
    from ..losses import Loss
    from ..models.compiled import Compiled
    from ..optimizers import Optimizer

TABLE_ROWS = 1024  # the most steps that run without the host

Report = Callable[[int], None]


class Trainer(Requirements):
    """Runs a model.

    Args:
        model: A built model. Its loss, optimizer and metrics may be missing: prediction needs none.
        arena: Its parameters.
    """

    def __init__(self, model: Compiled, arena: Arena) -> None:
        super().__init__(model, arena.backend, arena.dtype)
        self.arena = arena
        self.optimizer: Optimizer | None = model.optimizer
        self.counters = self.backend.zeros(3, np.int64)
        self.totals = self.backend.zeros(2, np.float64)
        self.table: Array = None
        self.programs = Programs(self)
        self._paces: dict[str, Pace] = {}

    # -- what a step is made of --------------------------------------------------------------------------------

    def fused_loss(self) -> tuple[Loss | None, bool]:
        """Return the loss, and whether it is computed together with the last activation, from logits."""
        last = self.model.layers[-1]
        if self.loss is None or last.without_activation() is None:
            return self.loss, False
        activation = last.activation  # type: ignore[attr-defined]
        plain = activation is not None and activation.get_config().get("axis", -1) == -1
        return self.loss, plain and activation.name == self.loss.fuses

    def update(self) -> None:
        """Let the optimizer take its step."""
        assert self.optimizer is not None
        self.backend.update(self.optimizer, self.arena, self.optimizer.state, self.table, self.counters)

    def feed(self, data: Data, batch_size: int | None, mode: str, repeats: bool = False) -> Feed:
        """Return a feed for the data, after its targets (those of a stream or a file: the first ones) have been checked.

        Where nothing ``repeats``, the step of a single batch is kept for the next one, instead of one that gathers it.
        """
        self.refresh()
        if mode != "predict":
            first = data.peek() if isinstance(data, Stream) else data
            y = first.y
            self.check_targets(y[:1] if isinstance(data, Arrays) and data.mapped and y is not None else y)
            with self.backend.computing():
                self.check_metrics(y, first.weight is not None)
        batch_size = batch_size or INFERENCE_BATCH
        if (
            isinstance(data, Arrays)
            and not data.mapped
            and (repeats or data.rows > batch_size)
            and self.backend.fits(self.resident_size(data))
        ):
            feed = ArrayFeed(self, data, batch_size)
            self.programs.reserve(feed.batch_size)
            return feed
        return StreamFeed(self, data, batch_size)

    def check_home(self) -> None:
        """Check that the parameters are still where this trainer changes them.

        Raises:
            RuntimeError: Another model has taken them.
        """
        if any(parameter.arena is not self.arena for parameter in self.model.weights):
            raise RuntimeError(
                f"fit: during the training of {self.model.name} a callback trained another model with the same layers, or "
                "froze some and saved; only predict and evaluate may share layers with a training."
            )

    # -- running -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Let products read the parameters, and steps be made with the options, as they are now, whoever changed them."""
        self._reread()
        self.programs.renew()

    def _reread(self) -> None:
        for arena in {parameter.arena for parameter in self.model.weights}:
            if arena is not None:
                self.backend.refresh(arena)

    def start(self) -> None:
        """Reset the sums of an epoch."""
        self.refresh()
        with self.backend.computing():
            self.totals.fill(0)
            for metric in (*self.metrics, *self.weighted_metrics):
                metric.reset_state()

    def logs(self) -> dict[str, Any]:
        """Return the loss and the metrics so far: the host reads the device here."""
        total, rows = self.backend.download(self.totals).tolist()
        logs: dict[str, Any] = {"loss": total / rows if rows else 0.0}
        for name, metric in zip(self.metric_names, (*self.metrics, *self.weighted_metrics), strict=True):
            with self.backend.computing():
                value = np.asarray(self.backend.download(metric.result()))
            logs[name] = float(value) if value.ndim == 0 else value
        return logs

    @property
    def metric_names(self) -> list[str]:
        """The keys of the metrics in logs; a weighted one whose name is taken gets "weighted_" before it."""
        taken = {metric.name for metric in self.metrics}
        weighted = [f"weighted_{m.name}" if m.name in taken else m.name for m in self.weighted_metrics]
        return [*(metric.name for metric in self.metrics), *weighted]

    def run(
        self,
        feed: Feed,
        mode: str,
        steps: int | None = None,
        single: bool = False,
        before: Report | None = None,
        after: Report | None = None,
        progress: Report | None = None,
        interrupt: Interrupt | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> int:
        """Run a program over the batches of a feed.

        Args:
            feed: The batches.
            mode: ``"train"`` or ``"test"``.
            steps: Stop after that many.
            single: One step at a time, for those who want every batch.
            before, after: Called around each launch with the number of the first step and of the next.
            progress: Called about every 0.1 s with the number of steps done; it waits for the device.
            interrupt: Asked between launches.
            stopped: Asked likewise; the epoch ends where it says so.

        Returns:
            The number of steps that ran.
        """
        done, pace = 0, self._paces.setdefault(mode, Pace())
        pace.start()
        for _, launch, first, count in feed.units(mode, steps):
            offset, stop = first - done, done + count
            while done < stop:
                size = 1 if single else min(pace.chunk, stop - done, TABLE_ROWS)
                if progress is not None:
                    size = min(size, pace.left())
                if before is not None:
                    before(done)
                    self._reread()  # a callback may have set weights
                began = time.perf_counter()
                self._launch(launch, mode, done + offset, size)
                done += size
                pace.launched(size, time.perf_counter() - began)
                if after is not None:
                    after(done)
                if progress is not None and pace.due():
                    progress(done)
                    pace.looked()
                if interrupt is not None:
                    interrupt.check()
                if stopped is not None and stopped():
                    return done
        return done

    def _launch(self, launch: Callable[[int], None], mode: str, position: int, size: int) -> None:
        step = 0
        if mode == "train":
            assert self.optimizer is not None
            step = self.optimizer.iterations
            table = self.optimizer.table(step, size)
            if self.table is None or self.table.shape[1] != table.shape[1]:
                self.table = self.backend.zeros((TABLE_ROWS, table.shape[1]), np.float64)
            self.backend.upload(table, self.table[:size])
        self.backend.upload(np.array([step, position, 0]), self.counters)
        try:
            launch(size)
        except BaseException:  # a second Ctrl-C, a layer of one's own: only some of the steps were taken
            size = int(self.backend.download(self.counters)[STEP]) - step
            raise
        finally:
            if mode == "train":
                assert self.optimizer is not None
                self.optimizer.iterations += size

    def predictions(self, feed: Feed, steps: int | None = None) -> Iterator[np.ndarray[Any, Any]]:
        """Yield host copies of the predictions, batch by batch."""
        for program, launch, first, count in feed.units("predict", steps):
            for position in range(first, first + count):
                self._launch(launch, "predict", position, 1)
                yield self.backend.download(program.predictions)
