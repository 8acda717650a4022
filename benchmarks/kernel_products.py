"""Matrix products by the plan that gpunet takes, the heuristic's first answer, beside the best of its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ctypes import byref, c_int
from typing import Any

import numpy as np

from gpunet.backend.cuda import cublaslt
from gpunet.backend.cuda.matmul import Plan, prefer
from gpunet.backend.cuda.mixed import bfloat16, widened
from gpunet.backend.cuda.product import Product as Fused

from .floor import Product
from .kernel_cases import Scene, drawn
from .kernel_times import Clock, off_by
from .report import Result, progress

ANSWERS = 16  # of the heuristic
PRECISIONS = {"float32": 1e-5, "tf32": 1e-2, "bfloat16": 2e-2}  # and how far products may be off


def measure_products(backend: Any, clock: Clock, products: Sequence[Product]) -> list[Result]:
    """Return a row for each product and precision."""
    return [
        _product_row(backend, clock, product, precision)
        for product in progress(products, "matrix products")
        for precision in PRECISIONS
    ]


def _product_row(backend: Any, clock: Clock, product: Product, precision: str) -> Result:
    m, k, n, transposed = product
    a = _factor((k, m) if transposed == "a" else (m, k), precision)
    b = _factor((n, k) if transposed == "b" else (k, n), precision)
    scene = Scene(backend, 0)
    left, right = scene.on(a), scene.on(b)
    out = scene.empty(m, n, dtype=a.dtype.name)
    asked = None if precision == "bfloat16" else precision
    turned = transposed == "a", transposed == "b"
    row: Result = {"product": title(product), "precision": precision, "flop": product.flop, "answers": 0}
    if not backend.products(left, right, out, *turned, precision=asked):
        return {**row, "off": None, "right": True, "us": None, "tflops": None, "best_us": None, "share": None}
    off = _product_off(a, b, widened(backend.xp.asnumpy(out[:64])), product)
    fused = Fused(left, right, out, *turned, None, None, None, None, asked)
    plan = backend.products._plans[backend.xp.cuda.Device().id, fused.key]
    plans = [plan, *answers(plan, fused)]
    seconds = [clock(_run(backend, one, fused)) for one in plans]
    return {
        **row,
        "answers": len(plans) - 1,
        "off": off,
        "right": off <= PRECISIONS[precision],
        "us": seconds[0] * 1e6,
        "tflops": product.flop / seconds[0] / 1e12,
        "best_us": min(seconds) * 1e6,
        "share": min(seconds) / seconds[0],
    }


def title(product: Product) -> str:
    """Return a product in words.

    Example:
        >>> title(Product(784, 128, 512, "a"))
        '(128×784)ᵀ · 128×512'
    """
    m, k, n, transposed = product
    left = f"({k}×{m})ᵀ" if transposed == "a" else f"{m}×{k}"
    return f"{left} · " + (f"({n}×{k})ᵀ" if transposed == "b" else f"{k}×{n}")


def _factor(shape: tuple[int, int], precision: str) -> np.ndarray[Any, Any]:
    numbers: np.ndarray[Any, Any] = drawn(shape[0] * shape[1]).reshape(shape) - np.float32(0.5)
    return bfloat16(numbers) if precision == "bfloat16" else numbers


def _product_off(
    a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], found: np.ndarray[Any, Any], product: Product
) -> float:
    """Return how far the first rows are from NumPy's."""
    left, right = widened(a), widened(b)
    left = left[:, : len(found)].T if product.transposed == "a" else left[: len(found)]
    wanted = left.astype(np.float64) @ (right.T if product.transposed == "b" else right)
    return off_by(found.astype(np.float64), wanted)


def _run(backend: Any, plan: Plan, fused: Fused) -> Callable[[], None]:
    return lambda: plan.run(fused, False, backend.xp.cuda.get_current_stream().ptr)


def answers(plan: Plan, fused: Fused) -> list[Plan]:
    """Return plans of all algorithms that the heuristic knows for a product, the best first in its opinion."""
    library, handle, _ = plan.device
    a, b, d = (layout.pointer for layout in plan.layouts)
    results, found = (cublaslt.HeuristicResult * ANSWERS)(), c_int()
    with cublaslt.Preference(library) as preference:
        prefer(preference, plan.device, (fused.b, fused.a, fused.out))
        library.call(
            "cublasLtMatmulAlgoGetHeuristic",
            *(handle.pointer, plan.descriptor.pointer, a, b, d, d, preference.pointer),
            *(ANSWERS, results, byref(found)),
        )
    usable = [result for result in results[: found.value] if result.state == cublaslt.Status.SUCCESS]
    return [plan._replace(algorithm=result.algorithm) for result in usable]
