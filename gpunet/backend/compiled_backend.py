"""The compiled backend: kernels for this CPU, and a step that runs through them without Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .compiled import activation as activations
from .compiled import data, loss, metric, penalty, product, update
from .compiled.issue import Issue
from .compiled.recording import Operation, Recording
from .formulas import ActivationFormula, Array, Below
from .kernel_backend import KernelBackend, Launches
from .numpy_backend import NumpyBackend


class CompiledBackend(KernelBackend, NumpyBackend):
    """Computes on the host with what Numba has compiled. What has no kernel runs as the reference is written."""

    name = "compiled"
    launches = Launches(activations, data, loss, metric, penalty, update)

    def __init__(self) -> None:
        super().__init__()
        self.kernels = Issue()

    def array_functions(self, name: str) -> None:
        """Refuse to record what is Python code."""
        self.kernels.refuse(name)

    # -- matrix products ---------------------------------------------------------------------------------------

    def matmul(
        self, a: Array, b: Array, out: Array, transpose_a: bool = False, transpose_b: bool = False
    ) -> None:
        """Multiply by a team in a recording; else with NumPy, whose threads are woken faster."""
        if not (
            self.kernels.recording and product.multiply(self.kernels, a, b, out, transpose_a, transpose_b)
        ):
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
        if not activations.bias_activate(self.kernels, activation, bias, preactivation, out):
            if not activations.bias_activate(self.kernels, None, bias, preactivation, preactivation):
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
            self.kernels, activation, preactivation, y, gradient, gradient, bias_gradient
        ):
            activation = bias_gradient = None
        elif activation is not None:
            self.activate_backward(activation, preactivation, y, gradient, gradient)
            activation = None
        if bias_gradient is not None and activations.bias_gradient(self.kernels, gradient, bias_gradient):
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

    # -- repetition --------------------------------------------------------------------------------------------

    def record(self, operations: Sequence[Operation]) -> Callable[[int], None]:
        """Return what runs through the kernels of the operations; recorded at the first launch, when all buffers are there."""
        recording: Recording | None = None

        def launch(repeats: int) -> None:
            nonlocal recording
            if recording is None:
                recording = Recording(operations, self.kernels)
            with np.errstate(all="ignore"):
                recording(repeats)

        return launch
