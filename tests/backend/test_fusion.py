"""What cuBLASLt computes in the same pass as a product, and that it comes to the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import activations
from gpunet.backend import Backend
from gpunet.backend.cuda.matmul import MatrixProducts
from gpunet.layers import Dense, Input

GELU = activations.gelu.with_options({"approximate": True})
ASKED: list[tuple[str | None, bool, bool]] = []  # epilogue, with a bias gradient, whether it was offered


@pytest.fixture(autouse=True)
def _watched(monkeypatch: pytest.MonkeyPatch) -> None:
    ASKED.clear()
    product = MatrixProducts.__call__

    def watched(self: MatrixProducts, *arguments: Any, **options: Any) -> bool:
        done = product(self, *arguments, **options)
        ASKED.append((options.get("epilogue"), options.get("bias_gradient") is not None, done))
        return done

    monkeypatch.setattr(MatrixProducts, "__call__", watched)


def trained(
    backend: Backend | str, activation: Any, policy: str, frozen: bool = False, units: int = 16
) -> Any:
    gpunet.set_random_seed(2)
    layers = [
        Input(shape=(6,)),
        Dense(units, activation),
        Dense(units, activation, trainable=not frozen),
        Dense(3),
    ]
    model = gpunet.Sequential(layers, backend=backend, dtype_policy=policy)
    model.compile(gpunet.optimizers.SGD(0.1), "mse")
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((77, 6)), generator.standard_normal((77, 3))
    history = model.fit(x, y, batch_size=32, epochs=3, verbose=0)
    return history.history["loss"], model.get_weights()


def agree(first: Any, second: Any, tolerance: float) -> None:
    np.testing.assert_allclose(first[0], second[0], rtol=tolerance)
    for a, b in zip(first[1], second[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize(
    ("activation", "names"),
    [("relu", ("relu_aux", "drelu")), (GELU, ("gelu_aux", "dgelu"))],
    ids=["relu", "gelu"],
)
def test_relu_and_gelu_are_fused_forward_and_backward(
    cuda: Backend, activation: Any, names: tuple[str, str], frozen: bool
) -> None:
    agree(trained(cuda, activation, "float32", frozen), trained("numpy", activation, "float32", frozen), 1e-5)
    offered = {(name, summed) for name, summed, done in ASKED if done}
    assert (names[0], False) in offered
    assert (names[1], True) in offered
    assert ((names[1], False) in offered) == frozen  # a bias that isn't trained has no gradient
    assert (None, True) in offered  # the last layer's bias gradient comes with its kernel's


@pytest.mark.parametrize("policy", ["float64", "tf32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("activation", ["relu", GELU], ids=["relu", "gelu"])
def test_other_precisions_agree_whatever_is_offered(cuda: Backend, activation: Any, policy: str) -> None:
    tolerance = {"float64": 1e-12, "tf32": 1e-2}.get(policy, 3e-2)
    agree(trained(cuda, activation, policy), trained("numpy", activation, policy), tolerance)


@pytest.mark.parametrize("activation", ["relu", GELU, "tanh", "gelu", "softmax"], ids=str)
def test_nothing_offered_is_nothing_lost(
    cuda: Backend, activation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = MatrixProducts.__call__

    def plain(self: MatrixProducts, *arguments: Any, **options: Any) -> bool:
        fused = options.get("epilogue") is not None or options.get("bias_gradient") is not None
        return not fused and watched(self, *arguments, **options)

    monkeypatch.setattr(MatrixProducts, "__call__", plain)
    agree(trained(cuda, activation, "float32"), trained("numpy", activation, "float32"), 1e-5)
    assert {name for name, _, _ in ASKED} == {None}


@pytest.mark.parametrize(
    "activation",
    [
        "gelu",
        "tanh",
        activations.relu.with_options({"max_value": 6.0}),
        activations.relu.with_options({"negative_slope": 0.1}),
        activations.relu.with_options({"threshold": 0.5}),
    ],
    ids=["exact gelu", "tanh", "relu6", "leaky", "threshold"],
)
def test_what_cublaslt_means_by_another_name_is_left_to_kernels(cuda: Backend, activation: Any) -> None:
    agree(trained(cuda, activation, "float32"), trained("numpy", activation, "float32"), 1e-5)
    assert {name for name, _, _ in ASKED} <= {None, "bias"}


def test_units_that_no_mask_or_gelu_buffer_divides(cuda: Backend) -> None:
    for activation in ("relu", GELU):
        agree(
            trained(cuda, activation, "float32", units=13),
            trained("numpy", activation, "float32", units=13),
            1e-5,
        )
