"""The compiled backend: kernels for this CPU, and a step that runs through them without Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .compiled import activation as activations
from .compiled import data, loss, metric, penalty, product, update
from .compiled.issue import Issue
from .compiled.recording import Operation, Recording
from .formulas import ActivationFormula, Array, Below, LossFormula, UpdateFormula
from .numpy_backend import NumpyBackend

if TYPE_CHECKING:
    from ..arena import Arena


class CompiledBackend(NumpyBackend):
    """Computes on the host with what Numba has compiled. What has no kernel runs as the reference is written."""

    name = "compiled"

    def __init__(self) -> None:
        super().__init__()
        self._issue = Issue()

    def array_functions(self, name: str) -> None:
        """Refuse to record what is Python code."""
        self._issue.refuse(name)

    # -- matrix products ---------------------------------------------------------------------------------------

    def matmul(
        self, a: Array, b: Array, out: Array, transpose_a: bool = False, transpose_b: bool = False
    ) -> None:
        """Multiply by a team in a recording; else with NumPy, whose threads are woken faster."""
        if not (self._issue.recording and product.multiply(self._issue, a, b, out, transpose_a, transpose_b)):
            self.array_functions("matmul")
            super().matmul(a, b, out, transpose_a, transpose_b)

    def dense(
        self,
        x: Array,
        kernel: Array,
        bias: Array | None,
        activation: ActivationFormula | None,
        preactivation: Array,
        out: Array,
        auxiliary: Array | None = None,
    ) -> None:
        """Multiply, then add the bias and activate in one pass."""
        self.matmul(x, kernel, preactivation)
        if not activations.bias_activate(self._issue, activation, bias, preactivation, out):
            if not activations.bias_activate(self._issue, None, bias, preactivation, preactivation):
                self.array_functions("dense")
                preactivation += bias
            if activation is not None:
                self.activate(activation, preactivation, out)

    def dense_backward(
        self,
        x: Array,
        kernel: Array,
        activation: ActivationFormula | None,
        preactivation: Array,
        y: Array,
        gradient: Array,
        kernel_gradient: Array | None,
        bias_gradient: Array | None,
        x_gradient: Array | None,
        below: Below | None = None,
    ) -> None:
        """Go back through the activation, the bias gradient summed on the way, then multiply twice."""
        if activation is not None and activations.activate_backward(
            self._issue, activation, preactivation, y, gradient, gradient, bias_gradient
        ):
            activation = bias_gradient = None
        elif activation is not None:
            self.activate_backward(activation, preactivation, y, gradient, gradient)
            activation = None
        if bias_gradient is not None and activations.bias_gradient(self._issue, gradient, bias_gradient):
            bias_gradient = None
        if bias_gradient is not None:
            self.array_functions("dense_backward")
        super().dense_backward(
            x,
            kernel,
            activation,
            preactivation,
            y,
            gradient,
            kernel_gradient,
            bias_gradient,
            x_gradient,
            below,
        )

    # -- activations and dropout -------------------------------------------------------------------------------

    def activate(self, activation: ActivationFormula, x: Array, out: Array) -> None:
        """Activate with one kernel."""
        if not activations.activate(self._issue, activation, x, out):
            self.array_functions(type(activation).__name__)
            super().activate(activation, x, out)

    def activate_backward(
        self, activation: ActivationFormula, x: Array, y: Array, gradient: Array, out: Array
    ) -> None:
        """Go back through an activation with one kernel."""
        if not activations.activate_backward(self._issue, activation, x, y, gradient, out):
            self.array_functions(type(activation).__name__)
            super().activate_backward(activation, x, y, gradient, out)

    def dropout(self, x: Array, out: Array, rate: float, seed: int, layer: int, counters: Array) -> None:
        """Drop out with one kernel, which makes the mask anew."""
        if not data.drop(self._issue, x, out, rate, seed, layer, counters):
            self.array_functions("dropout")
            super().dropout(x, out, rate, seed, layer, counters)

    # -- loss and metrics --------------------------------------------------------------------------------------

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
        arrays = y_true, y_pred, weight, predictions, gradient, totals
        if scale is not None or not _loss(self._issue, loss, *arrays):  # no kernel knows of a loss scale
            self.array_functions(type(loss).__name__)
            super().loss(loss, y_true, y_pred, weight, predictions, gradient, totals, scale)

    def penalty(
        self, regularizer: Any, value: Array, gradient: Array | None, rows: int, totals: Array
    ) -> None:
        """Compute a penalty and its gradient in one pass."""
        if not penalty.penalty(self._issue, regularizer, value, gradient, rows, totals):
            self.array_functions(type(regularizer).__name__)
            super().penalty(regularizer, value, gradient, rows, totals)

    def update_metric(self, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        """Let ``metric`` take in one batch."""
        if not _metric(self._issue, metric, y_true, y_pred, weight):
            self.array_functions(type(metric).__name__)
            super().update_metric(metric, y_true, y_pred, weight)

    # -- the optimizer -----------------------------------------------------------------------------------------

    def update(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
    ) -> None:
        """Clip, decay, update and average in one pass over the arena."""
        if not update.update(self._issue, optimizer, arena, slots, table, counters):
            self.array_functions(type(optimizer).__name__)
            super().update(optimizer, arena, slots, table, counters)

    # -- data and repetition -----------------------------------------------------------------------------------

    def gather(self, source: Array, order: Array, counters: Array, stride: int, out: Array) -> None:
        """Gather a batch, converted on the way."""
        if not data.fetch(self._issue, source, order, counters, stride, out):
            self.array_functions("gather")
            super().gather(source, order, counters, stride, out)

    def count(self, counters: Array) -> None:
        """Advance the counters."""
        self._issue(data.count, counters)

    def record(self, operations: Sequence[Operation]) -> Callable[[int], None]:
        """Return what runs through the kernels of the operations; recorded at the first launch, when all buffers are there."""
        recording: Recording | None = None

        def launch(repeats: int) -> None:
            nonlocal recording
            if recording is None:
                recording = Recording(operations, self._issue)
            with np.errstate(all="ignore"):
                recording(repeats)

        return launch


_loss, _metric = loss.loss, metric.update  # their modules have the names of parameters
