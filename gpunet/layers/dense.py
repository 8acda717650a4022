"""The fully connected layer."""

from __future__ import annotations

import copy
from typing import Any

from .. import activations, initializers, regularizers
from ..backend import Array, Below
from .activation import resolve
from .base import Layer, Shape, is_positive_integer, registry
from .context import Context


@registry.register("dense")
class Dense(Layer):
    """All inputs connected to all units: ``y = g(x W + b)``.

    The backward pass is the lecture's matrix example: ``dW = xᵀ dz``, ``db = Σ_rows dz``, ``dx = dz Wᵀ``.

    Args:
        units: The number of outputs.
        activation: ``g``, a name or an ``Activation``; ``None`` is the identity.
        use_bias: Whether there is a ``b``.
        kernel_initializer: The initial ``W``, shape ``(features, units)``.
        bias_initializer: The initial ``b``, shape ``(units,)``.
        kernel_regularizer: A penalty on ``W``.
        bias_regularizer: A penalty on ``b``.
        **options: What every layer takes, see ``Layer``.

    Raises:
        ValueError: ``units`` is not a positive integer, or a name is unknown.
        TypeError: The activation is a plain function, which has no derivative.

    Example:
        >>> layer = Dense(2, kernel_initializer="ones")
        >>> layer([[1.0, 2.0, 3.0]]).tolist()
        [[6.0, 6.0]]
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **options: Any,
    ) -> None:
        if not is_positive_integer(units):
            raise ValueError(f"Dense: expected a positive whole number of units, got {units!r}.")
        super().__init__(**options)
        self.units = int(units)
        self.activation = resolve(activation, "Dense")
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ValueError(f"{self.name}: expected inputs (rows, features), got shape {input_shape}.")
        shape = (input_shape[-1], self.units)
        self.kernel = self.add_weight(shape, self.kernel_initializer, True, self.kernel_regularizer, "kernel")
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,), self.bias_initializer, True, self.bias_regularizer, "bias"
            )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def forward_into(self, context: Context, x: Array, y: Array, auxiliary: Array | None = None) -> None:
        context.backend.dense(
            _matrix(x),
            self.kernel.operand,
            self.bias.operand if self.use_bias else None,
            self.activation,
            _matrix(self._preactivation(context, y)),
            _matrix(y),
            auxiliary,
        )

    def backward_into(
        self,
        context: Context,
        x: Array,
        y: Array,
        gradient: Array,
        x_gradient: Array | None,
        below: Below | None = None,
        through: bool = False,
    ) -> None:
        """Write the gradients.

        Args:
            context, x, y, gradient, x_gradient: As for any layer.
            below: The dense layer below, if this one goes back through its activation as well.
            through: Whether the layer above has done that with this one's.
        """
        bias_gradient = self.bias.gradient if self.use_bias and not through else None
        context.backend.dense_backward(
            _matrix(x),
            self.kernel.operand,
            None if through else self.activation,
            _matrix(self._preactivation(context, y)),
            _matrix(y),
            _matrix(gradient),
            self.kernel.gradient,
            bias_gradient,
            _matrix(x_gradient) if x_gradient is not None else None,
            below,
        )

    def seen_from_above(self, context: Context, y: Array) -> Below | None:
        """Return what a dense layer above needs to go back through this one's activation; ``None`` if that gains nothing."""
        if self.activation is None:
            return None
        preactivation, y = _matrix(self._preactivation(context, y)), _matrix(y)
        auxiliary = context.backend.auxiliary(self.activation, preactivation, y)
        if auxiliary is None:
            return None
        bias_gradient = self.bias.gradient if self.use_bias else None
        return Below(self.activation, preactivation, y, bias_gradient, auxiliary)

    def _preactivation(self, context: Context, y: Array) -> Array:
        if self.activation is not None and self.activation.needs_input:
            return context.buffer(self, "preactivation", y.shape)
        return y

    def without_activation(self) -> list[Layer] | None:
        if self.activation is None:
            return None
        linear = copy.copy(self)  # shares the parameters
        linear.activation = None
        return [linear]

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config["activation"] = activations.serialize(self.activation)
        for role in ("kernel_initializer", "bias_initializer"):
            config[role] = initializers.serialize(config[role])
        for role in ("kernel_regularizer", "bias_regularizer"):
            config[role] = regularizers.serialize(config[role])
        return config


def _matrix(array: Array) -> Array:
    return array if array.ndim == 2 else array.reshape(-1, array.shape[-1])
