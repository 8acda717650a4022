"""The range test: which learning rate a model can bear."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from tqdm import tqdm

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
        suggestion: Where the smoothed loss falls fastest along the logarithm of the rate.
    """

    rates: np.ndarray[Any, Any]
    losses: np.ndarray[Any, Any]
    smoothed: np.ndarray[Any, Any]
    suggestion: float


def sweep(
    model: Model, x: Any, y: Any, minimum: float, maximum: float, steps: int, batch_size: int, verbose: bool
) -> LearningRateSweep:
    """Train a copy of a model with a learning rate that grows at each step, see ``Model.find_learning_rate``."""
    if not 0 < minimum < maximum < math.inf or steps < 2 * SKIPPED:
        raise ValueError(
            f"find_learning_rate: expected 0 < minimum < maximum and at least {2 * SKIPPED} steps, got {minimum}, "
            f"{maximum} and {steps}."
        )
    x, y = np.asarray(x), np.asarray(y)
    if len(x) != len(y) or len(x) == 0:
        raise ValueError(
            f"find_learning_rate: expected as many targets as samples, got {len(y)} and {len(x)}."
        )
    probe = copy.deepcopy(model)
    assert probe.optimizer is not None
    order = np.random.default_rng(0).permutation(len(x))
    rates = np.geomspace(minimum, maximum, steps)
    losses: list[float] = []
    smoothed: list[float] = []
    average = 0.0
    bar = tqdm(
        rates, desc="learning rate", unit="step", delay=1, disable=None if verbose else True, leave=False
    )
    for step, rate in enumerate(bar):
        rows = order[np.arange(step * batch_size, (step + 1) * batch_size) % len(order)]
        probe.optimizer.learning_rate = float(rate)
        loss = probe.train_on_batch(x[rows], y[rows], return_dict=True)["loss"]
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
    slopes = np.gradient(smoothed, np.log(rates[: len(smoothed)]))
    suggestion = float(rates[SKIPPED + int(np.argmin(slopes[SKIPPED:]))])
    return LearningRateSweep(rates[: len(losses)], np.array(losses), np.array(smoothed), suggestion)
