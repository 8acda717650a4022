"""All backends have the operations of the contract, with its signatures and the reference's results."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gpunet import activations
from gpunet.backend import Backend, CupyBackend, NumpyBackend
from gpunet.regularizers import L1L2

SHAPES = [(0, 3, 2), (1, 1, 1), (31, 33, 7), (33, 31, 1), (127, 5, 33), (3, 1025, 2)]  # rows, features, units
REFERENCE = Backend(np)

shapes = pytest.mark.parametrize("shape", SHAPES)
floats = pytest.mark.parametrize("dtype", ["float32", "float64"])


def operations(kind: type) -> dict[str, Callable[..., Any]]:
    return {name: f for name, f in inspect.getmembers(kind, inspect.isfunction) if not name.startswith("_")}


@pytest.mark.parametrize("kind", [NumpyBackend, CupyBackend])
def test_the_signatures_are_those_of_the_contract(kind: type[Backend]) -> None:
    assert operations(kind).keys() == operations(Backend).keys()
    for name, operation in operations(kind).items():
        assert inspect.signature(operation) == inspect.signature(operations(Backend)[name]), name


@pytest.mark.parametrize("kind", [Backend, NumpyBackend, CupyBackend])
def test_every_operation_is_documented(kind: type[Backend]) -> None:
    assert [name for name, operation in operations(kind).items() if not operation.__doc__] == []


def normal(*shape: int, dtype: str = "float32") -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape).astype(dtype)


def run(backend: Backend, operation: str, *arguments: Any) -> list[np.ndarray]:
    """Run an operation on copies of the host arrays among the arguments; return what they hold then."""
    copies = {id(a): backend.xp.asarray(a.copy()) for a in arguments if isinstance(a, np.ndarray)}
    getattr(backend, operation)(*(copies.get(id(a), a) for a in arguments))
    return [np.array(backend.download(copy)) for copy in copies.values()]


def check(backend: Backend, operation: str, *arguments: Any) -> list[np.ndarray]:
    """Compare with the reference: NumPy to the last bit, a GPU within the rounding of its products."""
    results = run(backend, operation, *arguments)
    for own, other in zip(results, run(REFERENCE, operation, *arguments), strict=True):
        tolerance = 0 if backend.name == "numpy" else 1e-4 if other.dtype == np.float32 else 1e-11
        np.testing.assert_allclose(own, other, rtol=tolerance, atol=tolerance)
    return results


@floats
@shapes
@pytest.mark.parametrize("transposed", [(False, False), (True, False), (False, True)])
def test_matmul(
    backend: Backend, shape: tuple[int, int, int], transposed: tuple[bool, bool], dtype: str
) -> None:
    a, b = normal(*shape[:2], dtype=dtype), normal(*shape[1:], dtype=dtype)
    first, second = (m.T.copy() if turn else m for m, turn in zip((a, b), transposed, strict=True))
    out = np.full((shape[0], shape[2]), np.nan, dtype)
    result = run(backend, "matmul", first, second, out, *transposed)[2]
    tolerance = {"float32": 1e-4, "float64": 1e-12}[dtype]
    np.testing.assert_allclose(result, np.einsum("ij,jk", a, b), rtol=tolerance, atol=tolerance)


@floats
@shapes
@pytest.mark.parametrize("activation", [None, activations.relu, activations.tanh, activations.softmax])
def test_dense(backend: Backend, shape: tuple[int, int, int], activation: Any, dtype: str) -> None:
    rows, features, units = shape
    x, kernel, bias = (normal(*s, dtype=dtype) for s in ((rows, features), (features, units), (units,)))
    y, gradient = np.full((rows, units), np.nan, dtype), normal(rows, units, dtype=dtype)
    y = check(backend, "dense", x, kernel, bias, activation, y, y)[3]
    outs = (np.full_like(kernel, np.nan), np.full_like(bias, np.nan), np.full_like(x, np.nan))
    check(backend, "dense_backward", x, kernel, activation, y, y, gradient, *outs)


def test_dense_keeps_the_preactivation_where_the_derivative_needs_it(backend: Backend) -> None:
    x, kernel, z, y = normal(3, 4), normal(4, 2), np.empty((3, 2), "float32"), np.empty((3, 2), "float32")
    _, _, z, y = check(backend, "dense", x, kernel, None, activations.gelu, z, y)
    np.testing.assert_allclose(z, x @ kernel, rtol=1e-6)
    np.testing.assert_allclose(y, activations.gelu(z), rtol=1e-6)


def test_the_lectures_three_products(backend: Backend) -> None:
    x, kernel, dz = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0], [-1.0]]), np.array([[0.5], [2.0]])
    y, *outs = np.zeros((2, 1)), np.full((2, 1), 9.0), np.full(1, 9.0), np.full((2, 2), 9.0)
    results = run(backend, "dense_backward", x, kernel, None, y, y, dz, *outs)
    assert [r.tolist() for r in results[-3:]] == [[[6.5], [9.0]], [2.5], [[0.5, -0.5], [2.0, -2.0]]]


def test_what_is_not_wanted_is_not_computed(backend: Backend) -> None:
    x, kernel, dz = np.array([[1.0, 2.0]]), np.array([[1.0], [-1.0]]), np.array([[3.0]])
    out = np.full((1, 2), 9.0)
    assert run(backend, "dense_backward", x, kernel, None, dz, dz, dz, None, None, out)[-1].tolist() == [
        [3, -3]
    ]
    results = run(backend, "dense_backward", x, kernel, None, dz, dz, dz, None, None, None)
    assert [r.tolist() for r in results] == [x.tolist(), kernel.tolist(), dz.tolist()]


@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8", "int64", "bool", "float16"])
@pytest.mark.parametrize("rows", [1, 31, 33])
def test_a_batch_is_gathered_by_the_order(backend: Backend, dtype: str, rows: int) -> None:
    whole = np.random.default_rng(1).integers(0, 200, (254, 12)).astype(dtype)
    for source in (whole[:127, :6].copy(), whole[::2, ::-2], np.asfortranarray(whole[:127])):
        resident = backend.resident(source, np.dtype("float32"))
        assert resident.dtype == ("uint8" if dtype == "uint8" else "float32")
        assert resident.flags.c_contiguous
        order = np.random.default_rng(2).permutation(127)
        out, counters = np.empty((rows, source.shape[1]), "float32"), np.array([7, 2, 0])
        result = run(backend, "gather", backend.download(resident), order, counters, rows, out)[-1]
        np.testing.assert_array_equal(result, source[order[2 * rows : 3 * rows]].astype("float32"))


def test_gathered_labels_stay_integers(backend: Backend) -> None:
    out = np.empty(2, np.int64)
    labels, order = np.array([2**40, 1, 2, 3]), np.array([3, 0, 1, 2])
    assert run(backend, "gather", labels, order, np.zeros(3, int), 2, out)[-1].tolist() == [3, 2**40]


def test_an_array_that_fits_is_not_copied() -> None:
    x = normal(4, 3)
    assert NumpyBackend().resident(x, x.dtype) is x


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool"])
def test_upload_and_download(backend: Backend, dtype: str) -> None:
    host = np.random.default_rng(1).integers(0, 2, (6, 8)).astype(dtype)
    for array in (host, host[::2, ::-1], host.T, host[:0], host[0, 0], host.tolist()):
        out = backend.empty(np.shape(array), "float32")
        backend.upload(array, out)
        back = backend.download(out)
        assert type(back) is np.ndarray
        np.testing.assert_array_equal(back, np.asarray(array, "float32"))
        again = backend.zeros(np.shape(array), "float32")
        backend.upload(out, again)  # what is on the device already
        np.testing.assert_array_equal(backend.download(again), back)


def test_what_is_downloaded_is_a_copy(backend: Backend) -> None:
    buffer = backend.zeros(3, "float32")
    backend.download(buffer)[...] = 1
    assert not backend.download(buffer).any()


@floats
@pytest.mark.parametrize("shape", [0, (0, 3), 1, (31, 33), (127,), 1025, ()])
def test_buffers(backend: Backend, shape: Any, dtype: str) -> None:
    for buffer in (backend.empty(shape, dtype), backend.zeros(shape, dtype)):
        assert buffer.shape == (shape if isinstance(shape, tuple) else (shape,))
        assert buffer.dtype == dtype
        assert buffer.flags.c_contiguous
    assert not backend.download(backend.zeros(shape, dtype)).any()


@pytest.mark.parametrize("shape", [1, 3, (5, 7)])
def test_host_buffers_are_aligned(shape: Any) -> None:
    assert NumpyBackend().empty(shape, "float32").ctypes.data % 256 == 0


def test_the_penalty_of_a_batch(backend: Backend) -> None:
    value, totals = np.array([1.0, -2.0]), np.array([10.0, 0.0])
    results = check(backend, "penalty", L1L2(0.5, 2.0), value, np.array([1.0, 1.0]), 4, totals)
    assert results[1].tolist() == [5.5, -7.5]  # 1 ± 0.5 ± 4
    assert results[2].tolist() == [10 + 4 * 11.5, 0]
    assert check(backend, "penalty", L1L2(0.5, 2.0), value, None, 4, totals)[1].tolist() == [56, 0]


def test_a_metric_takes_in_a_batch(backend: Backend) -> None:
    taken = []

    class Metric:
        def update_state(self, *batch: Any) -> None:
            taken.append(batch)

    backend.update_metric(Metric(), "targets", "predictions", None)
    assert taken == [("targets", "predictions", None)]


def test_a_recorded_program_runs_as_often_as_told(backend: Backend) -> None:
    counters = backend.zeros(3, "int64")
    launch = backend.record([lambda: backend.count(counters)])
    launch(3)
    launch(0)
    assert backend.download(counters).tolist() == [3, 3, 3]


def test_overflow_in_a_program_is_no_news() -> None:
    x = np.array([1e30], "float32")
    NumpyBackend().record([lambda: np.multiply(x, x, out=x)])(1)
    assert x.tolist() == [np.inf]
