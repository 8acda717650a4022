"""The loops behind ``fit``, ``evaluate`` and ``predict``: epochs, callbacks and logs around the trainer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from ..callbacks import CallbackList, History
from ..training import Data, Interrupt, Trainer, adapt
from ..training.data import is_list_of_batches
from ..training.feed import Feed
from .plan import Plan

if TYPE_CHECKING:
    from .model import Model


def run(
    model: Model, trainer: Trainer, feed: Feed, tests: Feed | None, plan: Plan, watchers: CallbackList
) -> History:
    """Train for the epochs of a plan; the callbacks have been told that training begins."""
    steps = plan.check(feed)
    logs: dict[str, Any] = {}
    with Interrupt() as interrupt:
        for epoch in range(plan.initial_epoch, plan.epochs):
            watchers.on_epoch_begin(epoch)
            trainer.check_home()
            trainer.start()
            if feed.ended or plan.steps_per_epoch is None:
                rows = feed.rows if plan.shuffle else None
                feed.restart(None if rows is None else model.random.shuffle.permutation(rows))
            done = trainer.run(
                feed, "train", plan.steps_per_epoch, watchers.wants_batches, interrupt=interrupt,
                stopped=lambda: model.stop_training, **_reports(watchers, trainer, "train", steps),
            )  # fmt: skip
            if done == 0:
                raise ValueError(
                    f"fit: the iterable ran out of batches before epoch {epoch + 1}; give more of them, fewer epochs, or "
                    "an iterable that can be started anew."
                )
            trainer.check_home()
            logs = trainer.logs()
            if tests is not None and plan.validates(epoch):
                validated = _evaluate(trainer, tests, plan.validation_steps, watchers, interrupt)
                logs.update({f"val_{name}": value for name, value in validated.items()})
            watchers.on_epoch_end(epoch, logs)
            if model.stop_training:
                break
        trainer.check_home()
        if model.optimizer is not None:
            model.optimizer.finalize()
        watchers.on_train_end(logs)
    return watchers.history


def evaluate(trainer: Trainer, feed: Feed, steps: int | None, watchers: CallbackList) -> dict[str, Any]:
    """Return the loss and metrics over a feed."""
    with Interrupt() as interrupt, watchers:
        return _evaluate(trainer, feed, steps, watchers, interrupt)


def predict(trainer: Trainer, feed: Feed, steps: int | None, watchers: CallbackList) -> np.ndarray[Any, Any]:
    """Return the predictions for all rows of a feed."""
    total = steps or feed.steps
    parts = []
    with Interrupt() as interrupt, watchers:
        watchers.on_predict_begin()
        for index, part in enumerate(trainer.predictions(feed, steps)):
            watchers.on_predict_batch_begin(index)
            parts.append(part)
            watchers.on_predict_batch_end(index, {"outputs": part})
            watchers.on_progress(index + 1, total, None)
            interrupt.check()
        watchers.on_predict_end()
    return np.concatenate(parts)


def adapt_validation(data: Any) -> Data:
    """Return checked data from what ``validation_data`` takes.

    Raises:
        ValueError: It is neither a tuple of two or three arrays nor an iterable of batches.
    """
    parts = data if isinstance(data, (tuple, list)) and not is_list_of_batches(data) else (data,)
    if parts is data and len(parts) not in (2, 3):
        raise ValueError(
            f"validation_data: expected (x, y) or (x, y, sample_weight), got {len(parts)} parts."
        )
    with blaming("validation_data"):
        return adapt(*parts)


@contextmanager
def blaming(argument: str) -> Iterator[None]:
    """Say which argument of ``fit`` is meant by what is refused within."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise type(error)(f"{argument}: {error}") from error


def as_results(logs: dict[str, Any], return_dict: bool) -> Any:
    """Return logs as a dictionary, a list, or the loss alone."""
    if return_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _evaluate(
    trainer: Trainer, feed: Feed, steps: int | None, watchers: CallbackList, interrupt: Interrupt
) -> dict[str, Any]:
    watchers.on_test_begin()
    trainer.start()
    feed.restart()
    done = trainer.run(
        feed, "test", steps, watchers.wants_test_batches, interrupt=interrupt,
        **_reports(watchers, trainer, "test", steps or feed.steps),
    )  # fmt: skip
    if done == 0:
        raise ValueError(
            "validation_data: the iterable ran out of batches; give more of them, fewer epochs, or an iterable that can "
            "be started anew."
        )
    logs = trainer.logs()
    watchers.on_test_end(logs)
    return logs


def _reports(watchers: CallbackList, trainer: Trainer, mode: str, total: int | None) -> dict[str, Any]:
    """Return what the trainer is to call, and only what somebody listens to."""
    reports: dict[str, Any] = {}
    wanted = watchers.wants_batches if mode == "train" else watchers.wants_test_batches
    if wanted:
        begin = watchers.on_train_batch_begin if mode == "train" else watchers.on_test_batch_begin
        end = watchers.on_train_batch_end if mode == "train" else watchers.on_test_batch_end
        reports["before"] = lambda done: begin(done)
        reports["after"] = lambda done: end(done - 1, trainer.logs())
    if watchers.wants_progress:
        reports["progress"] = lambda done: watchers.on_progress(done, total, trainer.logs())
    return reports
