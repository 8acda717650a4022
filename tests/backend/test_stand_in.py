"""The stand-in for CuPy refuses what CuPy refuses; else the tests that use it would show nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


@pytest.fixture
def array(stand_in: Any) -> Any:
    return stand_in.asarray(np.array([1.0, 2.0, 3.0]))


def test_it_computes(stand_in: Any, array: Any) -> None:
    out = stand_in.empty(3, "float64")
    assert stand_in.multiply(array, 2, out=out) is out
    out += array
    out[0] = 7
    assert out.tolist() == [7, 6, 9]
    assert (out[1:] > 6).tolist() == [False, True]
    assert float(array.sum()) == 6
    assert array.sum().shape == ()
    assert type(array.sum()) is type(array.reshape(3, 1).T) is type(array[0]) is stand_in.ndarray
    assert out.get().tolist() == [7, 6, 9]


def test_no_implicit_copy_to_the_host(array: Any) -> None:
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.asarray(array)
    with pytest.raises(TypeError, match="Implicit conversion"):
        np.zeros(3)[...] = array


def test_host_arrays_are_refused(stand_in: Any, array: Any) -> None:
    host = np.ones(3)
    for attempt in (
        lambda: array + host,
        lambda: host + array,
        lambda: stand_in.multiply(array, 2, out=host),
        lambda: stand_in.sum(host),
        lambda: array.__setitem__(slice(None), host),
        lambda: array.dot(host),
    ):
        with pytest.raises(TypeError, match="Unsupported type"):
            attempt()


def test_set_wants_shape_dtype_and_gapless_memory(stand_in: Any, array: Any) -> None:
    array.set(np.array([4.0, 5.0, 6.0]))
    assert array.tolist() == [4, 5, 6]
    with pytest.raises(ValueError, match="!="):
        array.set(np.zeros(3, "float32"))
    with pytest.raises(ValueError, match="!="):
        array.set(np.zeros((3, 1)))
    with pytest.raises(TypeError, match="can be set to"):
        array.set([1.0, 2.0, 3.0])
    with pytest.raises(RuntimeError, match="non-contiguous"):
        stand_in.zeros((3, 2))[:, 0].set(np.zeros(3))


def test_arrays_from_the_host_are_copies(stand_in: Any) -> None:
    host = np.zeros(3)
    stand_in.asarray(host).fill(1)
    assert not host.any()
