"""What a backend is given to compute: formulas over arrays, which the families above implement."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

Entry = TypeVar("Entry")

Array = Any  # numpy.ndarray or cupy.ndarray: the two share no base class

EPSILON = 1e-7  # Keras' fuzz factor: keeps logarithms and quotients finite
TINY = 1e-9  # a prediction this small is no decision for a class, even where it is the largest


class ActivationFormula(Protocol):
    """An elementwise or row-wise function and its vector-Jacobian product, both in place where wanted."""

    needs_input: bool
    differentiable: bool

    def forward_into(self, xp: Any, x: Array, out: Array) -> None: ...
    def backward_into(self, xp: Any, x: Array | None, y: Array, gradient: Array, out: Array) -> None: ...


class Below(NamedTuple):
    """The dense layer below another one, whose activation is passed through in the same go as the product above it.

    Attributes:
        activation: Its activation.
        preactivation, y: As in its forward pass.
        bias_gradient: Where the gradient of its bias goes, or ``None``.
        auxiliary: What its forward pass left, see ``Backend.auxiliary``.
    """

    activation: ActivationFormula
    preactivation: Array
    y: Array
    bias_gradient: Array | None
    auxiliary: Array


class LossFormula(Protocol):
    """Values of a loss for each sample together with their gradient."""

    reduction: str | None

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array: ...
    def fused_values_and_gradient(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array: ...


class UpdateFormula(Protocol):
    """One optimizer rule over flat arrays, with the options that every rule shares."""

    clipvalue: float | None
    clipnorm: float | None
    global_clipnorm: float | None
    weight_decay: float | None
    use_ema: bool

    def row(self, values: Array) -> dict[str, float]: ...
    def update(
        self,
        xp: Any,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None: ...


def own(formula: Any) -> bool:
    """Tell whether the class of a formula is one of gpunet's, not a subclass that may compute something else."""
    return type(formula).__module__.partition(".")[0] == __name__.partition(".")[0]


def inherited(table: Mapping[str, Entry], formula: Any) -> Entry | None:
    """Return what a table has for the class of a formula, by its name, or for the nearest class that it inherits from."""
    names = (kind.__name__ for kind in type(formula).__mro__)
    return next((table[name] for name in names if name in table), None)


def options(activation: Any) -> tuple[float, float, float]:
    """Return what kernels of an elementwise activation take: its options in their order, NaN for ``None``.

    Example:
        >>> from gpunet.activations import relu
        >>> options(relu)
        (0.0, nan, 0.0)
    """
    values = [math.nan if value is None else float(value) for value in activation.get_config().values()]
    first, second, third = (*values, 0.0, 0.0, 0.0)[:3]
    return first, second, third
