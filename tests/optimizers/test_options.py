"""What all optimizers share: learning rates, clipping, weight decay, moving averages, and what is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gpunet import optimizers
from gpunet.backend import Backend
from gpunet.optimizers import SGD, Adam, Adamax, AdamW, Optimizer, schedules


def stepped(optimizer: Optimizer, *pairs: tuple[Any, Any]) -> list[np.ndarray]:
    """Return the arrays after one step."""
    arrays = [np.array(value, "float64") for _, value in pairs]
    optimizer.apply_gradients(
        zip([np.array(gradient, "float64") for gradient, _ in pairs], arrays, strict=True)
    )
    return arrays


# -- the learning rate -----------------------------------------------------------------------------------------


def test_the_learning_rate_can_be_assigned(make: Callable[..., Optimizer]) -> None:
    optimizer = make(learning_rate=0.5)
    assert optimizer.learning_rate == 0.5
    optimizer.learning_rate = np.float32(0.25)
    assert optimizer.learning_rate == 0.25
    assert optimizer.table(7, 2)[:, 0].tolist() == [0.25, 0.25]
    optimizer.learning_rate = schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    assert optimizer.table(0, 3)[:, 0].tolist() == [0.5, 0.25, 0.125]
    optimizer.iterations = 2
    assert optimizer.learning_rate == 0.125
    optimizer.learning_rate = 0.0
    weights = np.array([1.0, 2.0])
    optimizer.weight_decay = 0.1
    optimizer.apply_gradients([(np.array([1.0, -3.0]), weights)])
    assert weights.tolist() == [1.0, 2.0]


def test_a_schedule_follows_the_steps() -> None:
    weights = np.zeros(1)
    optimizer = SGD(schedules.PiecewiseConstantDecay([0, 1], [1.0, 10.0, 100.0]))
    for expected in (-1.0, -11.0, -111.0, -211.0):
        optimizer.apply_gradients([(np.ones(1), weights)])
        assert weights.tolist() == [expected]
    assert optimizer.iterations == 4


def test_a_function_is_called_once_a_step() -> None:
    rates = iter([1.0, 10.0, 100.0, 1000.0])
    optimizer = SGD(lambda: next(rates))
    weights = np.zeros(1)
    optimizer.apply_gradients([(np.ones(1), weights)])
    assert optimizer.table(1, 3)[:, 0].tolist() == [10.0, 100.0, 1000.0]
    assert weights.tolist() == [-1.0]


@pytest.mark.parametrize("rate", [-0.1, math.nan, math.inf, "0.1", None, [0.1], True, SGD])
def test_bad_learning_rates_are_refused(rate: Any) -> None:
    for kind in (SGD, Adam):
        with pytest.raises(ValueError, match=r"`learning_rate` must be a float between \[0, inf\)"):
            kind(learning_rate=rate)
    optimizer = SGD(0.5)
    with pytest.raises(ValueError, match="`learning_rate` must be"):
        optimizer.learning_rate = rate
    assert optimizer.learning_rate == 0.5


@pytest.mark.parametrize("rate", [math.nan, -1.0, math.inf])
def test_bad_rates_of_functions_are_refused_before_anything_changes(rate: float) -> None:
    weights = np.array([1.0])
    for given in (
        lambda: rate,
        type("Bad", (schedules.LearningRateSchedule,), {"__call__": lambda s, t: rate})(),
    ):
        optimizer = SGD(given)
        with pytest.raises(ValueError, match=f"expected learning rates between .*, got {rate} at step 0"):
            optimizer.apply_gradients([(np.ones(1), weights)])
        assert weights.tolist() == [1.0]
        assert optimizer.iterations == 0


# -- clipping --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "first", "second"),
    [  # gradients (3, 4) and (0, 12) of norms 5 and 12, together 13; Keras 3.15.1 says the same
        ({"clipnorm": 6.5}, [-3.0, -4.0], [0.0, -6.5]),
        ({"global_clipnorm": 6.5}, [-1.5, -2.0], [0.0, -6.0]),
        ({"global_clipnorm": 20.0}, [-3.0, -4.0], [0.0, -12.0]),
        ({"clipvalue": 3.5}, [-3.0, -3.5], [0.0, -3.5]),
        ({}, [-3.0, -4.0], [0.0, -12.0]),
    ],
)
def test_clipping(options: dict[str, float], first: list[float], second: list[float]) -> None:
    received = stepped(SGD(1.0, **options), ([3, 4], [0, 0]), ([0, 12], [0, 0]))
    np.testing.assert_allclose(received, [first, second], rtol=1e-15)


def test_clipping_leaves_zeros_alone() -> None:
    for options in ({"clipnorm": 1.0}, {"global_clipnorm": 1.0}, {"clipvalue": 1.0}):
        assert stepped(SGD(1.0, **options), ([0, 0], [1, 2]))[0].tolist() == [1.0, 2.0]


def test_one_kind_of_clipping_at_a_time() -> None:
    for pair in ({"clipnorm": 1, "clipvalue": 1}, {"clipvalue": 1, "global_clipnorm": 1}):
        with pytest.raises(
            ValueError, match="Only one of `clipnorm`, `clipvalue` and `global_clipnorm` can be set"
        ):
            Adam(**pair)


# -- weight decay ----------------------------------------------------------------------------------------------


class Named(np.ndarray):
    name: str


def named(values: list[float], name: str) -> Named:
    array = np.array(values).view(Named)
    array.name = name
    return array


def test_weight_decay_comes_before_the_update(make: Callable[..., Optimizer]) -> None:
    plain, decayed = np.array([0.9 * 2.0, 0.9 * -1.0]), np.array([2.0, -1.0])
    make(learning_rate=0.5, weight_decay=0.0).apply_gradients([(np.array([1.0, 3.0]), plain)])
    make(learning_rate=0.5, weight_decay=0.2).apply_gradients([(np.array([1.0, 3.0]), decayed)])
    np.testing.assert_allclose(decayed, plain, rtol=1e-15)


def test_weight_decay_follows_the_schedule() -> None:
    weights = np.array([1.0])
    optimizer = SGD(schedules.PiecewiseConstantDecay([0], [0.5, 0.25]), weight_decay=0.5)
    for expected in (0.75, 0.75 * 0.875):
        optimizer.apply_gradients([(np.zeros(1), weights)])
        assert weights.tolist() == [expected]


@pytest.mark.parametrize("when", ["before", "after"])
def test_exclusions(when: str, make: Callable[..., Optimizer]) -> None:
    optimizer = make(learning_rate=1.0, weight_decay=0.5)
    kernel, bias, listed = named([2.0], "kernel"), named([2.0], "dense/bias"), np.array([2.0])
    zeros = [np.zeros(1)] * 3
    if when == "after":
        optimizer.build([kernel, bias, listed])
    optimizer.exclude_from_weight_decay(var_list=[listed], var_names=["bias"])
    optimizer.apply(zeros, [kernel, bias, listed])
    assert [kernel.item(), bias.item(), listed.item()] == [1.0, 2.0, 2.0]
    optimizer.exclude_from_weight_decay()
    optimizer.learning_rate = 0.5
    optimizer.apply(zeros)
    assert [kernel.item(), bias.item(), listed.item()] == [0.75, 1.5, 1.5]


def test_a_name_alone_is_no_list_of_names() -> None:
    with pytest.raises(
        TypeError, match=r'AdamW: expected var_names as a list such as \["bias"\], got \'bias\''
    ):
        AdamW().exclude_from_weight_decay(var_names="bias")


def test_adamw_needs_its_decay() -> None:
    with pytest.raises(ValueError, match="Argument `weight_decay` must be a float"):
        AdamW(weight_decay=None)


# -- the moving average ----------------------------------------------------------------------------------------


def test_moving_average_by_hand() -> None:
    """Keras 3.15.1's own test says these numbers."""
    weights = np.array([[3.0, 4.0], [5.0, 6.0]])
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=3)
    for average, value in ((2.0, 2.0), (1.9, 1.0), (1.71, 1.71)):
        optimizer.apply_gradients([(np.ones((2, 2)), weights)])
        offsets = np.array([[0.0, 1.0], [2.0, 3.0]])
        np.testing.assert_allclose(optimizer.get_state()["slots"]["average"]["variable_0"], average + offsets)
        np.testing.assert_allclose(weights, value + offsets)


def test_keras_numbers_with_average_decay_momentum_and_clipping(backend: Backend) -> None:
    weights = backend.xp.asarray([1.0, -2.0, 0.5, 0.0, 3.0])
    optimizer = SGD(
        0.1, 0.9, weight_decay=0.01, use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=3, clipvalue=0.5
    )
    for step in range(6):
        gradient = np.cos(1.7 * np.arange(5) + step) * [1, 1, 0.01, 1, 10]
        optimizer.apply_gradients([(backend.xp.asarray(gradient), weights)])
    expected = [
        0.9361015170422649,
        -1.8821512338396302,
        0.49944372441018986,
        -0.1423703382628293,
        2.9355853579274993,
    ]
    np.testing.assert_allclose(
        backend.download(weights), expected, rtol=1e-13
    )  # Keras 3.15.1 in float64 says


@pytest.mark.parametrize("frequency", [None, 5])
def test_the_average_replaces_the_weights_at_the_end(
    frequency: int | None, make: Callable[..., Optimizer]
) -> None:
    optimizer = make(learning_rate=0.5, use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=frequency)
    weights = np.array([3.0, 4.0])
    seen = []
    for _ in range(3):
        optimizer.apply_gradients([(np.array([1.0, -2.0]), weights)])
        seen.append(weights.copy())
    optimizer.finalize()
    np.testing.assert_allclose(weights, seen[0] / 4 + seen[1] / 4 + seen[2] / 2, rtol=1e-14)


def test_without_an_average_the_end_changes_nothing() -> None:
    optimizer, weights = SGD(1.0), np.array([3.0])
    optimizer.finalize()
    optimizer.apply_gradients([(np.ones(1), weights)])
    optimizer.finalize()
    assert weights.tolist() == [2.0]


def test_without_a_step_there_is_no_average() -> None:
    optimizer, weights = SGD(1.0, use_ema=True), np.array([3.0])
    optimizer.build([weights])
    weights[...] = 5.0
    optimizer.finalize()
    assert weights.tolist() == [5.0]


# -- what is refused -------------------------------------------------------------------------------------------

UNIT = ["beta_1", "beta_2", "rho"]


@pytest.mark.parametrize("value", [-0.1, 1.0, 1.5, math.nan, "0.9", None])
def test_memories_are_within_0_and_1(value: Any) -> None:
    for name in optimizers.registry.names():
        for option in set(UNIT) & set(optimizers.get(name).get_config()):
            message = re.escape(f"`{option}` must be a float between [0, 1). Received: {option}={value!r}")
            with pytest.raises(ValueError, match=message):
                type(optimizers.get(name))(**{option: value})


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (SGD, {"momentum": -1.0}, "SGD: `momentum` must be a float between [0, 1]."),
        (SGD, {"momentum": 2.0}, "`momentum` must be a float between [0, 1]."),
        (optimizers.RMSprop, {"momentum": math.nan}, "RMSprop: `momentum` must be a float between [0, 1]."),
        (Adam, {"epsilon": 0}, "`epsilon` must be a float between (0, inf). Received: epsilon=0"),
        (optimizers.Nadam, {"epsilon": -1e-7}, "`epsilon` must be"),
        (optimizers.Adamax, {"epsilon": math.inf}, "`epsilon` must be"),
        (optimizers.Adagrad, {"epsilon": 0.0}, "`epsilon` must be"),
        (optimizers.Adagrad, {"initial_accumulator_value": -0.1}, "`initial_accumulator_value` must be"),
        (optimizers.Adadelta, {"epsilon": 0.0}, "`epsilon` must be"),
        (optimizers.RMSprop, {"epsilon": 0.0}, "`epsilon` must be"),
        (SGD, {"weight_decay": -0.1}, "`weight_decay` must be a float between [0, inf)"),
        (AdamW, {"weight_decay": math.nan}, "`weight_decay` must be"),
        (SGD, {"clipnorm": 0}, "`clipnorm` must be a float between (0, inf)"),
        (SGD, {"clipvalue": -1.0}, "`clipvalue` must be"),
        (SGD, {"global_clipnorm": math.nan}, "`global_clipnorm` must be"),
        (SGD, {"use_ema": True, "ema_momentum": 1.1}, "`ema_momentum` must be a float between [0, 1]"),
        (
            SGD,
            {"use_ema": True, "ema_overwrite_frequency": 0},
            "`ema_overwrite_frequency` must be an integer >= 1",
        ),
        (SGD, {"use_ema": True, "ema_overwrite_frequency": 2.5}, "Received: ema_overwrite_frequency=2.5"),
    ],
)
def test_bad_options_are_refused(kind: type[Optimizer], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        kind(**options)


def test_unknown_options_are_refused() -> None:
    with pytest.raises(
        TypeError, match=r'Adam: unknown option "learning_rat"\. Did you mean "learning_rate"\?'
    ):
        Adam(learning_rat=0.1)
    with pytest.raises(TypeError, match=r'SGD: unknown option "momentun"\. Did you mean "momentum"\?'):
        SGD(momentun=0.9)
    with pytest.raises(TypeError, match=r'Adamax: unknown option "beta1"\. Did you mean "beta_1"\?'):
        Adamax(beta1=0.9)
