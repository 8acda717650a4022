"""The way of the weights through a training."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..callbacks import Callback


class Trajectory(Callback):
    """Keeps the weights at the start of a training and after each epoch.

    Attributes:
        weights: One list of arrays each time, as ``model.get_weights()`` returns it.

    Example:
        >>> import gpunet
        >>> model, trajectory = gpunet.Sequential([gpunet.layers.Dense(1)]), Trajectory()
        >>> model.compile("sgd", "mean_squared_error")
        >>> _ = model.fit([[0.0], [1.0]], [[0.0], [1.0]], epochs=3, verbose=0, callbacks=[trajectory])
        >>> len(trajectory.weights)
        4
    """

    def __init__(self) -> None:
        self.weights: list[list[np.ndarray[Any, Any]]] = []

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.weights = [self.model.get_weights()]

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.weights.append(self.model.get_weights())
