"""Arrays of the stand-in refuse what CuPy's refuse; else the tests that use them would show nothing."""

from __future__ import annotations

import copy
import pickle
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
    with pytest.raises(TypeError, match="integer"):
        list(range(array[0]))  # CuPy's arrays have no __index__


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
    with pytest.raises(TypeError, match="float32 array cannot be set to float64 array"):
        array.set(np.zeros(3, "float32"))
    with pytest.raises(ValueError, match="Shape mismatch"):
        array.set(np.zeros((3, 1)))
    with pytest.raises(TypeError, match="can be set to"):
        array.set([1.0, 2.0, 3.0])
    with pytest.raises(RuntimeError, match="non-contiguous"):
        stand_in.zeros((3, 2))[:, 0].set(np.zeros(3))
    columns = stand_in.zeros((2, 3)).T
    columns.set(np.arange(6.0).reshape(3, 2))
    assert columns.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_get_writes_to_what_it_is_given(stand_in: Any, array: Any) -> None:
    out = np.zeros(3)
    assert stand_in.asnumpy(array, out=out) is out
    assert out.tolist() == [1, 2, 3]
    with pytest.raises(TypeError, match="cannot be obtained from"):
        array.get(out=np.zeros(3, "float32"))
    with pytest.raises(ValueError, match="Shape mismatch"):
        array.get(out=np.zeros(4))
    turned = stand_in.asarray(np.arange(6.0).reshape(2, 3)).T
    assert turned.get().flags.c_contiguous
    assert turned.get(order="A").flags.f_contiguous
    assert turned.get().tolist() == [[0, 3], [1, 4], [2, 5]]


def test_arrays_from_the_host_are_copies(stand_in: Any) -> None:
    host = np.zeros(3)
    stand_in.asarray(host).fill(1)
    assert not host.any()


def test_asarray_leaves_a_device_array_alone(stand_in: Any, array: Any) -> None:
    assert stand_in.may_share_memory(stand_in.asarray(array), array)
    assert not stand_in.may_share_memory(stand_in.array(array), array)
    assert stand_in.asarray(array, "float32").dtype == np.float32
    assert stand_in.asarray([array[0], array[2]]).tolist() == [1, 3]
    assert stand_in.asarray(np.ones((2, 3), order="F")).flags.f_contiguous
    assert stand_in.asarray(np.ones((2, 3), order="F"), order="C").flags.c_contiguous


def test_views_share_memory_and_results_do_not(stand_in: Any) -> None:
    array = stand_in.arange(12.0).reshape(3, 4)
    before = stand_in.counts.allocations
    rows, turned, flat = array[1:], array.T, array.ravel()
    for view in (rows, turned, flat):
        assert stand_in.may_share_memory(array, view)
    assert stand_in.counts.allocations == before
    assert rows.data.ptr - array.data.ptr == array.strides[0]
    assert rows.data.mem is array.data.mem
    assert not stand_in.may_share_memory(array, array[[0, 1]])
    assert not stand_in.may_share_memory(array, turned.ravel())


def test_an_array_is_made_over_memory(stand_in: Any) -> None:
    array = stand_in.arange(6.0)
    again = stand_in.ndarray((2, 2), "float64", memptr=array.data + 16)
    again[...] = 0
    assert array.tolist() == [0, 1, 0, 0, 0, 0]
    assert type(array.data) is stand_in.cuda.MemoryPointer


def test_the_array_interface_tells_where_it_is(stand_in: Any) -> None:
    array = stand_in.zeros((2, 3), "float32")
    told = array.__cuda_array_interface__
    assert told["data"] == (array.data.ptr, False)
    assert told["shape"] == (2, 3)
    assert told["typestr"] == "<f4"
    assert told["strides"] is None
    assert array.T.__cuda_array_interface__["strides"] == (4, 12)
    assert told["version"] == 3
    assert told["stream"] == 1  # the legacy default stream


def test_what_cupy_lacks_is_missing(stand_in: Any, array: Any) -> None:
    for name in ("block", "geomspace", "spacing", "vecdot"):
        assert not hasattr(stand_in, name)
    for name in ("ctypes", "resize", "setflags"):
        assert not hasattr(array, name)
    for attempt in (lambda: array.sum(where=array > 1), lambda: stand_in.max(array, initial=0.0)):
        with pytest.raises(TypeError, match="unexpected keyword"):
            attempt()
    with pytest.raises(ValueError, match="Unsupported dtype"):
        stand_in.asarray(["a"])


def test_numbers_come_as_arrays(stand_in: Any, array: Any) -> None:
    for result in (
        stand_in.count_nonzero(array),
        stand_in.array_equal(array, array),
        stand_in.allclose(array, array),
    ):
        assert type(result) is stand_in.ndarray
    assert stand_in.may_share_memory(array, array) is True


def test_a_gpu_warns_of_nothing(stand_in: Any, array: Any) -> None:
    assert np.isnan(float(stand_in.log(-array[0])))
    assert stand_in.exp(array * 1e4).get().max() == np.inf
    assert stand_in.asarray(np.float32(1e38)).dtype == np.float32


def test_new_memory_holds_garbage(stand_in: Any) -> None:
    assert np.isnan(stand_in.empty(3).get()).all()
    assert np.isnan(stand_in.empty(3, "float16").get()).all()


def test_empty_arrays_have_no_memory(stand_in: Any) -> None:
    empty = stand_in.empty((0, 3))
    assert empty.data.ptr == 0
    assert (empty + 1).shape == (0, 3)
    assert empty.get().shape == (0, 3)


def test_copies_and_pickles(stand_in: Any, array: Any) -> None:
    for again in (copy.deepcopy(array), copy.copy(array), pickle.loads(pickle.dumps(array))):
        assert type(again) is stand_in.ndarray
        assert again.tolist() == [1, 2, 3]
        assert not stand_in.may_share_memory(again, array)


def test_reading_on_the_host_is_counted(stand_in: Any, array: Any) -> None:
    for read in (
        lambda a: float(a[0]),
        lambda a: bool(a[0]),
        lambda a: a[0].item(),
        lambda a: a.get(),
        stand_in.asnumpy,
    ):
        stand_in.counts.reset()
        read(array)
        assert (stand_in.counts.device_to_host, stand_in.counts.synchronisations) == (1, 1)
    stand_in.counts.reset()
    stand_in.nonzero(array)
    array[array > 1]
    stand_in.repeat(array, array.astype("int64"))
    assert stand_in.counts.synchronisations == 3
    stand_in.repeat(array, 2)
    stand_in.where(array > 1, array, 0.0)
    array[array > 1] = 0.0
    assert stand_in.counts.synchronisations == 3
    with pytest.raises(ValueError, match="size 1"):
        array.item()
