"""The range test: which learning rate a model can bear."""

from __future__ import annotations

import copy
import math
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tqdm import tqdm

from .. import config
from ..training.data import Arrays
from .plan import RandomStreams, check_positive

if TYPE_CHECKING:
    from .model import Model

SMOOTHING = 0.9  # of the loss, the memory of its fading average
DIVERGED = 4.0  # times the best smoothed loss
SKIPPED = 5  # steps at the start, where the average has seen little


class LearningRateSweep(NamedTuple):
    """What a range test has found.

    Attributes:
        rates: The learning rate of each step.
        losses: The loss of each step's batch, before the step.
        smoothed: Their fading average, corrected for its start.
        suggestion: Where the smoothed loss falls fastest along the logarithm of the rate, before its lowest point: what
            falls again behind that only comes down from a spike.
    """

    rates: np.ndarray[Any, Any]
    losses: np.ndarray[Any, Any]
    smoothed: np.ndarray[Any, Any]
    suggestion: float

    def __repr__(self) -> str:
        return (
            f"LearningRateSweep({len(self.rates)} steps from {self.rates[0]:.2g} to {self.rates[-1]:.2g}, "
            f"suggestion={self.suggestion:.2g})"
        )


def sweep(
    model: Model, x: Any, y: Any, minimum: float, maximum: float, steps: int, batch_size: int, verbose: bool
) -> LearningRateSweep:
    """Train a copy of a model with a learning rate that grows at each step, see ``Model.find_learning_rate``."""
    check_positive("find_learning_rate", steps=steps, batch_size=batch_size)
    if not isinstance(minimum, Real) or not isinstance(maximum, Real):
        raise TypeError(f"find_learning_rate: expected numbers as rates, got {minimum!r} and {maximum!r}.")
    if not 0 < minimum < maximum < math.inf or steps < 2 * SKIPPED:
        raise ValueError(
            f"find_learning_rate: expected 0 < minimum < maximum and at least {2 * SKIPPED} steps, got {minimum}, "
            f"{maximum} and {steps}."
        )
    data = Arrays(x, y)
    with config.borrowed_seeds():
        # The memo gives the copy random streams of its own: those of the model would be drawn by copying them.
        probe: Model = copy.deepcopy(model, {id(model.random): RandomStreams()})
        return _sweep(probe, data, minimum, maximum, steps, batch_size, verbose)


def _sweep(
    probe: Model, data: Arrays, minimum: float, maximum: float, steps: int, batch_size: int, verbose: bool
) -> LearningRateSweep:
    assert probe.optimizer is not None
    order = np.random.default_rng(0).permutation(data.rows)
    rates = np.geomspace(minimum, maximum, steps)
    losses: list[float] = []
    smoothed: list[float] = []
    average = 0.0
    bar = tqdm(
        rates, desc="learning rate", unit="step", delay=1, disable=None if verbose else True, leave=False
    )
    for step, rate in enumerate(bar):
        rows = order[np.arange(step * batch_size, (step + 1) * batch_size) % data.rows]
        probe.optimizer.learning_rate = float(rate)
        targets = None if data.y is None else data.y[rows]
        loss = probe.train_on_batch(data.x[rows], targets, return_dict=True)["loss"]
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        corrected = average / (1 - SMOOTHING ** (step + 1))
        if not math.isfinite(loss) or (smoothed and corrected > DIVERGED * min(smoothed)):
            break
        losses.append(loss)
        smoothed.append(corrected)
    bar.close()
    if len(losses) < 2 * SKIPPED:
        raise ValueError(
            f"find_learning_rate: the loss diverged after {len(losses)} steps, at {rates[len(losses)]:.1e}; begin with a "
            f"smaller minimum than {minimum:.1e}."
        )
    suggestion = steepest(rates[: len(losses)], np.array(smoothed))
    return LearningRateSweep(rates[: len(losses)], np.array(losses), np.array(smoothed), suggestion)


def steepest(rates: np.ndarray[Any, Any], smoothed: np.ndarray[Any, Any]) -> float:
    """Return the rate where the loss falls fastest along ``log α``, before its lowest point.

    Raises:
        ValueError: It falls nowhere there.
    """
    slopes = np.gradient(smoothed, np.log(rates))[SKIPPED : int(np.argmin(smoothed)) + 1]
    if not len(slopes) or slopes.min() >= 0:
        raise ValueError(
            f"find_learning_rate: the loss falls at no rate from {rates[0]:.1e} to {rates[-1]:.1e}; give another range, or "
            "a model that has something to learn."
        )
    return float(rates[SKIPPED + int(np.argmin(slopes))])
