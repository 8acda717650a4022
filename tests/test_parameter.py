"""Parameters on their own and in an arena."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet.arena import Arena
from gpunet.backend import Backend
from gpunet.parameter import Parameter


def kernel() -> Parameter:
    return Parameter("kernel", np.arange(6, dtype=np.float32).reshape(2, 3))


def test_facts() -> None:
    parameter = kernel()
    assert (parameter.name, parameter.shape, parameter.size, parameter.dtype) == (
        "kernel",
        (2, 3),
        6,
        "float32",
    )
    assert parameter.backend is None
    assert parameter.gradient is None
    assert repr(parameter) == "<Parameter kernel, shape=(2, 3), dtype=float32, trainable=True>"


@pytest.mark.parametrize("moved", [False, True])
def test_assign_overwrites_in_place(backend: Backend, moved: bool) -> None:
    parameter = kernel()
    if moved:
        Arena(backend, [parameter])
        assert parameter.backend is backend
    view = parameter.value
    parameter.assign([[1, 2, 3], [4, 5, 6]])
    assert parameter.value is view
    assert parameter.numpy().tolist() == [[1, 2, 3], [4, 5, 6]]
    parameter.assign(np.full((3, 4), 2.5)[:2, ::-1][:, :3])
    assert parameter.numpy().tolist() == [[2.5] * 3] * 2
    parameter.assign(kernel())
    assert parameter.numpy().tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("value", [1.0, [1, 2, 3], np.zeros((3, 2)), np.zeros((2, 3, 1)), [], [[1, 2], [3]]])
def test_another_shape_is_refused(value: object, backend: Backend) -> None:
    parameter = kernel()
    Arena(backend, [parameter])
    with pytest.raises(ValueError, match=r"kernel: expected (an array of )?shape \(2, 3\), got"):
        parameter.assign(value)
    assert parameter.numpy().tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("value", [[[None, 1, 2]] * 2, [["1", "2", "3"]] * 2, [[1j, 0, 0]] * 2])
def test_what_is_no_real_number_is_refused(value: object, backend: Backend) -> None:
    parameter = kernel()
    Arena(backend, [parameter])
    with pytest.raises(ValueError, match="kernel: expected real numbers, got dtype"):
        parameter.assign(value)
    assert parameter.numpy().tolist() == [[0, 1, 2], [3, 4, 5]]


def test_what_is_handed_out_is_a_copy(backend: Backend) -> None:
    parameter = kernel()
    for _ in range(2):  # first on its own, then in an arena
        parameter.numpy()[...] = 7
        np.array(parameter)[...] = 7
        np.asarray(parameter)[...] = 7
        assert parameter.numpy().tolist() == [[0, 1, 2], [3, 4, 5]]
        Arena(backend, [parameter])


def test_numpy_takes_a_parameter_for_an_array(backend: Backend) -> None:
    parameter = kernel()
    Arena(backend, [parameter])
    assert np.asarray(parameter).dtype == "float32"
    assert np.asarray(parameter, dtype="float64").dtype == "float64"
    assert np.abs(parameter).sum() == 15
    with pytest.raises(ValueError, match="without a copy"):
        np.array(parameter, copy=False)
