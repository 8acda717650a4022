"""Matrix products through cuBLASLt: a plan for each kind of product is made when it first occurs, and from then on only run.

cuBLASLt is column-major: what is a row-major ``(rows, columns)`` array here is to it the transposed matrix. Therefore
``out = a @ b`` is computed as ``outᵀ = bᵀ aᵀ``: ``b`` is its A, ``a`` its B, ``out`` its C and D. A row of D is a column of
``out``, a unit of the layer, so that bias and bias gradient have an element for each row of D, as the epilogues want them.

Two runs give the same bits. The heuristic depends on problem, library and device alone; its first answer is taken, nothing
is timed. cuBLAS repeats its results on devices of one kind, unless several streams make it choose among workspaces of its
own, which a workspace of the caller's rules out ("Results reproducibility" in its documentation); sums that are split over
blocks are added in order (``cublasLtReductionScheme_t``).
"""

from __future__ import annotations

from contextlib import ExitStack
from ctypes import byref, c_double, c_float, c_int
from typing import Any, NamedTuple

import numpy as np

from ..formulas import Array
from . import cublaslt
from .cublaslt import CublasLt, CublasLtError, DataType, ReductionScheme, Status
from .cublaslt import MatmulAttribute as Matmul
from .cublaslt import PreferenceAttribute as Prefer
from .product import TYPES, Product, alignment, leading_dimension

# What cuBLAS' documentation recommends (cublasSetWorkspace): for compute capability 9.0 and above, and below it.
WORKSPACE, SMALL_WORKSPACE = 32 << 20, 4 << 20
NOT_OFFERED = (Status.NOT_SUPPORTED, Status.INVALID_VALUE, Status.ARCH_MISMATCH)


class Device(NamedTuple):
    """What all products on a device share until the process ends: destroying a handle would wait for the device."""

    library: CublasLt
    handle: cublaslt.Handle
    workspace: Array


class Plan(NamedTuple):
    """A kind of product, ready to run.

    Attributes:
        device: Where it runs.
        descriptor: What is computed.
        layouts: Those of A, B and D.
        algorithm: How.
        scalars: 0 and 1 in the type of the sums.
    """

    device: Device
    descriptor: cublaslt.MatmulDescriptor
    layouts: list[cublaslt.MatrixLayout]
    algorithm: Any
    scalars: tuple[Any, Any]

    def run(self, product: Product, accumulate: bool, stream: int) -> None:
        """Enqueue the product."""
        _set_pointers(self.descriptor, product)
        library, handle, workspace = self.device
        a, b, d = (layout.pointer for layout in self.layouts)
        out = product.out.data.ptr
        library.call(
            "cublasLtMatmul",
            *(handle.pointer, self.descriptor.pointer, byref(self.scalars[1])),
            *(product.b.data.ptr, a, product.a.data.ptr, b),
            *(byref(self.scalars[accumulate]), out, d, out, d),
            *(byref(self.algorithm), workspace.data.ptr, workspace.nbytes, stream),
        )


class MatrixProducts:
    """Multiplies matrices on the GPU.

    The first product of a kind (shapes, strides, dtypes, alignments, epilogue, precision, device) makes its plan; the
    later ones allocate nothing and ask nothing, so that they can be captured. One workspace serves all: products must
    follow one another, on one stream or on streams that wait for each other.

    Args:
        cupy: The module to work with.
        library: cuBLASLt; by default the one that CuPy loads, when it is first needed.
    """

    def __init__(self, cupy: Any, library: CublasLt | None = None) -> None:
        self.cupy = cupy
        self._library = library
        self._devices: dict[int, Device] = {}
        self._plans: dict[tuple[Any, ...], Plan | None] = {}

    def __call__(
        self,
        a: Array,
        b: Array,
        out: Array,
        transpose_a: bool = False,
        transpose_b: bool = False,
        *,
        bias: Array | None = None,
        epilogue: str | None = None,
        bias_gradient: Array | None = None,
        aux: Array | None = None,
        precision: str | None = None,
        accumulate: bool = False,
    ) -> bool:
        """Compute ``out = epilogue(op(a) @ op(b) + bias)`` on the current stream, where ``op`` transposes on demand.

        Args:
            a: ``(m, k)``, or ``(k, m)`` if transposed; float32, float64, float16 or uint16, which holds bfloat16.
            b: ``(k, n)``, or ``(n, k)`` if transposed; of the dtype of ``a``.
            out: ``(m, n)``; of the dtype of ``a``, or float32 where that is a half type.
            transpose_a: Whether ``a`` is transposed.
            transpose_b: Whether ``b`` is transposed.
            bias: ``(n,)``, of the dtype of ``out``.
            epilogue: ``None``, ``"bias"``, ``"relu"``, ``"gelu"`` (the tanh form); ``"relu_aux"`` and ``"gelu_aux"``
                also write to ``aux`` what ``"drelu"`` and ``"dgelu"`` read, which multiply the product by the
                derivative of the activation.
            bias_gradient: ``(n,)``, of the dtype of ``out``; receives ``out.sum(axis=0)`` with ``"drelu"`` and
                ``"dgelu"``, and without an epilogue ``op(b).sum(axis=0)``: with ``dW = xᵀ dz`` the bias gradient.
            aux: A buffer as ``product.auxiliary`` describes it.
            precision: ``"float32"`` (the default), or ``"tf32"``, which lets factors be rounded to 10 bits.
            accumulate: Whether the product is added to what ``out`` holds.

        Returns:
            Whether everything asked for is done. If not, nothing is: cuBLASLt doesn't offer it for these dtypes and
            layouts. Rows have to be contiguous; the distance from one to the next doesn't matter.

        Raises:
            ValueError: The arguments don't fit one another.
            RuntimeError: A product that has no plan yet is to be captured.
        """
        product = Product(a, b, out, transpose_a, transpose_b, bias, epilogue, bias_gradient, aux, precision)
        if not (a.size and b.size):
            return _empty(product, accumulate)
        cuda = self.cupy.cuda
        key = cuda.Device().id, product.key
        if key not in self._plans:
            product.check()
            if cuda.get_current_stream().is_capturing():
                raise RuntimeError(
                    f"gpunet: the product of {a.shape} and {b.shape} into {out.shape} has no plan, and none can be made "
                    "while a stream captures. Run it once before."
                )
            self._plans[key] = _plan(self._device(), product) if product.representable else None
        plan = self._plans[key]
        if plan is None:
            return False
        plan.run(product, accumulate, cuda.get_current_stream().ptr)
        return True

    def _device(self) -> Device:
        """Return what the current device shares, made when first needed."""
        device = self.cupy.cuda.Device()
        if device.id not in self._devices:
            if self._library is None:
                self._library = cublaslt.load()
            size = WORKSPACE if int(device.compute_capability) >= 90 else SMALL_WORKSPACE
            workspace = self.cupy.empty(size, np.uint8)
            self._devices[device.id] = Device(self._library, cublaslt.Handle(self._library), workspace)
        return self._devices[device.id]


def _empty(product: Product, accumulate: bool) -> bool:
    """Compute a sum of nothing, or nothing at all, unless something is fused with it."""
    if product.plain and product.out.size and not accumulate:
        product.out.fill(0)
    return product.plain


def _plan(device: Device, product: Product) -> Plan | None:
    """Return the plan, or ``None`` if the library offers no algorithm."""
    compute_type = product.compute_type
    double = compute_type == cublaslt.ComputeType.COMPUTE_64F
    matrices = product.b, product.a, product.out
    with ExitStack() as objects:
        descriptor = objects.enter_context(
            cublaslt.MatmulDescriptor(
                device.library, compute_type, DataType.R_64F if double else DataType.R_32F
            )
        )
        descriptor.set(Matmul.TRANSA, product.transpose_b)
        descriptor.set(Matmul.TRANSB, product.transpose_a)
        descriptor.set(Matmul.EPILOGUE, product.code)
        _set_pointers(descriptor, product)
        if product.aux is not None:
            bits = 8 if product.aux.dtype == np.uint8 else 1  # the leading dimension of a mask counts bits
            descriptor.set(Matmul.EPILOGUE_AUX_LD, product.aux.shape[1] * bits)
        layouts = [objects.enter_context(_layout(device.library, matrix)) for matrix in matrices]
        algorithm = _ask(device, descriptor, layouts, matrices)
        if algorithm is None:
            return None
        objects.pop_all()  # they live as long as the plan
    scalar = c_double if double else c_float
    return Plan(device, descriptor, layouts, algorithm, (scalar(0), scalar(1)))


def _layout(library: CublasLt, matrix: Array) -> cublaslt.MatrixLayout:
    rows, columns = matrix.shape
    return cublaslt.MatrixLayout(library, TYPES[matrix.dtype.name], columns, rows, leading_dimension(matrix))


def _set_pointers(descriptor: cublaslt.MatmulDescriptor, product: Product) -> None:
    """Say where the epilogue's arrays are; they may move between two runs."""
    if product.vector is not None:
        descriptor.set(Matmul.BIAS_POINTER, product.vector.data.ptr)
    if product.aux is not None:
        descriptor.set(Matmul.EPILOGUE_AUX_POINTER, product.aux.data.ptr)


def prefer(preference: cublaslt.Preference, device: Device, matrices: tuple[Array, Array, Array]) -> None:
    """Say what an algorithm must heed: the workspace, where the matrices lie, and how partial sums are rounded."""
    preference.set(Prefer.MAX_WORKSPACE_BYTES, device.workspace.nbytes)
    preference.set(Prefer.MIN_ALIGNMENT_A_BYTES, alignment(matrices[0]))
    preference.set(Prefer.MIN_ALIGNMENT_B_BYTES, alignment(matrices[1]))
    preference.set(Prefer.MIN_ALIGNMENT_C_BYTES, alignment(matrices[2]))
    preference.set(Prefer.MIN_ALIGNMENT_D_BYTES, alignment(matrices[2]))
    if matrices[2].itemsize == 2:  # the other schemes would round partial sums to the half type
        preference.set(Prefer.REDUCTION_SCHEME_MASK, ReductionScheme.COMPUTE_TYPE)


def _ask(
    device: Device,
    descriptor: cublaslt.MatmulDescriptor,
    layouts: list[cublaslt.MatrixLayout],
    matrices: tuple[Array, Array, Array],
) -> Any:
    """Return the algorithm that the heuristic puts first, or ``None``."""
    a, b, d = (layout.pointer for layout in layouts)
    result, found = cublaslt.HeuristicResult(), c_int()
    with cublaslt.Preference(device.library) as preference:
        prefer(preference, device, matrices)
        try:
            device.library.call(
                "cublasLtMatmulAlgoGetHeuristic",
                *(device.handle.pointer, descriptor.pointer, a, b, d, d, preference.pointer),
                *(1, byref(result), byref(found)),
            )
        except CublasLtError as error:
            if error.status in NOT_OFFERED:
                return None
            raise
    return result.algorithm if found.value and result.state == Status.SUCCESS else None
