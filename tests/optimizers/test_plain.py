"""Plain arrays, without a model: what can be updated, and what is refused before anything changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gpunet.backend import Backend
from gpunet.optimizers import SGD, Adam, Optimizer


@pytest.mark.parametrize("shape", [(), (0,), (1,), (3, 0), (31, 33), (127,), (1025,)])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_shapes_and_dtypes(shape: tuple[int, ...], dtype: str, backend: Backend) -> None:
    weights = backend.xp.ones(shape, dtype)
    optimizer = SGD(0.5)
    for _ in range(2):
        optimizer.apply_gradients([(backend.xp.ones(shape, dtype), weights)])
    assert weights.dtype == dtype
    np.testing.assert_array_equal(backend.download(weights), np.zeros(shape))


def test_arrays_with_gaps_and_of_several_dtypes() -> None:
    whole = np.zeros((6, 8))
    single = np.zeros(2, "float32")
    optimizer = SGD(1.0)
    optimizer.apply_gradients([(np.ones((3, 4)), whole[::2, ::-2]), ([1, 2], single)])
    assert whole.sum() == -12
    assert (whole[::2, 1::2] == -1).all()
    assert single.tolist() == [-1.0, -2.0]


@pytest.mark.parametrize("gradient", [[1, 2], (1.0, 2.0), np.array([1, 2]), np.array([1, 2], np.uint8)])
def test_gradients_may_be_anything_with_numbers(gradient: Any) -> None:
    weights = np.zeros(2)
    SGD(1.0).apply_gradients([(gradient, weights)])
    assert weights.tolist() == [-1.0, -2.0]


def test_a_gradient_too_large_for_the_array_is_infinite_without_a_warning() -> None:
    weights = np.zeros(2, "float32")
    SGD(1.0, clipvalue=2.0).apply_gradients([(np.array([1e300, 1.0]), weights)])
    assert weights.tolist() == [-2.0, -1.0]


class Holder:
    """An array of another library: a shape, a dtype, and assignment in place."""

    def __init__(self, values: list[float], name: str) -> None:
        self.values, self.name = np.array(values, "float32"), name

    shape = property(lambda self: self.values.shape)
    dtype = property(lambda self: self.values.dtype.name)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.values.astype(dtype or self.values.dtype)

    def __setitem__(self, index: Any, value: Any) -> None:
        self.values[index] = value


def test_what_behaves_like_an_array_is_updated() -> None:
    kernel, bias = Holder([1.0, 2.0], "variable"), Holder([1.0], "variable")
    optimizer = Adam(0.5, weight_decay=0.1)
    optimizer.exclude_from_weight_decay([bias])
    optimizer.build([kernel, bias])
    optimizer.apply([np.zeros(2), Holder([0.0], "gradient")])
    np.testing.assert_allclose(kernel.values, [0.95, 1.9], rtol=1e-6)
    assert bias.values.tolist() == [1.0]


def test_what_is_changed_in_between_counts() -> None:
    weights, optimizer = np.array([1.0]), SGD(1.0, momentum=0.5)
    optimizer.apply_gradients([(np.ones(1), weights)])
    weights[...] = 10.0
    optimizer.apply_gradients([(np.zeros(1), weights)])
    assert weights.tolist() == [9.5]


def test_gradients_are_not_changed(make: Callable[..., Optimizer]) -> None:
    gradient, weights = np.array([3.0, -4.0]), np.zeros(2)
    gradient.flags.writeable = False
    optimizer = make(clipnorm=1.0)
    for _ in range(2):
        optimizer.apply_gradients([(gradient, weights)])
    assert gradient.tolist() == [3.0, -4.0]
    assert weights.any()


def test_any_iterable_of_pairs() -> None:
    weights = np.zeros(1)
    SGD(1.0).apply_gradients(zip([np.ones(1)], [weights], strict=True))
    assert weights.tolist() == [-1.0]


def read_only() -> np.ndarray:
    array = np.ones(2)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    ("gradients", "make_arrays", "error", "message"),
    [
        ([], list, ValueError, "SGD: No gradients provided for any variable"),
        ([None], lambda: [np.ones(2)], ValueError, "SGD: No gradients provided for any variable"),
        ([None, np.ones(2)], lambda: [np.ones(2), np.ones(2)], ValueError, "gradient 0 is None"),
        ([np.ones(2)], lambda: [np.ones(2), np.ones(2)], ValueError, "got 1 gradients for 2 arrays"),
        ([np.ones(2), np.ones(2)], lambda: [np.ones(2)], ValueError, "got 2 gradients for 1 arrays"),
        ([np.ones(2)], list, ValueError, "expected the arrays to update"),
        (
            [np.ones(3)],
            lambda: [np.ones(2)],
            ValueError,
            r"gradient 0 has shape \(3,\), its array has shape \(2,\)",
        ),
        ([np.ones((2, 1))], lambda: [np.ones(2)], ValueError, r"gradient 0 has shape \(2, 1\)"),
        ([1.0], lambda: [np.ones(2)], ValueError, r"gradient 0 has shape \(\)"),
        ([np.ones(2, complex)], lambda: [np.ones(2)], TypeError, "real numbers, got dtype complex128"),
        ([["a", "b"]], lambda: [np.ones(2)], TypeError, "real numbers, got dtype <U1"),
        ([np.ones(2)], lambda: [np.ones(2, int)], TypeError, "expected arrays of floats, got dtype int64"),
        (
            [np.ones(2)],
            lambda: [np.ones(2, complex)],
            TypeError,
            "expected arrays of floats, got dtype complex128",
        ),
        ([np.ones(2)], lambda: [[1.0, 1.0]], TypeError, "can be updated in place, got list"),
        ([1.0], lambda: [1.0], TypeError, "can be updated in place, got float"),
        ([np.ones(2)], lambda: [read_only()], ValueError, "array 0 is read-only; give a copy"),
        ([np.ones(2)] * 2, lambda: [np.ones(2)] * 2, ValueError, "got one of them twice"),
    ],
)
def test_bad_pairs(
    gradients: list[Any], make_arrays: Callable[[], list[Any]], error: Any, message: str
) -> None:
    arrays, optimizer = make_arrays(), SGD(1.0)
    with pytest.raises(error, match=message):
        optimizer.apply(gradients, arrays)
    for array in arrays:
        np.testing.assert_array_equal(array, np.ones(np.shape(array)))
    assert optimizer.iterations == 0
    assert optimizer.arena is None


def test_a_bad_pair_after_a_good_one_changes_nothing() -> None:
    first, second = np.zeros(2), np.zeros(2)
    optimizer = SGD(1.0)
    with pytest.raises(ValueError, match="gradient 1 has shape"):
        optimizer.apply_gradients([(np.ones(2), first), (np.ones(3), second)])
    assert not first.any()


def test_other_arrays_than_before_are_refused() -> None:
    first, second = np.zeros(2), np.zeros(2)
    optimizer = SGD(1.0)
    optimizer.apply([np.ones(2), np.ones(2)], [first, second])
    for others in ([second, first], [first, np.zeros(2)], [first]):
        with pytest.raises(ValueError, match="SGD: expected the arrays it was built with, in the same order"):
            optimizer.apply([np.ones(2)] * len(others), others)
    assert first.tolist() == second.tolist() == [-1.0, -1.0]
    assert optimizer.iterations == 1


def test_building_checks_the_arrays() -> None:
    optimizer = SGD()
    with pytest.raises(TypeError, match="expected arrays of floats"):
        optimizer.build([np.ones(2, np.int32)])
    assert optimizer.arena is None
    assert optimizer.arrays == []
    optimizer.build([])
    assert optimizer.arena is not None
