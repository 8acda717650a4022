"""The parameters of a layer: made, listed, read and set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import config, initializers, regularizers
from ..parameter import Parameter, numbers


class WeightOwner:
    """Something with a name and parameters.

    Args:
        name: The first part of the parameters' paths.
        trainable: Whether training may change the parameters.
    """

    def __init__(self, name: str, trainable: bool) -> None:
        self.parameters: list[Parameter] = []
        self.name = name
        self.trainable = trainable

    @property
    def name(self) -> str:
        """The name; the paths of the parameters follow it, since files tell parameters by them."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name, self.has_own_name = name, True
        for parameter in self.parameters:
            parameter.path = f"{name}/{parameter.name}"

    def add_weight(
        self,
        shape: Sequence[int | None],
        initializer: Any = "glorot_uniform",
        trainable: bool = True,
        regularizer: Any = None,
        name: str = "weight",
    ) -> Parameter:
        """Return a new parameter with its initial value, in ``config.floatx()``.

        Args:
            shape: Its shape; all sizes are known.
            initializer: A name, an ``Initializer`` or a function ``(shape, dtype)``.
            trainable: Whether an optimizer may change it.
            regularizer: A penalty on it, or ``None``.
            name: Its name, unique within the layer.

        Raises:
            ValueError: The name is taken, a size is unknown, or the initial value has another shape.
        """
        shape = tuple(shape)
        if any(parameter.name == name for parameter in self.parameters):
            raise ValueError(f'{self.name}: it has a parameter "{name}" already; give each its own name.')
        if any(size is None for size in shape):
            raise ValueError(f"{self.name}: expected known sizes for {name}, got shape {shape}.")
        make = initializers.get("glorot_uniform" if initializer is None else initializer)
        value = np.array(make(shape, config.floatx()), config.floatx())
        if value.shape != shape:
            raise ValueError(f"{self.name}: expected an initial {name} of shape {shape}, got {value.shape}.")
        parameter = Parameter(name, value, trainable, regularizers.get(regularizer))
        parameter.path = f"{self.name}/{name}"
        self.parameters.append(parameter)
        return parameter

    @property
    def frozen(self) -> list[Parameter]:
        """The parameters that training must leave alone although they are of the trainable kind."""
        return [] if self.trainable else self.parameters

    @property
    def weights(self) -> list[Parameter]:
        """All parameters."""
        return list(self.parameters)

    @property
    def trainable_weights(self) -> list[Parameter]:
        """The parameters that training changes."""
        return [p for p in self.parameters if p.trainable and self.trainable]

    @property
    def non_trainable_weights(self) -> list[Parameter]:
        """The parameters that training leaves alone."""
        return [p for p in self.parameters if not (p.trainable and self.trainable)]

    def get_weights(self) -> list[np.ndarray[Any, Any]]:
        """Return copies of the parameters on the host."""
        return [parameter.numpy() for parameter in self.parameters]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set the parameters, in the order of ``get_weights``.

        Raises:
            ValueError: Another number of arrays, other shapes, or no real numbers; nothing is changed then.
        """
        set_weights(self.name, self.parameters, weights)

    def count_params(self) -> int:
        """Return the number of scalar parameters."""
        return sum(parameter.size for parameter in self.parameters)


def set_weights(owner: str, parameters: Sequence[Parameter], weights: Sequence[Any]) -> None:
    """Set parameters in order, after everything has been checked.

    Raises:
        ValueError: Another number of arrays, other shapes, or no real numbers; nothing is changed then.
    """
    if len(weights) != len(parameters):
        advice = (
            "" if parameters else " Build it first: the parameters are made when the input shape is known."
        )
        raise ValueError(f"{owner}: expected {len(parameters)} arrays, got {len(weights)}.{advice}")
    arrays = [numbers(weight, p.shape, p.path) for p, weight in zip(parameters, weights, strict=True)]
    for parameter, array in zip(parameters, arrays, strict=True):
        parameter.assign(array)
