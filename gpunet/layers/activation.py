"""Activations as layers."""

from __future__ import annotations

from typing import Any

from .. import activations
from ..activations import Activation as Function
from ..backend import Array
from .base import Layer, registry
from .context import Context


def resolve(identifier: Any, owner: str) -> Function | None:
    """Return the function that a layer's ``activation`` stands for; ``None`` for the identity.

    Raises:
        ValueError: The name is unknown.
        TypeError: A plain function, which has no derivative.
    """
    function = activations.get(identifier)
    if function is not None and not isinstance(function, Function):
        raise TypeError(
            f"{owner}: expected the name of an activation or an Activation, got {function!r}. A plain function has "
            "no derivative: subclass gpunet.activations.Activation with forward_into and backward_into."
        )
    return None if function is None or function.name == "linear" else function


@registry.register("activation")
class Activation(Layer):
    """An activation function as a layer: ``y = g(x)``.

    Args:
        activation: ``g``, a name or an ``Activation`` function.
        **options: What every layer takes, see ``Layer``.

    Example:
        >>> Activation("relu")([[-1.0, 2.0]]).tolist()
        [[0.0, 2.0]]
    """

    def __init__(self, activation: Any, **options: Any) -> None:
        super().__init__(**options)
        self.activation: Function = resolve(activation, type(self).__name__) or activations.linear

    def forward_into(self, context: Context, x: Array, y: Array) -> None:
        context.backend.activate(self.activation, x, y)

    def backward_into(
        self, context: Context, x: Array, y: Array, gradient: Array, x_gradient: Array | None
    ) -> None:
        if x_gradient is not None:
            context.backend.activate_backward(self.activation, x, y, gradient, x_gradient)

    def without_activation(self) -> list[Layer] | None:
        return []

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


class _Named(Activation):
    """An activation layer whose options are those of its function."""

    function: Function

    def __init__(self, options_of_function: dict[str, Any], **options: Any) -> None:
        super().__init__(self.function.with_options(options_of_function), **options)
        vars(self).update(self.activation.get_config())  # as in Keras: layer.negative_slope

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("activation")
        return config


@registry.register()
class ReLU(_Named):
    """Rectified linear unit, see ``activations.relu``.

    Args:
        max_value: The largest output; ``None`` for no limit.
        negative_slope: The slope below the threshold.
        threshold: Where the linear part starts.
        **options: What every layer takes, see ``Layer``.

    Example:
        >>> ReLU(max_value=1.0)([[-1.0, 2.0]]).tolist()
        [[0.0, 1.0]]
    """

    function = activations.relu

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Any,
    ) -> None:
        own = {"max_value": max_value, "negative_slope": negative_slope, "threshold": threshold}
        super().__init__(own, **options)


@registry.register()
class LeakyReLU(_Named):
    """Rectified linear unit with a slope below zero, see ``activations.leaky_relu``.

    Args:
        negative_slope: The slope below zero. Keras' default for the layer is 0.3.
        **options: What every layer takes, see ``Layer``.

    Example:
        >>> LeakyReLU(0.5)([[-1.0, 2.0]]).tolist()
        [[-0.5, 2.0]]
    """

    function = activations.leaky_relu

    def __init__(self, negative_slope: float = 0.3, **options: Any) -> None:
        super().__init__({"negative_slope": negative_slope}, **options)


@registry.register()
class ELU(_Named):
    """Exponential linear unit, see ``activations.elu``.

    Args:
        alpha: The limit far below zero is ``-alpha``.
        **options: What every layer takes, see ``Layer``.

    Example:
        >>> ELU()([[0.0, 2.0]]).tolist()
        [[0.0, 2.0]]
    """

    function = activations.elu

    def __init__(self, alpha: float = 1.0, **options: Any) -> None:
        super().__init__({"alpha": alpha}, **options)


@registry.register()
class Softmax(_Named):
    """Probabilities that sum to 1, see ``activations.softmax``.

    Args:
        axis: The axis of the classes.
        **options: What every layer takes, see ``Layer``.

    Example:
        >>> Softmax()([[0.0, 0.0]]).tolist()
        [[0.5, 0.5]]
    """

    function = activations.softmax

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__({"axis": axis}, **options)
