"""What a model requires of the data it is given: shapes, types, targets that its loss and metrics can take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..activations import Activation
from ..backend import Array, Backend, is_device_array
from ..backend.precision import get_precision
from ..layers.base import sizes
from ..losses import Loss
from .data import Arrays

if TYPE_CHECKING:
    from ..metrics import Metric
    from ..models.compiled import Compiled


class Requirements:
    """Checks data against a model, before anything is changed by it.

    Args:
        model: A built model. Its loss may be missing: prediction needs none.
        backend: Where its arrays live.
        dtype: Its float type.
    """

    def __init__(self, model: Compiled, backend: Backend, dtype: Any) -> None:
        self.model, self.backend, self.dtype = model, backend, dtype
        self.loss: Loss | None = model.loss
        self.metrics: Sequence[Metric] = ()
        self.weighted_metrics: Sequence[Metric] = ()

    @property
    def target_dtype(self) -> Any:
        """The dtype of targets: indices for sparse losses."""
        return np.dtype(np.int64) if self.loss is not None and self.loss.integer_targets else self.dtype

    def resident_size(self, data: Arrays) -> int:
        """Return how many bytes of the backend's memory the arrays would take."""
        pairs = ((data.x, self.dtype), (data.y, self.target_dtype), (data.weight, self.dtype))
        return sum(
            array.size * (1 if array.dtype == np.uint8 else np.dtype(dtype).itemsize)
            for array, dtype in pairs
            if array is not None and not is_device_array(array)
        )

    def shaped(self, array: Array, what: str) -> Array:
        """Return the array with the axes that the model expects.

        Raises:
            ValueError: It doesn't fit the model's input.
        """
        expected = self.model.input_shape[1:] if what == "x" else self.model.output_shape[1:]
        if what == "sample_weight":
            return array
        if array.ndim == 1 and expected == (1,) and not (what == "y" and self._sparse):
            return array.reshape(-1, 1)
        if what == "y" and self._sparse and array.ndim == len(expected) + 1 and array.shape[-1] == 1:
            return array.reshape(array.shape[:-1])
        if what == "x" and tuple(array.shape[1:]) != tuple(expected):
            wanted = f"with {expected[0]} features" if len(expected) == 1 else f"of shape {(None, *expected)}"
            raise ValueError(
                f"{self.model.layers[0].name}: expected input {wanted}, got shape {array.shape}."
            )
        return array

    @property
    def _sparse(self) -> bool:
        return self.loss is not None and self.loss.integer_targets

    def check_trainable(self) -> None:
        """Check that a gradient can reach every parameter that is to be trained.

        Raises:
            ValueError: The loss, a layer or its activation has no derivative.
        """
        assert self.loss is not None
        kind = type(self.loss)
        if kind.gradient is Loss.gradient and kind.values_and_gradient is Loss.values_and_gradient:
            raise ValueError(f"{kind.__name__}: the loss defines no gradient(y_true, y_pred) to train with.")
        layers = self.model.layers
        first = next((index for index, layer in enumerate(layers) if layer.trainable_weights), len(layers))
        for layer in layers[first:]:
            activation = getattr(layer, "activation", None)
            if isinstance(activation, Activation) and not activation.differentiable:
                raise ValueError(
                    f'{layer.name}: the activation "{activation.name}" can\'t be trained through, its derivative is '
                    "zero or undefined everywhere. Train with tanh or sigmoid, and predict with it."
                )
            if not layer.has_backward:
                raise ValueError(f"{layer.name}: {type(layer).__name__} defines no backward(x, y, gradient).")

    def check_targets(self, y: Array | None) -> None:
        """Check targets against the loss and the model's output.

        Raises:
            ValueError: They are missing or don't fit.
        """
        if y is None:
            raise ValueError("y: expected targets to compare the predictions with, got none.")
        assert self.loss is not None
        self.loss.check_targets(y, self.model.output_shape)

    def check_class_weight(self, class_weight: Any) -> None:
        """Check that the classes which are given a weight exist, and that a sample has one of them.

        Raises:
            ValueError: One of them doesn't, or each sample has a class at every position.
        """
        if class_weight and len(self.model.output_shape) > 2:
            raise ValueError(
                f"class_weight: expected a model with one class a sample, got outputs of shape {self.model.output_shape}. "
                "Weigh the samples with sample_weight instead."
            )
        units = (1, *sizes(self.model.output_shape))[-1]
        binary = units == 1 and self.loss is not None and self.loss.target_range == (0.0, 1.0)
        classes = 2 if binary else units
        unknown = [index for index in class_weight or () if classes != 1 and index >= classes]
        if unknown:
            raise ValueError(
                f"class_weight: expected class indices from 0 to {classes - 1}, got {unknown[0]}."
            )

    def check_metrics(self, y: Array, weighted: bool) -> None:
        """Let each metric see two rows, so that one that can't take such targets or weights is refused before the first step.

        Raises:
            ValueError: A metric says so.
        """
        y_true = self.shaped(self.backend.resident(y[:2], self.target_dtype), "y")
        y_pred = self.backend.zeros((len(y_true), *sizes(self.model.output_shape)), self.dtype)
        weight = self.backend.resident(np.ones(len(y_true)), self.dtype) if weighted else None
        plain = self.backend.with_precision(get_precision(np.dtype(self.dtype).name))  # can build any metric
        with np.errstate(all="ignore"):
            pairs = [(metric, None) for metric in self.metrics]
            for metric, given in (*pairs, *((metric, weight) for metric in self.weighted_metrics)):
                for backend in dict.fromkeys((plain, self.backend)):
                    backend.update_metric(metric, y_true, y_pred, given)
                metric.reset_state()
