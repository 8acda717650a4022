"""What is fused to products, against formulas in float64; backward also against central differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cublaslt_stand_in import StandInLibrary
from cublaslt_stand_in.minimal_cupy import DeviceArray, MinimalCupy, aligned

from gpunet.backend.cuda.matmul import MatrixProducts
from gpunet.backend.cuda.product import auxiliary

RANDOM = np.random.default_rng(6)
SHAPES = [(1, 1, 1), (33, 10, 31), (3, 127, 1), (5, 130, 8)]
DTYPES = [np.float32, np.float64, np.float16]
TOLERANCE = {"float32": 1e-5, "float64": 1e-13, "float16": 4e-3}


def relu(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, 0)


def gelu(x: np.ndarray) -> np.ndarray:
    """The tanh form (Hendrycks & Gimpel 2016)."""
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


def slope(function: Any, x: np.ndarray) -> np.ndarray:
    """Return the derivative by central differences."""
    return (function(x + 1e-6) - function(x - 1e-6)) / 2e-6


ACTIVATIONS = {"bias": lambda x: x, "relu": relu, "gelu": gelu}


def operands(m: int, n: int, k: int, dtype: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return factors and a bias whose numbers every type holds exactly."""
    shapes = (m, k), (k, n), (n,)
    a, b, bias = (np.round(RANDOM.normal(size=shape) * 16).astype(dtype) / dtype(16) for shape in shapes)
    return a, b / dtype(4), bias


def buffers(*arrays: np.ndarray) -> list[DeviceArray]:
    return [aligned(array) for array in arrays]


def nan(shape: Any, dtype: Any) -> DeviceArray:
    return aligned(np.full(shape, np.nan, dtype))


def close(actual: DeviceArray, expected: np.ndarray) -> None:
    bound = TOLERANCE[actual.dtype.name] * max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(actual.host.astype(np.float64), expected, rtol=0, atol=bound)


@pytest.mark.parametrize(("m", "n", "k"), SHAPES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("epilogue", [None, *ACTIVATIONS])
@pytest.mark.parametrize("with_bias", [True, False])
def test_forward(
    products: MatrixProducts, m: int, n: int, k: int, dtype: Any, epilogue: str | None, with_bias: bool
) -> None:
    a, b, bias = operands(m, n, k, dtype)
    left, right, vector = buffers(a, b, bias)
    out = aligned(np.full((m, n), np.nan, dtype), gap=3)
    if epilogue == "bias" and not with_bias:
        with pytest.raises(ValueError, match="no epilogue 'bias'"):
            products(left, right, out, epilogue=epilogue)
        return
    assert products(left, right, out, bias=vector if with_bias else None, epilogue=epilogue)
    z = a.astype(np.float64) @ b.astype(np.float64) + with_bias * bias.astype(np.float64)
    close(out, ACTIVATIONS[epilogue or "bias"](z))


def test_sums_of_half_types_with_a_float32_bias(products: MatrixProducts) -> None:
    a, b, bias = operands(31, 33, 7, np.float16)
    out = nan((31, 33), np.float32)
    assert products(*buffers(a, b), out, bias=aligned(bias.astype(np.float32)), epilogue="relu")
    close(out, relu(a.astype(np.float64) @ b.astype(np.float64) + bias))
    assert not products(
        *buffers(a, b), out, bias=aligned(bias), epilogue="relu"
    )  # it must be of the output's type


@pytest.mark.parametrize(("m", "n", "k"), SHAPES)
@pytest.mark.parametrize(
    ("dtype", "output"), [(np.float32,) * 2, (np.float64,) * 2, (np.float16,) * 2, (np.float16, np.float32)]
)
@pytest.mark.parametrize("transpose_b", [False, True])
def test_bias_gradient(
    products: MatrixProducts, m: int, n: int, k: int, dtype: Any, output: Any, transpose_b: bool
) -> None:
    """dW = xᵀ dz and db = Σ_rows dz in one go: k rows, m features, n units."""
    x, dz, _ = operands(m, n, k, dtype)
    kernel_gradient, bias_gradient = nan((m, n), output), nan(n, output)
    left, right = buffers(np.ascontiguousarray(x.T), np.ascontiguousarray(dz.T) if transpose_b else dz)
    assert products(left, right, kernel_gradient, True, transpose_b, bias_gradient=bias_gradient)
    close(kernel_gradient, x.astype(np.float64) @ dz.astype(np.float64))
    close(bias_gradient, dz.astype(np.float64).sum(axis=0))


@pytest.mark.parametrize("rows", [1, 33])
@pytest.mark.parametrize("units", [1, 10, 127, 128, 130])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ["relu", "gelu"])
@pytest.mark.parametrize("with_bias", [True, False])
def test_backward(
    products: MatrixProducts, rows: int, units: int, dtype: Any, name: str, with_bias: bool
) -> None:
    """The forward pass of one layer keeps what the next layer's backward product needs for dz and db."""
    x, kernel, bias = operands(rows, units, 7, dtype)
    gradient, following, _ = operands(
        rows, units, 5, dtype
    )  # of the next layer: its dz and its kernel, transposed
    shape, kind = auxiliary(f"{name}_aux", rows, units, dtype)
    aux, y, dz, db = (
        aligned(np.zeros(shape, kind)),
        *(nan(s, dtype) for s in ((rows, units),) * 2),
        nan(units, dtype),
    )
    vector = aligned(bias) if with_bias else None
    assert products(*buffers(x, kernel), y, bias=vector, epilogue=f"{name}_aux", aux=aux)
    left, right = buffers(gradient, np.ascontiguousarray(following.T))
    options = {"epilogue": f"d{name}", "aux": aux}
    assert products(left, right, dz, transpose_b=True, bias_gradient=db, **options)
    z = x.astype(np.float64) @ kernel.astype(np.float64) + with_bias * bias.astype(np.float64)
    if name == "relu":  # whose derivative jumps at 0, where products of such numbers often are
        derivative = (z > 0).astype(np.float64)
    else:
        derivative = slope(gelu, z.astype(dtype).astype(np.float64))
    expected = gradient.astype(np.float64) @ following.astype(np.float64) * derivative
    tolerance = 1e-9 if dtype is np.float64 else TOLERANCE[np.dtype(dtype).name]  # of the differences
    close(y, ACTIVATIONS[name](z))
    for actual, wanted in ((dz, expected), (db, expected.sum(axis=0))):
        bound = tolerance * max(1.0, float(np.abs(wanted).max()))
        np.testing.assert_allclose(actual.host.astype(np.float64), wanted, rtol=0, atol=bound)
    alone = nan((rows, units), dtype)
    assert products(left, right, alone, transpose_b=True, **options)
    np.testing.assert_array_equal(alone.host, dz.host)


def test_auxiliary_buffers() -> None:
    """A mask has rows of a multiple of 128 bits, the input of GELU rows of a multiple of 8 elements."""
    assert auxiliary("relu_aux", 3, 128, np.float32) == ((3, 16), np.dtype(np.uint8))
    assert auxiliary("drelu", 3, 129, np.float32) == ((3, 32), np.dtype(np.uint8))
    assert auxiliary("gelu_aux", 3, 8, np.float16) == ((3, 8), np.dtype(np.float16))
    assert auxiliary("dgelu", 3, 9, np.float32) == ((3, 16), np.dtype(np.float32))


def test_captured_products_of_one_kind_keep_their_own_biases(
    products: MatrixProducts, library: StandInLibrary, cupy: MinimalCupy
) -> None:
    a, b, first = operands(3, 4, 5, np.float64)
    left, right = buffers(a, b)
    vectors, outs = buffers(first, first + 1), [nan((3, 4), np.float64) for _ in range(2)]
    assert products(left, right, outs[0], bias=vectors[0], epilogue="relu")
    cupy.graph = []
    for vector, out in zip(vectors, outs, strict=True):
        assert products(left, right, out, bias=vector, epilogue="relu")
    for work in cupy.graph:
        work()
    for bias, out in zip((first, first + 1), outs, strict=True):
        close(out, relu(a @ b + bias))
    assert library.calls["cublasLtMatmulAlgoGetHeuristic"] == 1
