"""How many threads NumPy's BLAS library multiplies with: small products are left to one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from gpunet.backend import NumpyBackend, blas


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    """Let the library multiply with two threads."""
    functions = blas._thread_functions()
    assert functions is not None, "NumPy's own wheels bring OpenBLAS"
    get, set_ = functions
    before = get()
    set_(2)
    yield
    set_(before)


def present() -> int:
    """What the library itself says."""
    functions = blas._thread_functions()
    assert functions is not None
    return int(functions[0]())


def test_small_products_leave_the_number_of_threads_as_it_was() -> None:
    a, out = np.eye(100, dtype="float32"), np.zeros((100, 100), "float32")
    NumpyBackend().matmul(a, 2 * a, out)
    assert out.tolist() == (2 * a).tolist()
    assert present() == 2


def test_one_thread_multiplies_until_the_last_of_those_who_want_it_has_gone() -> None:
    with blas.one_thread():
        assert present() == 1
        with blas.one_thread():
            assert present() == 1
        assert present() == 1
    assert present() == 2


def test_threads_that_come_and_go_in_another_order_leave_the_number_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrived, leave = threading.Event(), threading.Event()

    def first_to_come() -> None:
        with blas.one_thread():
            arrived.set()
            leave.wait()

    other = threading.Thread(target=first_to_come)
    other.start()
    arrived.wait()
    with blas.one_thread():
        leave.set()
        other.join()
        assert present() == 1
        monkeypatch.setattr(blas, "cores", lambda: 8)
        assert blas.threads() == 2  # what there will be again
    assert present() == 2


def test_there_are_no_more_threads_than_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "cores", lambda: 1)
    assert blas.threads() == 1


def test_a_failure_between_leaves_the_number_as_it_was() -> None:
    with pytest.raises(ZeroDivisionError), blas.one_thread():
        raise ZeroDivisionError
    assert present() == 2


def test_a_library_that_tells_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_thread_functions", lambda: None)
    assert blas.threads() == 1
    out = np.zeros((100, 1))
    NumpyBackend().matmul(np.ones((100, 5000)), np.ones((5000, 1)), out)
    assert (out == 5000).all()
