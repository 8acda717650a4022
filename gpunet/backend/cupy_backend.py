"""The CuPy backend: kernels and cuBLASLt on a GPU, and a step that is captured once as a CUDA graph."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import numpy as np

from .base import Backend
from .cuda import activation as activations
from .cuda import data, fusion, loss, metric, mixed, penalty, update
from .cuda.graph import Recording
from .cuda.kernels import Kernels
from .cuda.matmul import MatrixProducts
from .cuda.staging import Staging
from .cuda.turn import Turn
from .formulas import ActivationFormula, Array, Below
from .kernel_backend import KernelBackend, Launches
from .mixed_precision import LOSS_SCALE_STEPS
from .precision import POLICIES, Precision

if TYPE_CHECKING:
    from ..arena import Arena

SHARE = 0.5  # of the memory that is free: what a data set may take; the rest is for the model and the user


class CupyMissingError(RuntimeError):
    """CuPy is not installed."""


class CupyBackend(KernelBackend):
    """Computes on a GPU. What has no kernel runs as the reference is written, in array functions.

    Args:
        cupy: The module to work with.
        library: cuBLASLt; by default the one that CuPy loads.
    """

    name = "cupy"
    launches = Launches(activations, data, loss, metric, penalty, update)

    def __init__(self, cupy: Any, library: Any = None) -> None:
        super().__init__(cupy)
        self.kernels = Kernels(cupy)
        self.products = MatrixProducts(cupy, library)
        self.staging = Staging(cupy)
        self._turn = Turn(self.staging)
        self.fused = fusion.Fused()
        self._siblings: dict[Precision, CupyBackend] = {self.precision: self}
        self._process = os.getpid()

    def with_precision(self, precision: Precision) -> Backend:
        """Return the backend of that precision; all of them share stream, kernels and plans."""
        if not (precision.mixed or precision.tf32):
            precision = POLICIES["float32"]
        if precision not in self._siblings:
            sibling = object.__new__(type(self))
            vars(sibling).update(vars(self), precision=precision)
            self._siblings[precision] = sibling
        return self._siblings[precision]

    def _check_process(self) -> None:
        if os.getpid() != self._process:
            raise RuntimeError(
                "gpunet: a forked process can't use the GPU that its parent has used. Start processes with "
                'multiprocessing.get_context("spawn").'
            )

    def array_functions(self, name: str) -> None:
        """Refuse what a graph can't hold, because it is Python code, and what CuPy can't compute with: bfloat16."""
        if self.precision.storage == "bfloat16":
            raise ValueError(
                f"mixed_bfloat16: {name} is computed in array functions, and CuPy has no bfloat16; use the dtype policy "
                '"mixed_float16" or "tf32".'
            )
        if self.staging.stream.is_capturing():
            raise RuntimeError(f"{name} is computed in array functions")

    def computing(self) -> AbstractContextManager[None]:
        """Let one thread compute, on a stream that is in order with the main one."""
        self._check_process()
        return self._turn()

    # -- arrays ------------------------------------------------------------------------------------------------

    def empty(self, shape: Sequence[int] | int, dtype: Any) -> Array:
        """Return a buffer with undefined contents."""
        self._check_process()
        return super().empty(shape, dtype)

    def zeros(self, shape: Sequence[int] | int, dtype: Any) -> Array:
        """Return a buffer of zeros."""
        with self.computing():
            return super().zeros(shape, dtype)

    def resident(self, array: Any, dtype: Any) -> Array:
        """Return the array on the device."""
        with self.computing():
            return super().resident(array, dtype)

    def fits(self, size: int) -> bool:
        """Tell whether so many bytes are at most half of the free memory."""
        return size <= SHARE * (self.free_memory() or 0)

    def free_memory(self) -> int | None:
        """Return how many bytes are free, those that CuPy holds in reserve included."""
        return int(self.xp.cuda.Device().mem_info[0] + self.xp.get_default_memory_pool().free_bytes())

    def upload(self, array: Any, out: Array) -> None:
        """Copy into a device buffer, from the host without waiting for the device."""
        is_here = hasattr(array, "__cuda_array_interface__")
        is_bfloat16 = self.precision.storage == "bfloat16" and out.dtype == mixed.STORAGE["bfloat16"]
        with self.computing():
            if is_bfloat16 and out.size and is_here:
                mixed.narrow(self.kernels, self.xp.array(array, np.float32, order="C"), out)
            elif is_here:
                out[...] = array
            elif out.size:
                self.staging.upload(mixed.bfloat16(array) if is_bfloat16 else array, out)

    def download(self, array: Array) -> np.ndarray[Any, Any]:
        """Return a host copy, 16-bit floats as float32; waits for the device."""
        with self.computing():
            host: np.ndarray[Any, Any] = self.xp.asnumpy(array)
        return mixed.widened(host) if self.precision.mixed else host

    # -- mixed precision ---------------------------------------------------------------------------------------

    def storage(self, dtype: Any) -> Any:
        """Return the dtype of activations: bfloat16 is held as uint16, CuPy has no such dtype."""
        return mixed.STORAGE[self.precision.storage] if self.precision.mixed else super().storage(dtype)

    def operands(self, values: Array) -> Array:
        """Return a buffer of 16 bits an element for a mixed precision."""
        return self.zeros(values.shape, self.storage(values.dtype)) if self.precision.mixed else values

    def refresh(self, arena: Arena) -> None:
        """Round the parameters anew."""
        if self.precision.mixed:
            with self.computing():
                mixed.narrow(self.kernels, arena.values, arena.operands)

    def loss_scale(self) -> Array | None:
        """Return the state of the loss scale: only float16 needs one."""
        return self.initial_loss_scale() if self.precision.storage == "float16" else None

    def unscale(self, arena: Arena) -> None:
        """Free the gradients from the loss scale."""
        mixed.unscale(self.kernels, arena.gradients, arena.loss_scale)

    def adapt_loss_scale(self, scale: Array) -> None:
        """Adapt the loss scale on the device."""
        mixed.adapt_loss_scale(self.kernels, scale, LOSS_SCALE_STEPS)

    # -- matrix products ---------------------------------------------------------------------------------------

    @property
    def _products(self) -> str:
        return "tf32" if self.precision.tf32 else "float32"

    def matmul(
        self, a: Array, b: Array, out: Array, transpose_a: bool = False, transpose_b: bool = False
    ) -> None:
        """Multiply with cuBLASLt."""
        if not self.products(a, b, out, transpose_a, transpose_b, precision=self._products):
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
        """Multiply, add the bias and activate, in one go where cuBLASLt offers it."""
        for fused in fusion.epilogues(activation, bias, preactivation, out, auxiliary):
            if self.products(x, kernel, out, bias=bias, precision=self._products, **fused):
                self.fused.note(auxiliary, "aux" in fused)
                return
        self.fused.note(auxiliary, False)
        self.matmul(x, kernel, preactivation)
        if not activations.bias_activate(self.kernels, activation, bias, preactivation, out):
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
        """Go back through the activation, the bias gradient summed on the way, then multiply twice."""
        if activation is not None and activations.activate_backward(
            self.kernels, activation, preactivation, y, gradient, gradient, bias_gradient
        ):
            activation = bias_gradient = None
        elif activation is None and bias_gradient is not None:
            if kernel_gradient is not None and self.products(
                x, gradient, kernel_gradient, True, bias_gradient=bias_gradient, precision=self._products
            ):
                kernel_gradient = bias_gradient = None
            elif activations.bias_gradient(self.kernels, gradient, bias_gradient):
                bias_gradient = None
        if below is not None and x_gradient is not None:
            self._product_and_activation(gradient, kernel, x_gradient, below)
            x_gradient = below = None
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

    def _product_and_activation(self, gradient: Array, kernel: Array, out: Array, below: Below) -> None:
        """Multiply and go back through the activation below, in one go if its forward pass left what that needs."""
        if self.fused.left(below.auxiliary) and self.products(
            *(gradient, kernel, out, False, True),
            epilogue=fusion.backward(below.activation),
            aux=below.auxiliary,
            bias_gradient=below.bias_gradient,
            precision=self._products,
        ):
            return
        self.matmul(gradient, kernel, out, transpose_b=True)
        if not activations.activate_backward(
            self.kernels, below.activation, below.preactivation, below.y, out, out, below.bias_gradient
        ):
            self.activate_backward(below.activation, below.preactivation, below.y, out, out)
            if below.bias_gradient is not None:
                out.sum(axis=0, out=below.bias_gradient)

    def auxiliary(self, activation: ActivationFormula | None, preactivation: Array, y: Array) -> Array | None:
        """Return a buffer for the bits of a ReLU, or the one that a GELU keeps its input in."""
        if fusion.keeps_input(activation, preactivation):
            return preactivation
        bits = fusion.mask(activation, y)
        return None if bits is None else self.empty(*bits)

    # -- repetition --------------------------------------------------------------------------------------------

    def record(self, operations: Sequence[Callable[[], None]]) -> Callable[[int], None]:
        """Return what replays the operations as a CUDA graph."""
        recording = Recording(self.xp, self.staging.stream, operations)

        def launch(repeats: int) -> None:
            with self.computing():
                recording(repeats)

        return launch


def load() -> CupyBackend:
    """Return the backend for the current GPU.

    Raises:
        CupyMissingError: CuPy is not installed.
        RuntimeError: CuPy doesn't load, or finds no usable GPU.
    """
    instead = 'or use gpunet.config.set_backend("numpy").'
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == "cupy":
            raise CupyMissingError(
                f"CuPy is not installed. Install it with: pip install 'gpunet[cuda12]' (or cuda13), {instead}"
            ) from error
        raise RuntimeError(f"CuPy doesn't load: {error}. Install it again, {instead}") from error
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # CUDARuntimeError, or an ImportError of a CUDA library
        raise RuntimeError(
            f"CuPy {cupy.__version__} found no usable GPU: {error}. Check the driver with nvidia-smi, {instead}"
        ) from error
    if devices == 0:
        raise RuntimeError(f"No GPU is visible to CuPy. Check CUDA_VISIBLE_DEVICES, {instead}")
    return CupyBackend(cupy)
