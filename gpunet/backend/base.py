"""The backend contract: what a training step is made of, written against ``xp`` (NumPy or CuPy) as a readable reference.

Every operation writes into the buffers it is given. A backend overrides what it can do faster; what it leaves
alone runs as written here. Matrices are row-major, a batch is ``(rows, features)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from . import philox
from .formulas import ActivationFormula, Array, Below, LossFormula, UpdateFormula
from .mixed_precision import LOSS_SCALE, MixedPrecision
from .precision import Precision

if TYPE_CHECKING:
    from ..arena import Arena

STEP, POSITION, ROW = 0, 1, 2  # what the three counters of a program count


class Backend(MixedPrecision):
    """The reference backend.

    Args:
        xp: The array module to compute with.
    """

    name = "reference"

    def __init__(self, xp: Any) -> None:
        self.xp = xp

    def with_precision(self, precision: Precision) -> Backend:
        """Return the backend that computes in the same place with this precision; always the same one.

        Without products in reduced precision, as here, that is this one.
        """
        return self

    def initial_loss_scale(self) -> Array:
        """Return what a loss scale starts from."""
        scale = self.zeros(3, np.float64)
        self.upload(np.array([LOSS_SCALE, 0.0, 1.0]), scale)
        return scale

    def array_functions(self, name: str) -> None:
        """Take note that ``name`` is about to compute in array functions: Python code, of which nothing is known."""

    def computing(self) -> AbstractContextManager[None]:
        """Return a context in which array functions are in order with the operations of this backend, and undisturbed."""
        return nullcontext()

    # -- arrays ------------------------------------------------------------------------------------------------

    def empty(self, shape: Sequence[int] | int, dtype: Any) -> Array:
        """Return a buffer with undefined contents."""
        return self.xp.empty(shape, dtype)

    def zeros(self, shape: Sequence[int] | int, dtype: Any) -> Array:
        """Return a buffer of zeros."""
        buffer = self.empty(shape, dtype)
        buffer.fill(0)
        return buffer

    def resident(self, array: Any, dtype: Any) -> Array:
        """Return the array on this backend with contiguous rows: itself where it is that already.

        Bytes stay bytes and are converted as they are gathered; everything else becomes ``dtype``.
        """
        return self.xp.asarray(array, array.dtype if array.dtype == np.uint8 else dtype, order="C")

    def fits(self, size: int) -> bool:
        """Tell whether a data set of so many bytes may be made resident; otherwise its batches are uploaded one by one."""
        return True

    def free_memory(self) -> int | None:
        """Return how many bytes are free, where a number can be had."""
        return None

    def upload(self, array: Any, out: Array) -> None:
        """Copy data of any real dtype into a buffer of the same shape; the source may be changed right after."""
        out[...] = array

    def download(self, array: Array) -> np.ndarray[Any, Any]:
        """Return a host copy of a device buffer."""
        return np.array(array)

    # -- matrix products ---------------------------------------------------------------------------------------

    def matmul(
        self, a: Array, b: Array, out: Array, transpose_a: bool = False, transpose_b: bool = False
    ) -> None:
        """Compute ``out = op(a) @ op(b)`` where ``op`` transposes on demand."""
        self.xp.matmul(a.T if transpose_a else a, b.T if transpose_b else b, out=out)

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
        """Compute ``out = activation(x @ kernel + bias)``.

        Args:
            x: ``(rows, features)``.
            kernel: ``(features, units)``.
            bias: ``(units,)`` or ``None``.
            activation: ``None`` is the identity.
            preactivation: ``(rows, units)``; receives ``x @ kernel + bias``. The same buffer as ``out`` unless
                the derivative of the activation needs its input.
            out: ``(rows, units)``.
            auxiliary: What ``auxiliary`` returned; receives what the backward pass of the layer above will read.
        """
        self.matmul(x, kernel, preactivation)
        if bias is not None:
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
        """Compute the three products of the lecture's matrix example; ``gradient`` is overwritten.

        ``dz = gradient ∘ activation'(z)``, ``dW = xᵀ dz``, ``db = Σ_rows dz``, ``dx = dz Wᵀ``. A result whose
        buffer is ``None`` is not wanted and not computed. With ``below`` it goes on through the activation of the
        layer that made ``x``: ``dx`` becomes that layer's ``dz``, and its ``db`` is computed as well.
        """
        if activation is not None:
            self.activate_backward(activation, preactivation, y, gradient, gradient)
        if kernel_gradient is not None:
            self.matmul(x, gradient, kernel_gradient, transpose_a=True)
        if bias_gradient is not None:
            gradient.sum(axis=0, out=bias_gradient)
        if x_gradient is not None:
            self.matmul(gradient, kernel, x_gradient, transpose_b=True)
            if below is not None:
                self.activate_backward(below.activation, below.preactivation, below.y, x_gradient, x_gradient)
                if below.bias_gradient is not None:
                    x_gradient.sum(axis=0, out=below.bias_gradient)

    def auxiliary(self, activation: ActivationFormula | None, preactivation: Array, y: Array) -> Array | None:
        """Return a buffer for what a dense layer leaves to the layer above it, with the arrays that ``dense`` takes.

        ``None`` where nothing is gained by going back through both in one go.
        """
        return None

    # -- activations and dropout -------------------------------------------------------------------------------

    def activate(self, activation: ActivationFormula, x: Array, out: Array) -> None:
        """Compute ``out = activation(x)``; ``out`` may be ``x``."""
        activation.forward_into(self.xp, x, out)

    def activate_backward(
        self, activation: ActivationFormula, x: Array, y: Array, gradient: Array, out: Array
    ) -> None:
        """Compute ``out = gradient · ∂y/∂x``; ``out`` may be ``gradient``.

        ``x`` is read only where ``activation.needs_input``; elsewhere the derivative comes from the output.
        """
        activation.backward_into(self.xp, x if activation.needs_input else None, y, gradient, out)

    def dropout(self, x: Array, out: Array, rate: float, seed: int, layer: int, counters: Array) -> None:
        """Compute ``out = x · mask / (1 - rate)``, forward and backward alike; ``out`` may be ``x``.

        An element is kept where its Philox4x32-10 word is at least ``rate · 2³²``: key = ``seed``,
        counter = (element // 4, layer, step), word = element % 4 (Salmon et al. 2011).
        """
        kept = philox.mask(x.size, rate, seed, layer, int(counters[STEP])).reshape(x.shape)
        self.xp.multiply(x, self.xp.asarray(kept), out=out)
        out *= 1.0 / (1.0 - rate)

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
        """Add ``rows · L`` to ``totals[0]`` and ``rows`` to ``totals[1]``; write ``∂L/∂y_pred`` to ``gradient``.

        ``L`` is the batch loss after reduction and sample weights.

        Args:
            loss: The formula; with ``predictions`` its fused form is used.
            y_true: Targets of the batch.
            y_pred: Predictions, or logits for the fused form.
            weight: One weight a sample, ``(rows,)``, or ``None``.
            predictions: Where the fused form writes the probabilities; ``None`` for the plain form.
            gradient: Shaped like ``y_pred``.
            totals: Two float64 sums, kept over an epoch.
            scale: The loss scale, ``scale[0]``, which multiplies the gradient; see ``loss_scale``.
        """
        if predictions is None:
            values = loss.values_and_gradient(self.xp, y_true, y_pred, gradient)
        else:
            values = loss.fused_values_and_gradient(self.xp, y_true, y_pred, predictions, gradient)
        rows = len(y_pred)
        if weight is not None:
            aligned = weight.reshape((rows,) + (1,) * (values.ndim - 1))
            values = values * aligned
            gradient *= weight.reshape((rows,) + (1,) * (gradient.ndim - 1))
        if loss.reduction == "sum":
            factor = 1.0
        elif loss.reduction == "mean_with_sample_weight" and weight is not None:
            total = float(weight.sum()) * math.prod(values.shape[1:])
            factor = 1.0 / total if total else 0.0
        else:
            factor = 1.0 / max(values.size, 1)
        if factor != 1.0:
            gradient *= factor
        if scale is not None:
            gradient *= scale[0]
        totals[0] += values.sum(dtype=np.float64) * (factor * rows)
        totals[1] += rows

    def penalty(
        self, regularizer: Any, value: Array, gradient: Array | None, rows: int, totals: Array
    ) -> None:
        """Add ``rows · regularizer(value)`` to ``totals[0]`` and its gradient to ``gradient``."""
        totals[0] += rows * regularizer(value)
        if gradient is not None:
            regularizer.add_gradient(self.xp, value, gradient)

    def update_metric(self, metric: Any, y_true: Array, y_pred: Array, weight: Array | None) -> None:
        """Let ``metric`` take in one batch."""
        metric.update_state(y_true, y_pred, weight)

    # -- the optimizer -----------------------------------------------------------------------------------------

    def update(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], table: Array, counters: Array
    ) -> None:
        """Clip, decay and update every trainable parameter, then its moving average; gradients are overwritten.

        ``table[counters[ROW]]`` holds the coefficients of this step, which the host computed in float64. With a loss
        scale, a step whose gradients are not finite changes nothing but the scale.
        """
        if arena.loss_scale is not None:
            usable = bool(arena.loss_scale[2])
            self.adapt_loss_scale(arena.loss_scale)
            if not usable:
                return
        coefficients = optimizer.row(table[int(counters[ROW])])
        self.clip(optimizer, arena)
        if optimizer.weight_decay:
            shrink = 1.0 - coefficients["learning_rate"] * optimizer.weight_decay
            for start, stop in arena.decayed:
                arena.values[start:stop] *= shrink
        self.apply_rule(optimizer, arena, slots, coefficients)

    def apply_rule(
        self, optimizer: UpdateFormula, arena: Arena, slots: dict[str, Array], coefficients: dict[str, float]
    ) -> None:
        """Run the optimizer's own rule over the flat arena, and then the moving average."""
        size = arena.trainable_size
        self._apply(optimizer, arena.values[:size], arena.gradients, slots, arena.scratch(size), coefficients)

    def _apply(
        self,
        optimizer: UpdateFormula,
        value: Array,
        gradient: Array,
        slots: dict[str, Array],
        scratch: Array,
        coefficients: dict[str, float],
    ) -> None:
        optimizer.update(self.xp, value, gradient, slots, scratch, coefficients)
        if optimizer.use_ema:
            average = slots["average"]
            average *= coefficients["ema_momentum"]
            self.xp.multiply(value, 1.0 - coefficients["ema_momentum"], out=scratch)
            average += scratch
            if coefficients["ema_overwrite"]:
                value[...] = average

    def clip(self, optimizer: UpdateFormula, arena: Arena) -> None:
        """Clip the gradients by value, by the norm of each parameter, or by the norm of all of them.

        By norm: ``g · c / max(‖g‖₂, c)``.
        """
        gradients = arena.gradients
        if optimizer.clipvalue is not None:
            self.xp.clip(gradients, -optimizer.clipvalue, optimizer.clipvalue, out=gradients)
        elif optimizer.clipnorm is not None:
            for parameter in arena.trainable:
                self._clip_norm(parameter.gradient.reshape(-1), optimizer.clipnorm)
        elif optimizer.global_clipnorm is not None:
            self._clip_norm(gradients, optimizer.global_clipnorm)

    def _clip_norm(self, flat: Array, limit: float) -> None:
        norm = float(self.xp.sqrt(self.xp.dot(flat, flat)))
        if norm > limit:
            flat *= limit / norm

    # -- data and repetition -----------------------------------------------------------------------------------

    def gather(self, source: Array, order: Array, counters: Array, stride: int, out: Array) -> None:
        """Copy the rows ``order[p · stride : p · stride + len(out)]`` of ``source`` to ``out``, ``p = counters[POSITION]``."""
        start = int(counters[POSITION]) * stride
        out[...] = source[order[start : start + len(out)]]

    def count(self, counters: Array) -> None:
        """Advance the counters at the end of a step."""
        counters += 1

    def record(self, operations: Sequence[Callable[[], None]]) -> Callable[[int], None]:
        """Return a function that runs the operations, one after the other, as many times as it is told."""

        def launch(repeats: int) -> None:
            for _ in range(repeats):
                for operation in operations:
                    operation()

        return launch
