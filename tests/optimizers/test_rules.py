"""Each rule against its formula, restated one number at a time, and against Keras' numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import sqrt
from typing import Any

import numpy as np
import pytest

from gpunet import optimizers
from gpunet.backend import Backend

Path = Iterator[float]


def sgd(
    x: float, gradients: Sequence[float], rate: float, momentum: float = 0, nesterov: bool = False
) -> Path:
    v = 0.0
    for g in gradients:
        v = momentum * v - rate * g
        x += momentum * v - rate * g if nesterov else v
        yield x


def adam(
    x: float, gradients: Sequence[float], rate: float, b1: float, b2: float, amsgrad: bool = False
) -> Path:
    m = v = largest = 0.0
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        largest = max(largest, v) if amsgrad else v
        x -= rate * sqrt(1 - b2**t) / (1 - b1**t) * m / (sqrt(largest) + 1e-7)
        yield x


def adamw(x: float, gradients: Sequence[float], rate: float, decay: float) -> Path:
    m = v = 0.0
    for t, g in enumerate(gradients, 1):
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        x -= rate * decay * x
        x -= rate * (m / (1 - 0.9**t)) / (sqrt(v / (1 - 0.999**t)) + 1e-7 / sqrt(1 - 0.999**t))
        yield x


def adagrad(x: float, gradients: Sequence[float], rate: float, start: float) -> Path:
    for t, g in enumerate(gradients, 1):
        x -= rate * g / sqrt(start + sum(past * past for past in gradients[:t]) + 1e-7)
        yield x


def adadelta(x: float, gradients: Sequence[float], rate: float, rho: float, epsilon: float) -> Path:
    squares = steps = 0.0
    for g in gradients:
        squares = rho * squares + (1 - rho) * g * g
        d = -sqrt(steps + epsilon) / sqrt(squares + epsilon) * g
        steps = rho * steps + (1 - rho) * d * d
        x += rate * d
        yield x


def rmsprop(
    x: float, gradients: Sequence[float], rate: float, rho: float, momentum: float = 0, centered: bool = False
) -> Path:
    v = a = m = 0.0
    for g in gradients:
        v = rho * v + (1 - rho) * g * g
        a = rho * a + (1 - rho) * g
        m = momentum * m + rate * g / sqrt((v - a * a if centered else v) + 1e-7)
        x -= m
        yield x


def nadam(x: float, gradients: Sequence[float], rate: float, b1: float, b2: float) -> Path:
    def u(t: int) -> float:
        return b1 * (1 - 0.5 * 0.96**t)

    m = v = 0.0
    product = 1.0
    for t, g in enumerate(gradients, 1):
        product *= u(t)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        m_hat = u(t + 1) * m / (1 - product * u(t + 1)) + (1 - u(t)) * g / (1 - product)
        x -= rate * m_hat / (sqrt(v / (1 - b2**t)) + 1e-7)
        yield x


def adamax(x: float, gradients: Sequence[float], rate: float, b1: float, b2: float) -> Path:
    m = u = 0.0
    for t, g in enumerate(gradients, 1):
        m = b1 * m + (1 - b1) * g
        u = max(b2 * u, abs(g))
        x -= rate / (1 - b1**t) * m / (u + 1e-7)
        yield x


RESTATED: list[tuple[type[optimizers.Optimizer], dict[str, Any], Callable[..., Path], tuple[Any, ...]]] = [
    (optimizers.SGD, {}, sgd, (0.01,)),
    (optimizers.SGD, {"learning_rate": 0.1, "momentum": 0.9}, sgd, (0.1, 0.9)),
    (optimizers.SGD, {"momentum": 1.0}, sgd, (0.01, 1.0)),
    (optimizers.SGD, {"momentum": 0.9, "nesterov": True}, sgd, (0.01, 0.9, True)),
    (optimizers.SGD, {"nesterov": True}, sgd, (0.01, 0.0, True)),
    (optimizers.Adam, {}, adam, (0.001, 0.9, 0.999)),
    (optimizers.Adam, {"learning_rate": 0.1, "beta_1": 0.0, "beta_2": 0.0}, adam, (0.1, 0.0, 0.0)),
    (optimizers.Adam, {"beta_2": 0.3, "amsgrad": True}, adam, (0.001, 0.9, 0.3, True)),
    (optimizers.AdamW, {}, adamw, (0.001, 0.004)),
    (optimizers.AdamW, {"learning_rate": 0.1, "weight_decay": 0.5}, adamw, (0.1, 0.5)),
    (optimizers.Adagrad, {}, adagrad, (0.001, 0.1)),
    (optimizers.Adagrad, {"learning_rate": 0.1, "initial_accumulator_value": 0.0}, adagrad, (0.1, 0.0)),
    (optimizers.Adadelta, {}, adadelta, (0.001, 0.95, 1e-7)),
    (optimizers.Adadelta, {"learning_rate": 1, "rho": 0.5, "epsilon": 0.1}, adadelta, (1, 0.5, 0.1)),
    (optimizers.RMSprop, {}, rmsprop, (0.001, 0.9)),
    (optimizers.RMSprop, {"learning_rate": 0.1, "momentum": 0.5}, rmsprop, (0.1, 0.9, 0.5)),
    (optimizers.RMSprop, {"rho": 0.8, "centered": True}, rmsprop, (0.001, 0.8, 0.0, True)),
    (optimizers.RMSprop, {"momentum": 0.5, "centered": True}, rmsprop, (0.001, 0.9, 0.5, True)),
    (optimizers.Nadam, {}, nadam, (0.001, 0.9, 0.999)),
    (optimizers.Nadam, {"learning_rate": 0.1, "beta_1": 0.0}, nadam, (0.1, 0.0, 0.999)),
    (optimizers.Nadam, {"learning_rate": 0, "beta_1": 0.5}, nadam, (0.0, 0.5, 0.999)),
    (optimizers.Adamax, {}, adamax, (0.001, 0.9, 0.999)),
    (optimizers.Adamax, {"beta_1": 0.5, "beta_2": 0.3}, adamax, (0.001, 0.5, 0.3)),
]
restated = pytest.mark.parametrize(
    ("kind", "options", "formula", "arguments"),
    RESTATED,
    ids=lambda value: getattr(value, "__name__", str(value)),
)


@restated
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
@pytest.mark.parametrize("shape", [(), (1,), (31, 33)])
def test_formula(
    kind: type[optimizers.Optimizer],
    options: dict[str, Any],
    formula: Callable[..., Path],
    arguments: tuple[Any, ...],
    dtype: str,
    tolerance: float,
    shape: tuple[int, ...],
    backend: Backend,
) -> None:
    generator = np.random.default_rng(5)
    gradients = generator.standard_normal((7, *shape)) * 10 ** generator.uniform(-2, 1, shape)
    gradients[2] *= 0.0  # steps without a gradient still move what has momentum
    start = generator.standard_normal(shape)
    value, optimizer = backend.xp.array(start, dtype=dtype), kind(**options)
    seen = []
    for gradient in gradients:
        optimizer.apply_gradients([(backend.xp.asarray(gradient, dtype=dtype), value)])
        seen.append(backend.download(value))
    for index in list(np.ndindex(shape))[:40]:
        expected = list(formula(float(start[index]), gradients[(slice(None), *index)].tolist(), *arguments))
        received = [float(step[index]) for step in seen]
        np.testing.assert_allclose(received, expected, rtol=tolerance, atol=tolerance)


GOLDEN = {  # Keras 3.15.1 in float64 says
    "SGD": (
        optimizers.SGD,
        {"learning_rate": 0.1},
        [1.023581846, -1.98556906, 0.4997269946, -0.007395891156, 3.292063803],
    ),
    "SGD momentum": (
        optimizers.SGD,
        {"learning_rate": 0.1, "momentum": 0.9},
        [0.8174087358, -1.524416985, 0.5006003876, -0.4910543419, 3.665005386],
    ),
    "SGD nesterov": (
        optimizers.SGD,
        {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True},
        [0.8592497085, -1.557544347, 0.5002673434, -0.4493447988, 3.890568651],
    ),
    "Adam": (
        optimizers.Adam,
        {"learning_rate": 0.1},
        [0.8074886398, -1.640440043, 0.641425295, -0.3529834881, 2.915936702],
    ),
    "Adam amsgrad": (
        optimizers.Adam,
        {"learning_rate": 0.1, "beta_1": 0.8, "beta_2": 0.7, "amsgrad": True},
        [0.8431667822, -1.684125942, 0.606506973, -0.3083842599, 2.944615491],
    ),
    "AdamW": (
        optimizers.AdamW,
        {"learning_rate": 0.1},
        [0.8054808721, -1.63615483, 0.6398929841, -0.3524623526, 2.90900856],
    ),
    "Adagrad": (
        optimizers.Adagrad,
        {"learning_rate": 0.1},
        [0.9758539066, -1.907469654, 0.4991394273, -0.09875641076, 2.993578681],
    ),
    "Adadelta": (
        optimizers.Adadelta,
        {"learning_rate": 10.0},
        [1.005138209, -1.985985082, 0.4949745217, -0.006222919147, 3.00476473],
    ),
    "RMSprop": (
        optimizers.RMSprop,
        {"learning_rate": 0.1},
        [0.9359468746, -1.519520386, 0.5354775347, -0.3662989129, 2.988935502],
    ),
    "RMSprop momentum": (
        optimizers.RMSprop,
        {"learning_rate": 0.1, "momentum": 0.5},
        [0.8158890187, -0.8192734415, 0.5673566781, -0.9561608938, 3.040379647],
    ),
    "RMSprop centered": (
        optimizers.RMSprop,
        {"learning_rate": 0.1, "centered": True},
        [0.9089526778, -1.454711741, 0.5553590805, -0.430156827, 2.977157589],
    ),
    "RMSprop both": (
        optimizers.RMSprop,
        {"learning_rate": 0.1, "momentum": 0.5, "centered": True},
        [0.762155762, -0.6937087284, 0.6075215809, -1.080704981, 3.015608505],
    ),
    "Nadam": (
        optimizers.Nadam,
        {"learning_rate": 0.1},
        [0.96447331, -1.81313718, 0.5206507073, -0.1498109393, 2.993749504],
    ),
    "Adamax": (
        optimizers.Adamax,
        {"learning_rate": 0.1},
        [0.827711653, -1.708979999, 0.6302494837, -0.2827837047, 2.916619785],
    ),
}


@pytest.mark.parametrize(("kind", "options", "expected"), GOLDEN.values(), ids=GOLDEN.keys())
def test_keras_numbers(
    kind: type[optimizers.Optimizer], options: dict[str, Any], expected: list[float], backend: Backend
) -> None:
    """Six steps with gradients of three sizes."""
    weights, optimizer = backend.xp.asarray([1.0, -2.0, 0.5, 0.0, 3.0]), kind(**options)
    for step in range(6):
        gradient = np.cos(1.7 * np.arange(5) + step) * [1, 1, 0.01, 1, 10]
        optimizer.apply_gradients([(backend.xp.asarray(gradient), weights)])
    np.testing.assert_allclose(backend.download(weights), expected, rtol=1e-8, atol=1e-9)


def test_keras_numbers_of_a_schedule_with_clipping(backend: Backend) -> None:
    rate = optimizers.schedules.CosineDecay(0.0, 4, warmup_target=0.1, warmup_steps=2)
    weights, optimizer = backend.xp.asarray([1.0, -2.0, 0.5, 0.0, 3.0]), optimizers.Adam(rate, clipnorm=1.0)
    for step in range(6):
        gradient = np.cos(1.7 * np.arange(5) + step) * [1, 1, 0.01, 1, 10]
        optimizer.apply_gradients([(backend.xp.asarray(gradient), weights)])
    # Keras 3.15.1 says, with the schedule in float32
    expected = [
        0.8701424703444768,
        -1.8372839070577913,
        0.6006565533290985,
        -0.1594217388233642,
        2.9992798628098605,
    ]
    np.testing.assert_allclose(backend.download(weights), expected, rtol=1e-7)


@pytest.mark.parametrize("first", [0, 1, 7, 840, 998, 999, 1000, 5000])
def test_nadam_knows_its_product_at_any_step(first: int) -> None:
    optimizer = optimizers.Nadam(learning_rate=1.0, beta_1=0.999, beta_2=0.0)
    momenta = [0.999 * (1 - 0.5 * 0.96**t) for t in range(1, first + 12)]
    table = optimizer.table(first, 9)
    for row, step in zip(table, range(first, first + 9), strict=True):
        now, after = np.prod(momenta[: step + 1]), np.prod(momenta[: step + 2])
        found = optimizer.row(row)
        assert found["gradient_step"] == pytest.approx((1 - momenta[step]) / (1 - now), rel=1e-12)
        assert found["momentum_step"] == pytest.approx(momenta[step + 1] / (1 - after), rel=1e-12)


def test_a_table_is_the_same_in_one_piece_and_in_many() -> None:
    for name in ("adam", "nadam", "adamax", "sgd"):
        optimizer = optimizers.get(name)
        whole = optimizer.table(0, 20)
        np.testing.assert_array_equal(whole, np.concatenate([optimizer.table(step, 1) for step in range(20)]))
        assert whole.dtype == np.float64
        assert optimizer.table(3, 0).shape == (0, whole.shape[1])


def test_adam_is_exact_after_very_many_steps() -> None:
    row = optimizers.Adam(learning_rate=0.5).table(10**9, 1)[0]
    assert optimizers.Adam().row(row)["step_size"] == 0.5


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_equal_gradients_have_no_negative_variance(dtype: str) -> None:
    """Rounding makes v - a² negative here, more so than epsilon."""
    weights, optimizer = np.zeros(3, dtype), optimizers.RMSprop(centered=True, learning_rate=1e-3)
    for _ in range(400):
        optimizer.apply_gradients([(np.array([1e3, 123.456, 1e-3], dtype), weights)])
    assert np.isfinite(weights).all()


def test_a_rule_of_ones_own_must_define_its_update() -> None:
    with pytest.raises(NotImplementedError, match="Lazy defines no update"):
        type("Lazy", (optimizers.Optimizer,), {})().apply_gradients([(np.ones(2), np.ones(2))])
