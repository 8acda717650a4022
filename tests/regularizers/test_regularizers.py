"""Penalties and their gradients."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from gpunet import regularizers
from gpunet.backend import Backend
from gpunet.regularizers.base import Regularizer, validate_float_arg

EVERY = [
    regularizers.L1(0.3),
    regularizers.L2(0.2),
    regularizers.L1L2(l1=0.1, l2=0.4),
    regularizers.L1L2(),
    regularizers.OrthogonalRegularizer(factor=0.7),
    regularizers.OrthogonalRegularizer(factor=0.7, mode="columns"),
]
every = pytest.mark.parametrize("regularizer", EVERY, ids=lambda r: f"{type(r).__name__}{r.get_config()}")
WEIGHTS = np.array([[1.0, -2.0], [0.0, 3.0]])


@pytest.mark.parametrize(
    ("regularizer", "penalty", "gradient"),
    [
        (regularizers.L1(0.5), 3.0, [[0.5, -0.5], [0.0, 0.5]]),
        (regularizers.L2(0.5), 7.0, [[1.0, -2.0], [0.0, 3.0]]),
        (regularizers.L1L2(l1=0.5, l2=0.5), 10.0, [[1.5, -2.5], [0.0, 3.5]]),
        (regularizers.L1L2(), 0.0, [[0.0, 0.0], [0.0, 0.0]]),
        # rows (1, -2)/√5 and (0, 1): |n₁ · n₂| = 2/√5
        (regularizers.OrthogonalRegularizer(0.5), 1 / math.sqrt(5), None),
        # columns (1, 0) and (-2, 3)/√13: |n₁ · n₂| = 2/√13
        (regularizers.OrthogonalRegularizer(0.5, mode="columns"), 1 / math.sqrt(13), None),
    ],
)
def test_by_hand(
    regularizer: Regularizer, penalty: float, gradient: list[list[float]] | None, backend: Backend
) -> None:
    for dtype in ("float32", "float64"):
        value = backend.xp.asarray(WEIGHTS, dtype=dtype)
        assert float(regularizer(value)) == pytest.approx(penalty, rel=1e-6)
        assert regularizer(value).dtype == dtype
        if gradient is not None:
            total = backend.xp.ones_like(value)
            regularizer.add_gradient(backend.xp, value, total)
            np.testing.assert_allclose(backend.download(total) - 1, gradient, atol=1e-6)


@every
@pytest.mark.parametrize("shape", [(1, 1), (4, 3), (3, 4), (7, 7)])
def test_gradient_equals_central_differences(
    regularizer: Regularizer, shape: tuple[int, int], backend: Backend
) -> None:
    value = np.random.default_rng(2).standard_normal(shape)
    gradient = backend.zeros(shape, "float64")
    regularizer.add_gradient(backend.xp, backend.xp.asarray(value), gradient)
    for index in np.ndindex(shape):
        up, down = value.copy(), value.copy()
        up[index] += 1e-6
        down[index] -= 1e-6
        change = [float(regularizer(backend.xp.asarray(moved))) for moved in (up, down)]
        assert float(gradient[index]) == pytest.approx((change[0] - change[1]) / 2e-6, abs=1e-8)


@every
def test_the_gradient_is_added_and_the_value_kept(regularizer: Regularizer) -> None:
    value = np.random.default_rng(2).standard_normal((8, 10))[::2, ::2]
    kept, once, twice = value.copy(), np.zeros(value.shape), np.zeros(value.shape)
    regularizer.add_gradient(np, value, once)
    regularizer.add_gradient(np, value, twice)
    regularizer.add_gradient(np, value, twice)
    np.testing.assert_allclose(twice, 2 * once)
    np.testing.assert_array_equal(value, kept)


@every
def test_zeros_cost_nothing_and_have_no_gradient(regularizer: Regularizer) -> None:
    gradient = np.zeros((3, 3))
    regularizer.add_gradient(np, np.zeros((3, 3)), gradient)
    assert float(regularizer(np.zeros((3, 3)))) == 0.0
    assert not gradient.any()


def test_biases_and_plain_lists() -> None:
    assert float(regularizers.L2(1.0)([1, 2])) == 5.0
    assert float(regularizers.L1(1.0)(np.zeros(0, np.float32))) == 0.0


@every
def test_description_round_trip(regularizer: Regularizer) -> None:
    description = json.loads(json.dumps(regularizers.serialize(regularizer)))
    again = regularizers.deserialize(description)
    assert type(again) is type(regularizer)
    assert again.get_config() == regularizer.get_config()


def test_names_and_defaults_of_keras() -> None:
    assert regularizers.get("l1").get_config() == {"l1": 0.01}
    assert regularizers.get("L2").get_config() == {"l2": 0.01}
    for name in ("l1_l2", "l1l2", "L1L2"):
        assert regularizers.get(name).get_config() == {"l1": 0.0, "l2": 0.0}
    assert regularizers.get("orthogonal_regularizer").get_config() == {"factor": 0.01, "mode": "rows"}
    assert regularizers.get(regularizers.L1).get_config() == {"l1": 0.01}
    assert regularizers.get(None) is None
    assert regularizers.L1(None).get_config() == {"l1": 0.01}
    assert regularizers.l2(0.5).get_config() == {"l2": 0.5}


@pytest.mark.parametrize("value", [-1, -0.001, math.nan, math.inf, -math.inf, "0.1", [0.1]])
def test_factors_are_finite_and_not_negative(value: object) -> None:
    for make in (regularizers.L1, regularizers.L2, regularizers.L1L2, regularizers.OrthogonalRegularizer):
        with pytest.raises(ValueError, match="expected a non-negative float"):
            make(value)
    for one in (1, np.int64(1), np.float32(1)):
        assert validate_float_arg(one, "l1") == 1.0


def test_what_is_no_regularizer_is_refused() -> None:
    with pytest.raises(ValueError, match=r'Unknown regularizer "l_1"\. Did you mean "l1"'):
        regularizers.get("l_1")
    with pytest.raises(ValueError, match=r"A number needs its norm, as in L2\(0\.01\)"):
        regularizers.get(0.01)
    with pytest.raises(ValueError, match="a function of your own needs its gradient"):
        regularizers.get(lambda weights: abs(weights).sum())


def test_orthogonality_is_for_matrices() -> None:
    with pytest.raises(ValueError, match="Expected one of"):
        regularizers.OrthogonalRegularizer(mode="diagonals")
    with pytest.raises(ValueError, match=r"must have rank 2. Received: inputs.shape=\(3,\)"):
        regularizers.OrthogonalRegularizer()(np.ones(3))
