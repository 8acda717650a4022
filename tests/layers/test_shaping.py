"""Input and Flatten."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers
from gpunet.backend import Backend
from gpunet.testing import check_gradients


@pytest.mark.parametrize(
    ("shape", "flat"),
    [((2, 3), (2, 3)), ((2, 3, 4), (2, 12)), ((2,), (2, 1)), ((0, 3, 4), (0, 12)), ((1, 5, 1, 2), (1, 10))],
)
def test_flatten(shape: tuple[int, ...], flat: tuple[int, ...], backend: Backend) -> None:
    x = np.arange(np.prod(shape), dtype="float32").reshape(shape)
    y = backend.download(layers.Flatten()(backend.xp.asarray(x)))
    assert y.shape == flat
    assert y.ravel().tolist() == x.ravel().tolist()
    assert layers.Flatten().compute_output_shape((None, *shape[1:])) == (None, *flat[1:])


def test_flatten_is_a_view_and_costs_nothing(backend: Backend) -> None:
    x = backend.zeros((4, 3, 2), "float32")
    view = layers.Flatten().alias(x, training=True)
    x.fill(3)
    assert (backend.download(view) == 3).all()
    check_gradients(layers.Flatten(), (3, 2), backend=backend)


def test_flatten_arrays_with_gaps() -> None:
    x = np.arange(48, dtype="float32").reshape(2, 4, 6)
    assert layers.Flatten()(x[:, ::2, ::-3]).tolist() == x[:, ::2, ::-3].reshape(2, 4).tolist()


@pytest.mark.parametrize(
    "arguments",
    [
        {"shape": (8, 8)},
        {"shape": [8, np.int64(8)]},
        {"batch_shape": (None, 8, 8)},
        {"batch_shape": (32, 8, 8)},
    ],
)
def test_an_input_tells_the_shape_of_a_sample(arguments: dict[str, Any]) -> None:
    layer = layers.Input(**arguments)
    assert layer.sample_shape == (8, 8)
    assert layers.Input.from_config(layer.get_config()).sample_shape == (8, 8)
    assert layer.get_config() == {"name": "input", "shape": [8, 8]}
    assert gpunet.Input is layers.Input


def test_an_input_passes_everything_on(backend: Backend) -> None:
    assert backend.download(layers.Input((2,))(backend.xp.asarray([[1.0, 2.0]]))).tolist() == [[1, 2]]


@pytest.mark.parametrize("arguments", [{}, {"shape": (4,), "batch_shape": (None, 4)}])
def test_an_input_has_one_shape(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Input: expected either shape="):
        layers.Input(**arguments)


@pytest.mark.parametrize("shape", [4, (None,), (0,), (4.0,), "4"])
def test_shapes_that_are_none(shape: Any) -> None:
    with pytest.raises(ValueError, match="Input: expected a shape of positive sizes"):
        layers.Input(shape)
