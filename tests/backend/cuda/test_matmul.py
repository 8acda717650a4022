"""Products through plans, the binding and the stand-in library, against NumPy's in float64."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from cublaslt_stand_in import StandInLibrary
from cublaslt_stand_in import attributes as of
from cublaslt_stand_in.attributes import Kind
from cublaslt_stand_in.minimal_cupy import DeviceArray, MinimalCupy, aligned

from gpunet.backend.cuda import cublaslt, matmul
from gpunet.backend.cuda.cublaslt import CublasLt, CublasLtError
from gpunet.backend.cuda.matmul import MatrixProducts

RANDOM = np.random.default_rng(5)
SHAPES = [(1, 1, 1), (1, 33, 7), (31, 1, 127), (33, 31, 1), (127, 10, 1025)]
ASKED, MULTIPLIED = "cublasLtMatmulAlgoGetHeuristic", "cublasLtMatmul"
BFLOAT16 = np.dtype(np.uint16)
ROUNDING = {"float32": 2.0**-24, "float64": 2.0**-53, "float16": 2.0**-11, "uint16": 2.0**-8}


def stored(values: np.ndarray, dtype: Any) -> np.ndarray:
    """Return numbers as an array of that dtype holds them; those of bfloat16 must fit without rounding."""
    if np.dtype(dtype) == BFLOAT16:
        return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)
    return values.astype(dtype)


def numbers(array: DeviceArray) -> np.ndarray:
    """Return the numbers that an array holds, as float64."""
    if array.dtype == BFLOAT16:
        return (array.host.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    return array.host.astype(np.float64)


def normal(*shape: int) -> np.ndarray:
    """Return normal numbers with 6 bits after the point, exact in every type that has products."""
    return np.round(RANDOM.normal(size=shape) * 64) / 64


def small(*shape: int) -> np.ndarray:
    """Return integers between -8 and 8: what is exact in bfloat16, and so are its products in float32."""
    return RANDOM.integers(-8, 9, shape).astype(np.float64)


def close(actual: DeviceArray, expected: np.ndarray, inner: int = 1) -> None:
    """Compare, with room for the rounding of that many additions and of storage."""
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    compute = 2.0**-53 if actual.dtype == np.float64 else 2.0**-24
    bound = scale * (4 * compute * (inner + 8) + 2 * ROUNDING[actual.dtype.name])
    np.testing.assert_allclose(numbers(actual), expected, rtol=0, atol=bound)


def waiting(m: int, n: int, dtype: Any = np.float32, gap: int = 0) -> DeviceArray:
    """Return an output full of NaN."""
    return aligned(stored(np.full((m, n), np.nan), dtype), gap)


@pytest.mark.parametrize(("m", "n", "k"), SHAPES)
@pytest.mark.parametrize("transposes", list(itertools.product((False, True), repeat=2)))
@pytest.mark.parametrize("gap", [0, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_products(
    products: MatrixProducts, m: int, n: int, k: int, transposes: tuple[bool, bool], gap: int, dtype: Any
) -> None:
    a, b, out = normal(m, k), normal(k, n), waiting(m, n, dtype, gap)
    left = aligned((a.T if transposes[0] else a).astype(dtype), gap)
    right = aligned((b.T if transposes[1] else b).astype(dtype), 2 * gap)
    assert products(left, right, out, *transposes)
    close(out, a @ b, k)


@pytest.mark.parametrize(
    ("dtype", "output"), [("float16",) * 2, ("float16", "float32"), ("uint16",) * 2, ("uint16", "float32")]
)
def test_half_types_are_summed_in_float32(products: MatrixProducts, dtype: str, output: str) -> None:
    a, b, out = small(33, 127), small(127, 31), waiting(33, 31, output)
    assert products(aligned(stored(a, dtype)), aligned(stored(b, dtype)), out)
    # Sums of integers are exact in float32, so what is stored is the exact sum, rounded once.
    np.testing.assert_allclose(numbers(out), a @ b, rtol=0 if output == "float32" else ROUNDING[dtype])


def test_partial_sums_are_not_rounded_to_half_types(
    products: MatrixProducts, library: StandInLibrary
) -> None:
    masks: list[int] = []
    library.offers = lambda epilogue: masks.extend(
        made[of.REDUCTION_MASK] for made in library.objects.values() if made.kind is Kind.PREFERENCE
    ) or True  # fmt: skip
    for output in ("float16", "float32"):
        products(
            aligned(stored(small(4, 4), "float16")),
            aligned(stored(small(4, 4), "float16")),
            waiting(4, 4, output),
        )
    assert masks == [2, 7]


def test_tf32_only_where_asked_for(products: MatrixProducts) -> None:
    a, b = np.float32([[1 + 2.0**-11]]), np.float32([[1.0]])
    for precision, expected in ((None, a), ("float32", a), ("tf32", b)):
        out = waiting(1, 1)
        assert products(aligned(a), aligned(b), out, precision=precision)
        assert out.host == expected
    for dtype in (np.float64, np.float16):  # which it leaves alone
        whole, out = aligned(np.array([[1027.0]], dtype)), waiting(1, 1, dtype)
        assert products(whole, aligned(np.ones((1, 1), dtype)), out, precision="tf32")
        assert out.host == 1027


def test_accumulate(products: MatrixProducts) -> None:
    a, b, start = normal(31, 33), normal(33, 5), normal(31, 5)
    out = aligned(start.astype(np.float32), 2)
    assert products(aligned(a.astype(np.float32)), aligned(b.astype(np.float32)), out, accumulate=True)
    close(out, start + a @ b, 33)


@pytest.mark.parametrize(("m", "n", "k"), [(3, 2, 0), (0, 2, 3), (3, 0, 2), (0, 0, 0)])
def test_empty_products(products: MatrixProducts, library: StandInLibrary, m: int, n: int, k: int) -> None:
    a, b, bias = aligned(np.zeros((m, k))), aligned(np.zeros((k, n))), aligned(np.zeros(n))
    out = waiting(m, n, np.float64, gap=1)
    assert not products(a, b, out, bias=bias, epilogue="relu")
    assert not products(a, b, out, bias_gradient=bias)
    assert np.isnan(out.host).all()
    assert products(a, b, out)
    assert not out.host.any()
    out.fill(1)
    assert products(a, b, out, accumulate=True)
    assert (out.host == 1).all()
    assert not library.calls


def test_layouts_that_cannot_be_told(products: MatrixProducts, library: StandInLibrary) -> None:
    whole, out = normal(8, 8), waiting(4, 4, np.float64)
    square = aligned(whole[:4, :4])
    windows = np.lib.stride_tricks.sliding_window_view(whole[0, :7], 4)
    askew = np.ndarray((4, 4), np.float64, whole.tobytes(), strides=(36, 8))
    for view in (whole[::2, ::2], whole[:4, :4].T, whole[3::-1, :4], windows, askew):
        assert not products(DeviceArray(view), square, out)
        assert not products(square, DeviceArray(view), out)
    assert not products(square, square, DeviceArray(whole[::2, ::2]))
    assert not products(square, square, out, bias=DeviceArray(whole[0, ::2]))
    assert not library.calls  # cuBLASLt isn't bothered with them
    # A single row or column is contiguous whatever its strides say.
    row = np.lib.stride_tricks.as_strided(whole[0], (1, 4), (0, 8))
    column = np.lib.stride_tricks.as_strided(whole[0], (4, 1), (8, 24))
    single = waiting(1, 1, np.float64)
    assert products(DeviceArray(row), DeviceArray(column), single)
    close(single, row @ column, 4)


@pytest.mark.parametrize(
    "dtypes",
    [
        ("float32", "float64", "float32"),
        ("int32",) * 3,
        ("float16", "float16", "uint16"),
        ("float32", "float32", "float16"),
    ],
)
def test_dtypes_that_have_no_product(
    products: MatrixProducts, library: StandInLibrary, dtypes: tuple[str, str, str]
) -> None:
    assert not products(*(aligned(np.zeros((2, 2), dtype)) for dtype in dtypes))
    assert not library.calls


def test_a_plan_is_made_once(products: MatrixProducts, library: StandInLibrary, cupy: MinimalCupy) -> None:
    for _ in range(3):  # other arrays of the same kind
        a, b, bias, out = normal(5, 4), normal(4, 3), normal(3), waiting(5, 3, np.float64)
        assert products(aligned(a), aligned(b), out, bias=aligned(bias), epilogue="bias")
        close(out, a @ b + bias)
    assert (library.calls[ASKED], library.calls[MULTIPLIED]) == (1, 3)
    assert cupy.allocated == [32 << 20]
    assert library.works[0].writes[1][1] == library.workspace_size  # algorithms may use it
    for left, right, vector in (
        (aligned(a, offset=1), aligned(b), aligned(bias)),  # less aligned
        (aligned(a), aligned(b, offset=1), aligned(bias)),
        (aligned(a), aligned(b), aligned(bias, offset=1)),
        (aligned(a, gap=2), aligned(b), aligned(bias)),  # rows further apart
    ):
        out = waiting(5, 3, np.float64)
        assert products(left, right, out, bias=vector, epilogue="bias")
        close(out, a @ b + bias)
    assert library.calls[ASKED] == 5
    kinds = [made.kind for made in library.objects.values()]
    assert (kinds.count(Kind.HANDLE), kinds.count(Kind.PREFERENCE)) == (1, 0)
    assert {work.stream for work in library.works} == {cupy.stream}


def test_every_device_has_its_own_handle(
    products: MatrixProducts, library: StandInLibrary, cupy: MinimalCupy
) -> None:
    a = aligned(normal(2, 2))
    for cupy.device in (0, 1, 0):
        assert products(a, a, waiting(2, 2, np.float64))
    assert (library.calls["cublasLtCreate"], library.calls[ASKED]) == (2, 2)


def test_small_workspace_below_hopper(library: StandInLibrary) -> None:
    cupy = MinimalCupy(capability="89")
    a = aligned(normal(2, 2))
    assert MatrixProducts(cupy, CublasLt(library))(a, a, waiting(2, 2, np.float64))
    assert cupy.allocated == [4 << 20]


@pytest.mark.parametrize("refusal", [0, 7, 8, 15])
def test_what_is_not_offered_is_left_to_the_caller(
    products: MatrixProducts, library: StandInLibrary, refusal: int
) -> None:
    library.offers, library.refusal = (lambda epilogue: epilogue == 1), refusal
    a, bias, out = aligned(normal(2, 2)), aligned(normal(2)), waiting(2, 2, np.float64)
    for _ in range(2):
        assert not products(a, a, out, bias=bias, epilogue="relu")
    assert np.isnan(out.host).all()
    assert library.calls[ASKED] == 1
    assert [made.kind for made in library.objects.values()] == [Kind.HANDLE]
    assert products(a, a, out)


def test_other_failures_are_errors(products: MatrixProducts, library: StandInLibrary) -> None:
    library.offers, library.refusal = (lambda epilogue: False), 13
    a = aligned(normal(2, 2))
    with pytest.raises(CublasLtError, match=f"{ASKED}: CUBLAS_STATUS_EXECUTION_FAILED"):
        products(a, a, waiting(2, 2, np.float64))
    assert [made.kind for made in library.objects.values()] == [Kind.HANDLE]


def test_capture_records_and_asks_nothing(
    products: MatrixProducts, library: StandInLibrary, cupy: MinimalCupy
) -> None:
    a, b = normal(3, 4), normal(4, 2)
    left, right, out = aligned(a), aligned(b), waiting(3, 2, np.float64)
    cupy.graph = []
    with pytest.raises(RuntimeError, match=r"\(3, 4\) and \(4, 2\) into \(3, 2\) has no plan"):
        products(left, right, out)
    assert not library.calls
    cupy.graph = None
    products(left, right, out)
    before, alive = library.calls.copy(), len(library.objects)
    cupy.graph, out.host[...] = [], np.nan
    assert products(left, right, out)
    assert library.calls - before == {MULTIPLIED: 1}
    assert len(library.objects) == alive
    assert np.isnan(out.host).all()
    (work,) = cupy.graph
    left.host[...] = 2 * a  # a replay reads what is there then
    work()
    close(out, 2 * a @ b)
    assert work.reads == [(right.data.ptr, 64), (left.data.ptr, 96)]
    assert work.writes[0] == (out.data.ptr, 48)


def test_the_library_is_loaded_when_first_needed(
    monkeypatch: pytest.MonkeyPatch, library: StandInLibrary
) -> None:
    products = MatrixProducts(MinimalCupy())
    monkeypatch.setattr(cublaslt, "load", lambda: CublasLt(library))
    a = aligned(normal(2, 2))
    assert products(a, a, waiting(2, 2, np.float64))
    assert products.cupy.allocated == [matmul.WORKSPACE]


def test_arguments_that_do_not_fit(products: MatrixProducts, library: StandInLibrary) -> None:
    a, b, out = aligned(normal(3, 4)), aligned(normal(4, 2)), waiting(3, 2, np.float64)
    wide, vector = aligned(normal(2, 3)), aligned(normal(3))
    for arguments, options, message in (
        ((a, a, out), {}, r"got \(3, 4\) and \(3, 4\) into \(3, 2\)"),
        ((a, b, wide), {}, r"got \(3, 4\) and \(4, 2\) into \(2, 3\)"),
        ((a, b, out, True), {}, r"got \(4, 3\) and \(4, 2\)"),
        ((a, b, out), {"precision": "tf23"}, "expected precision .* got 'tf23'"),
        ((a, b, out), {"epilogue": "tanh"}, "no epilogue 'tanh' goes with no bias"),
        ((a, b, out), {"epilogue": "bias"}, "no epilogue 'bias' goes with no bias"),
        ((a, b, out), {"bias": vector, "bias_gradient": vector}, "None goes with bias and bias_gradient"),
        ((a, b, out), {"bias": vector}, r"expected a bias of shape \(2,\), got \(3,\)"),
        ((a, b, out), {"epilogue": "relu_aux"}, r"contiguous aux of uint8\(3, 16\), got None"),
        ((a, b, out), {"epilogue": "dgelu", "aux": out}, r"float64\(3, 8\), got float64\(3, 2\)"),
        ((a, b, out), {"epilogue": "dgelu", "aux": aligned(np.zeros((3, 8)), gap=8)}, r"contiguous aux"),
        ((a, b, out), {"epilogue": "drelu", "aux": aligned(np.zeros((3, 16), "int8"))}, r"of uint8.* got int8"),
        ((a, b, out), {"epilogue": "relu", "aux": out}, "has no use for aux"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            products(*arguments, **options)
    assert not library.calls
