"""The loss of a model at weights that it doesn't have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from tqdm import tqdm

from ..callbacks import CallbackList
from ..training import adapt
from . import fitting

if TYPE_CHECKING:
    from .model import Model

Weights = Sequence[np.ndarray[Any, Any]]


def losses_at(
    model: Model, points: Iterable[Weights], x: Any, y: Any, verbose: bool = True, total: int | None = None
) -> Any:
    """Return the loss of a compiled model at each of several points; its own weights are the same afterwards.

    Args:
        model: A built and compiled model.
        points: Weights as ``get_weights`` returns them; a generator needs the memory of one point only.
        x, y: The data, as for ``evaluate``.
        verbose: Whether a bar shows the progress, where it takes longer than a second.
        total: How many points a generator yields, for the bar.

    Raises:
        ValueError, TypeError: The data or the shape of a point doesn't fit.
    """
    model._must_be_compiled("loss_landscape")
    data = adapt(x, y, None)
    own = model.get_weights()
    losses = []
    with model._ready(data, "evaluate") as trainer:
        feed = trainer.feed(data, model._rows(32), "test", repeats=True)
        watchers = CallbackList([], model=model, verbose=0, epochs=1, steps=feed.steps)
    try:
        for point in _with_progress(points, verbose, total):
            model.set_weights(point)
            losses.append(fitting.evaluate(trainer, feed, None, watchers)["loss"])
    finally:
        model.set_weights(own)
    return np.array(losses)


def _with_progress(points: Iterable[Weights], verbose: bool, total: int | None) -> Iterator[Weights]:
    yield from tqdm(
        points, desc="loss landscape", unit="point", delay=1, disable=None if verbose else True, leave=False,
        total=total,
    )  # fmt: skip
