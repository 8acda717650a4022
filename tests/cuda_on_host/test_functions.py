"""The functions of a device: there with the overloads that NVRTC has, and the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cuda_on_host import Function, Pointer

Launch = Callable[..., Any]
Compiled = Callable[[dict[str, str]], dict[str, Function]]
X = np.array([-2.5, -0.5, 0.0, 0.5, 1.5, 3.0])
POSITIVE = np.abs(X) + 0.25
ERF = np.array(
    [
        -0.9995930479825550,
        -0.5204998778130465,
        0.0,
        0.5204998778130465,
        0.9661051464753108,
        0.9999779095030014,
    ]
)
ODD = np.array([1, np.inf, -np.inf, np.nan])


TYPES = {"float": "float32", "double": "float64"}
FUNCTIONS = {
    "exp(v)": (X, np.exp(X)),
    "log(v)": (POSITIVE, np.log(POSITIVE)),
    "log1p(v)": (POSITIVE, np.log1p(POSITIVE)),
    "expm1(v)": (X, np.expm1(X)),
    "tanh(v)": (X, np.tanh(X)),
    "sqrt(v)": (POSITIVE, np.sqrt(POSITIVE)),
    "rsqrt(v)": (POSITIVE, POSITIVE**-0.5),
    "erf(v)": (X, ERF),
    "erfc(v)": (X, 1 - ERF),
    "pow(v, 3)": (X, X**3),
    "fabs(v)": (X, np.abs(X)),
    "abs(v)": (X, np.abs(X)),
    "fmin(v, decltype(v)(1))": (X, np.minimum(X, 1)),
    "fmax(v, decltype(v)(1))": (X, np.maximum(X, 1)),
    "min(v, decltype(v)(1))": (X, np.minimum(X, 1)),
    "max(v, decltype(v)(1))": (X, np.maximum(X, 1)),
    "copysign(decltype(v)(2), v)": (X, np.copysign(2, X)),
    "hypot(v, decltype(v)(2))": (X, np.hypot(X, 2)),
    "floor(v)": (X, np.floor(X)),
    "ceil(v)": (X, np.ceil(X)),
    "fma(v, v, v)": (X, X * X + X),
    "__ldg(x + threadIdx.x)": (X, X),
    "isnan(v)": (ODD, [0, 0, 0, 1]),
    "isinf(v)": (ODD, [0, 1, 1, 0]),
    "isfinite(v)": (ODD, [1, 0, 0, 0]),
    'isnan(nan(""))': (ODD, [1] * 4),
    "max(decltype(v)(0), v)": (ODD, [1, np.inf, 0, 0]),  # as fmax
}
FUNCTIONS_OF_FLOAT = {
    "expf(v)": (X, np.exp(X)),
    "logf(v)": (POSITIVE, np.log(POSITIVE)),
    "sqrtf(v)": (POSITIVE, np.sqrt(POSITIVE)),
    "rsqrtf(v)": (POSITIVE, POSITIVE**-0.5),
    "erff(v)": (X, ERF),
}
CASES = {(type_, call): case for type_ in TYPES for call, case in FUNCTIONS.items()}
CASES |= {("float", call): case for call, case in FUNCTIONS_OF_FLOAT.items()}
INTEGERS = {
    "__popc(0xf0f0u)": 8,
    "__popcll(0xf0f0000000000001ull)": 9,
    "__clz(1)": 31,
    "__clz(0)": 32,
    "__clzll(1)": 63,
    "__ffs(8)": 4,
    "__umulhi(0x80000000u, 6u)": 3,
    "__umul64hi(0x8000000000000000ull, 6ull)": 3,
    "__float_as_uint(1.0f)": 0x3F800000,
    "__float_as_int(-0.0f)": -(2**31),
    "__uint_as_float(0x40000000u)": 2,
    "__int_as_float(0x40400000)": 3,
    "__double_as_longlong(2.0)": 1 << 62,
    "__longlong_as_double(1ll << 62)": 2,
    "min(3, -4)": -4,
    "max(3u, 4u)": 4,
    "max(3ll, -4ll)": 3,
    "min(1ull << 40, 1ull << 41)": 1 << 40,
    "warpSize": 32,
    "make_float4(1, 2, 3, 4).w + make_float2(5, 6).y": 10,
    "make_double2(1, 2).y + make_uint2(3, 4).x": 5,
    "make_uint4(1, 2, 3, 4).z + make_int4(1, -2, 3, 4).y + make_ushort4(1, 2, 3, 4).x": 2,
    "alignof(float4) + alignof(double2) + alignof(ushort4)": 40,
    "sizeof(__half) + sizeof(__nv_bfloat16)": 4,
    "sizeof(uint8_t) + sizeof(int64_t)": 9,
    "__CUDA_ARCH__ >= 700": 1,
}


@pytest.fixture(scope="module")
def functions(compiled: Compiled) -> dict[tuple[str, str], Function]:
    head = "__global__ void kernel(const @* x, @* out) { const @ v = x[threadIdx.x]; out[threadIdx.x] = "
    kernels = compiled({" ".join(case): f"{head.replace('@', case[0])}{case[1]}; }}" for case in CASES})
    return dict(zip(CASES, kernels.values(), strict=True))


@pytest.fixture(scope="module")
def integers(compiled: Compiled) -> dict[str, Function]:
    return compiled(
        {call: f"__global__ void kernel(long long* out) {{ *out = {call}; }}" for call in INTEGERS}
    )


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_mathematics(functions: dict[tuple[str, str], Function], case: tuple[str, str]) -> None:
    given, expected = CASES[case]
    x = given.astype(TYPES[case[0]])
    out = np.zeros_like(x)
    functions[case].launch(
        1, x.size, [Pointer(x.ctypes.data, x.nbytes), Pointer(out.ctypes.data, out.nbytes)]
    )
    tolerance = 3e-7 if case[0] == "float" else 1e-15
    np.testing.assert_allclose(out, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("call", INTEGERS)
def test_bits_and_vectors(integers: dict[str, Function], call: str) -> None:
    out = np.zeros(1, "int64")
    integers[call].launch(1, 1, [Pointer(out.ctypes.data, out.nbytes)])
    assert out[0] == INTEGERS[call]


@pytest.mark.parametrize("checked", [True, False])
def test_products_are_rounded_before_they_are_added_to(launch: Launch, checked: bool) -> None:
    """(1 + ε)² - 1 - 2ε is 0 then; a fused operation finds ε²."""
    source = "__global__ void kernel(const float* x, float* out) { out[0] = x[0] * x[0] - x[1]; out[1] = fma(x[0], x[0], -x[1]); }"
    x, out = np.array([1 + 2.0**-23, 1 + 2.0**-22], "float32"), np.ones(2, "float32")
    launch(source, "kernel", 1, 1, x, out, checked=checked)
    assert out.tolist() == [0, 2.0**-46]


def test_headers_of_cuda(launch: Launch) -> None:
    headers = "".join(f"#include <{name}>\n" for name in ("cuda_fp16.h", "cuda_bf16.h", "cuda/std/cstdint"))
    out = np.zeros(1, "int32")
    launch(
        headers + "__global__ void kernel(int32_t* out) { *out = 1; __threadfence(); }", "kernel", 1, 1, out
    )
    assert out[0] == 1


def test_atomics_return_what_was_there(launch: Launch, order: str) -> None:
    source = """
    __global__ void count(int* x, unsigned long long* y, int* places) {
        places[atomicAdd(x, 1)] = 1;
        atomicSub(x + 1, 2);
        atomicMax(x + 2, int(threadIdx.x));
        atomicMin(x + 3, -int(threadIdx.x));
        atomicOr(x + 4, 1 << threadIdx.x);
        atomicAnd(x + 5, ~(1 << threadIdx.x));
        atomicXor(x + 6, 3);
        atomicExch(x + 7, 9);
        atomicCAS(x + 8, 0, 4);
        atomicAdd(y, 1ull << 40);
    }"""
    x, y, places = np.zeros(9, "int32"), np.zeros(1, "uint64"), np.zeros(30, "int32")
    x[5] = -1
    launch(source, "count", 3, 10, x, y, places)
    assert x.tolist() == [30, -60, 9, -9, 1023, -1024, 0, 9, 4]
    assert (y[0], places.tolist()) == (30 << 40, [1] * 30)
