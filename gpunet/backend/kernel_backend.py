"""A backend with kernels: what has none runs as it is written for array functions, where Python may be called at all."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from .base import Backend
from .formulas import ActivationFormula, Array, LossFormula, UpdateFormula

if TYPE_CHECKING:
    from ..arena import Arena


class Launches(NamedTuple):
    """Modules of functions that launch kernels: each takes what runs them, then the arguments of the operation.

    They return whether there is a kernel that could take the arguments; otherwise they have done nothing.
    """

    activation: ModuleType
    data: ModuleType
    loss: ModuleType
    metric: ModuleType
    penalty: ModuleType
    update: ModuleType


class KernelBackend(Backend):
    """Runs each operation by one kernel where there is one.

    Attributes:
        launches: The functions that launch kernels.
        kernels: What runs them.
    """

    launches: Launches
    kernels: Any

    def activate(self, activation: ActivationFormula, x: Array, out: Array) -> None:
        """Activate with one kernel."""
        if not self.launches.activation.activate(self.kernels, activation, x, out):
            self.array_functions(type(activation).__name__)
            super().activate(activation, x, out)

    def activate_backward(
        self, activation: ActivationFormula, x: Array, y: Array, gradient: Array, out: Array
    ) -> None:
        """Go back through an activation with one kernel."""
        if not self.launches.activation.activate_backward(self.kernels, activation, x, y, gradient, out):
            self.array_functions(type(activation).__name__)
            super().activate_backward(activation, x, y, gradient, out)

    def dropout(self, x: Array, out: Array, rate: float, seed: int, layer: int, counters: Array) -> None:
        """Drop out with one kernel, which makes the mask anew."""
        if not self.launches.data.dropout(self.kernels, x, out, rate, seed, layer, counters):
            self.array_functions("dropout")
            super().dropout(x, out, rate, seed, layer, counters)

    def loss(
        self,
        loss: LossFormula,
        y_true: Array,
        y_pred: Array,
        weight: Array | None,
        predictions: Array | None,
        gradient: Array,
        totals: Array,
        scale: Array | None = None,
    ) -> None:
        """Compute loss and gradient in one pass."""
        arguments = loss, y_true, y_pred, weight, predictions, gradient, totals, scale
        if not self.launches.loss.loss(self.kernels, *arguments):
            self.array_functions(type(loss).__name__)
            super().loss(*arguments)

    def penalty(
        self, regularizer: Any, value: Array, gradient: Array | None, rows: int, totals: Array
    ) -> None:
        """Compute a penalty and its gradient in one pass."""
        if not self.launches.penalty.penalty(self.kernels, regularizer, value, gradient, rows, totals):
            self.array_functions(type(regularizer).__name__)
            super().penalty(regularizer, value, gradient, rows, totals)

    def update_metric(self, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        """Let ``metric`` take in one batch, without array functions."""
        if not self.launches.metric.update(self.kernels, metric, y_true, y_pred, weight):
            self.array_functions(type(metric).__name__)
            super().update_metric(metric, y_true, y_pred, weight)

    def update(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
    ) -> None:
        """Clip, decay, update and average in one pass over the arena."""
        if not self.launches.update.update(self.kernels, optimizer, arena, slots, table, counters):
            self.array_functions(type(optimizer).__name__)
            super().update(optimizer, arena, slots, table, counters)

    def gather(self, source: Array, order: Array, counters: Array, stride: int, out: Array) -> None:
        """Gather a batch, converted on the way."""
        if not self.launches.data.gather(self.kernels, source, order, counters, stride, out):
            self.array_functions("gather")
            super().gather(source, order, counters, stride, out)

    def count(self, counters: Array) -> None:
        """Advance the counters."""
        if not self.launches.data.count(self.kernels, counters):
            self.array_functions("count")
            super().count(counters)
