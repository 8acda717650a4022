"""Each function at points where its value is known by hand, from the lecture, or to 17 digits from mpmath."""

from __future__ import annotations

import math

import numpy as np
import pytest

from gpunet import activations
from gpunet.backend import Backend

E = math.e
KNOWN = [
    # name, options, x, g(x), g'(x)
    ("linear", {}, -2.5, -2.5, 1.0),
    ("exponential", {}, 1.0, E, E),
    ("sigmoid", {}, 1.0, 0.7310585786300049, 0.19661193324148185),
    ("sigmoid", {}, -30.0, 9.357622968839299e-14, 9.357622968838423e-14),
    ("tanh", {}, 1.0, 0.7615941559557649, 0.41997434161402614),
    ("softsign", {}, -3.0, -0.75, 0.0625),
    ("hard_sigmoid", {}, 1.0, 2 / 3, 1 / 6),
    ("hard_sigmoid", {}, -3.5, 0.0, 0.0),
    ("sparse_sigmoid", {}, 0.5, 0.75, 0.5),
    ("hard_tanh", {}, 1.5, 1.0, 0.0),
    ("hard_tanh", {}, -0.5, -0.5, 1.0),
    ("relu", {}, 2.0, 2.0, 1.0),
    ("relu", {}, -2.0, 0.0, 0.0),
    ("relu", {}, 0.0, 0.0, 0.0),
    ("relu", {"negative_slope": 0.5, "max_value": 5.0, "threshold": 5.0}, -10.0, -7.5, 0.5),
    ("relu", {"negative_slope": 0.5, "max_value": 5.0, "threshold": 5.0}, 10.0, 5.0, 0.0),
    ("relu", {"threshold": 5.0}, 5.0, 0.0, 0.0),
    ("relu", {"negative_slope": 0.5, "max_value": 0.0}, 3.0, 0.0, 0.0),
    ("relu6", {}, 7.0, 6.0, 0.0),
    ("leaky_relu", {}, -10.0, -2.0, 0.2),
    ("elu", {}, -1.0, 1 / E - 1, 1 / E),
    ("elu", {"alpha": 2.0}, -1.0, 2 / E - 2, 2 / E),
    ("elu", {"alpha": 2.0}, 3.0, 3.0, 1.0),
    ("selu", {}, 2.0, 2.101401974710961, 1.0507009873554805),
    ("selu", {}, -1.0, -1.1113307378125627, 0.64676860303481386),
    ("celu", {"alpha": 0.5}, -1.0, 0.5 * (E**-2 - 1), E**-2),
    ("gelu", {}, 1.0, 0.84134474606854295, 1.0833154705876864),
    ("gelu", {}, -2.0, -0.045500263896358414, -0.08523180107819693),
    ("gelu", {"approximate": True}, 1.0, 0.84119199060827681, 1.0829640838457826),
    ("silu", {}, 1.0, 0.7310585786300049, 0.9276705118714867),
    ("hard_silu", {}, 1.0, 2 / 3, 5 / 6),
    ("mish", {}, 1.0, 0.86509838826731035, 1.0490362200997922),
    ("softplus", {}, 1.0, 1.3132616875182228, 0.7310585786300049),
    ("softplus", {}, -30.0, 9.357622968839737e-14, 9.357622968839299e-14),
    ("log_sigmoid", {}, -1.0, -1.3132616875182228, 0.7310585786300049),
    ("squareplus", {}, 1.0, (1 + 5**0.5) / 2, (1 + 1 / 5**0.5) / 2),
    ("squareplus", {}, -1.5, 0.5, 0.2),
    ("sparse_plus", {}, 0.5, 0.5625, 0.75),
    ("hard_shrink", {}, 0.75, 0.75, 1.0),
    ("hard_shrink", {}, -0.5, 0.0, 0.0),
    ("soft_shrink", {}, -0.75, -0.25, 1.0),
    ("tanh_shrink", {}, 1.0, 0.23840584404423511, 0.5800256583859739),
    ("threshold", {"threshold": 1.0, "default_value": 4.0}, 0.5, 4.0, 0.0),
]


@pytest.mark.parametrize(("name", "options", "x", "value", "slope"), KNOWN)
def test_value_and_derivative(
    name: str, options: dict, x: float, value: float, slope: float, backend: Backend
) -> None:
    activation = activations.get(name)
    for dtype, tolerance in (("float64", 4e-15), ("float32", 1e-6)):
        point = backend.xp.asarray([x], dtype=dtype)
        assert float(activation(point, **options)[0]) == pytest.approx(value, rel=tolerance, abs=1e-30)
        assert float(activation.derivative(point, **options)[0]) == pytest.approx(
            slope, rel=tolerance, abs=1e-30
        )


def test_nothing_overflows() -> None:
    far = np.array([-1e4, 1e4], np.float32)
    assert activations.sigmoid(far).tolist() == [0.0, 1.0]
    assert activations.tanh(far).tolist() == [-1.0, 1.0]
    assert activations.softplus(far).tolist() == [0.0, 1e4]
    assert activations.log_sigmoid(far).tolist() == [-1e4, 0.0]
    assert activations.elu(far).tolist() == [-1.0, 1e4]
    assert activations.selu(far) == pytest.approx([-1.7580993408473766, 10507.009873554805])
    for gated in (activations.silu, activations.gelu, activations.mish, activations.hard_silu):
        assert gated(far).tolist() == [0.0, 1e4]
        assert gated.derivative(far).tolist() == [0.0, 1.0]
    assert activations.gelu(far, approximate=True).tolist() == [0.0, 1e4]
    assert activations.exponential(far).tolist() == [0.0, math.inf]
    assert activations.squareplus(far) == pytest.approx([1e-4, 1e4])


def test_a_unit_fires_beyond_its_boundary() -> None:
    """The lecture's g(x₁ + x₂ - 2): one half on the line x₁ + x₂ = 2, more above it, less below."""
    x = np.array([[1.0, 1.0], [2.0, 0.0], [3.0, 1.0], [0.0, 1.0]])
    y = activations.sigmoid(x.sum(axis=1) - 2)
    assert y[:2].tolist() == [0.5, 0.5]
    assert y[2] > 0.5 > y[3]


@pytest.mark.parametrize("option", ["negative_slope", "max_value", "threshold"])
def test_relu_refuses_negative_options(option: str) -> None:
    with pytest.raises(ValueError, match=f"relu: {option} cannot be negative"):
        activations.relu(1.0, **{option: -1.0})


def test_other_options_out_of_range_are_refused() -> None:
    for activation, option in (
        (activations.leaky_relu, {"negative_slope": None}),
        (activations.elu, {"alpha": -1.0}),
        (activations.celu, {"alpha": 0.0}),
        (activations.squareplus, {"b": 0.0}),
        (activations.soft_shrink, {"threshold": -0.5}),
    ):
        with pytest.raises(ValueError, match=activation.name):
            activation(1.0, **option)
