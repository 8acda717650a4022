"""Attributes of Keras' objects that its tests use, read from gpunet's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpunet.arena import Arena
from gpunet.backend import get_backend
from gpunet.metrics import Metric
from gpunet.models import Model
from gpunet.optimizers import Optimizer
from gpunet.parameter import Parameter

from .backend import Variable


def clip_gradients(optimizer: Optimizer, gradients: Sequence[Any]) -> list[Any]:
    """Return what the backend makes of these gradients before an update."""
    backend = get_backend("numpy")
    parameters = [Parameter(f"variable_{index}", np.zeros_like(g)) for index, g in enumerate(gradients)]
    arena = Arena(backend, parameters, dtype=gradients[0].dtype)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.gradient[...] = gradient
    backend.clip(optimizer, arena)
    return [parameter.gradient for parameter in parameters]


def moving_averages(optimizer: Optimizer) -> list[Variable]:
    """Return the moving average of each variable."""
    assert optimizer.arena is not None
    average, trainable = optimizer.state["average"], optimizer.arena.trainable
    return [Variable(optimizer.arena.view(average, parameter)) for parameter in trainable]


def named_variables(metric: Metric, plain: Any = Metric.variables) -> list[Variable]:
    """Return the state of a metric, each array with the name of the attribute that holds it."""
    names = {id(value): name for name, value in vars(metric).items()}
    return [Variable(array, name=names[id(array)]) for array in plain.fget(metric)]


ATTRIBUTES: list[tuple[type, str, Any]] = [
    (Metric, "_dtype", property(lambda metric: metric.dtype)),
    (Metric, "variables", property(named_variables)),
    (Model, "trainable_variables", property(lambda model: model.trainable_weights)),
    (Optimizer, "_clip_gradients", clip_gradients),
    (Optimizer, "_model_variables_moving_average", property(moving_averages)),
    (Optimizer, "finalize_variable_values", lambda optimizer, _: optimizer.finalize()),
]
