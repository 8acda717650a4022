"""Saving and continuing: state, descriptions, names."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gpunet import optimizers
from gpunet.arena import Arena
from gpunet.backend import Backend, get_backend
from gpunet.optimizers import SGD, Adam, Optimizer, schedules
from gpunet.parameter import Parameter

OPTIONS = {"learning_rate": 0.1, "weight_decay": 0.01, "use_ema": True, "ema_overwrite_frequency": 4}


def model(backend: Backend, shapes: tuple[tuple[int, ...], ...] = ((31, 33), (33,))) -> Arena:
    generator = np.random.default_rng(1)
    names = ("dense/kernel", "dense/bias", "dense_1/kernel")
    return Arena(
        backend, [Parameter(n, generator.standard_normal(s)) for n, s in zip(names, shapes, strict=False)]
    )


def train(optimizer: Optimizer, steps: int) -> None:
    own = optimizer.arena
    assert own is not None
    for _ in range(steps):
        for parameter in own.trainable:
            gradient = np.random.default_rng([3, optimizer.iterations]).standard_normal(parameter.shape)
            own.backend.upload(gradient, parameter.gradient)
        table = own.backend.resident(optimizer.table(optimizer.iterations, 1), np.float64)
        own.backend.update(optimizer, own, optimizer.state, table, own.backend.zeros(3, np.int64))
        optimizer.iterations += 1


def test_continuing_is_bit_equal_to_never_stopping(make: Callable[..., Optimizer], backend: Backend) -> None:
    whole, first, second = make(**OPTIONS), make(**OPTIONS), make(**OPTIONS)
    for optimizer in (whole, first):
        optimizer.exclude_from_weight_decay(var_names=["bias"])
        optimizer.build(model(backend))
    train(whole, 9)
    train(first, 5)
    assert first.arena is not None
    assert whole.arena is not None
    state = first.get_state()
    slots = state.pop("slots")
    state = {**json.loads(json.dumps(state)), "slots": slots}
    arena = model(backend)
    for parameter, old in zip(arena.trainable, first.arena.trainable, strict=True):
        parameter.assign(old.numpy())
    second.build(arena)
    second.set_state(state)
    train(second, 4)
    np.testing.assert_array_equal(backend.download(arena.values), backend.download(whole.arena.values))
    for name, slot in whole.state.items():
        np.testing.assert_array_equal(backend.download(second.state[name]), backend.download(slot))
    assert second.iterations == 9


def test_what_the_state_holds() -> None:
    optimizer = Adam(0.1)
    optimizer.build(model(get_backend("numpy")))
    train(optimizer, 2)
    optimizer.exclude_from_weight_decay([optimizer.arena.trainable[0]], ["bias"])  # type: ignore[union-attr]
    optimizer.learning_rate = 0.05
    state = optimizer.get_state()
    slots = state.pop("slots")
    assert state == {
        "iterations": 2,
        "learning_rate": 0.05,
        "excluded_from_weight_decay": {"paths": ["dense/kernel"], "var_names": ["bias"]},
    }
    assert {name: {path: a.shape for path, a in slot.items()} for name, slot in slots.items()} == {
        name: {"dense/kernel": (31, 33), "dense/bias": (33,)} for name in ("momentum", "velocity")
    }


def test_the_state_is_a_copy() -> None:
    optimizer = SGD(momentum=0.5)
    optimizer.build(model(get_backend("numpy")))
    train(optimizer, 1)
    state = optimizer.get_state()
    kept = copy.deepcopy(state["slots"])
    train(optimizer, 1)
    np.testing.assert_equal(state["slots"], kept)
    optimizer.variables[2][...] = 7.0
    assert not (optimizer.state["momentum"] == 7.0).any()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda whole: pickle.loads(pickle.dumps(whole))])
def test_a_copy_goes_on_like_the_original(
    make: Callable[..., Optimizer], backend: Backend, copied: Callable[[Optimizer], Optimizer]
) -> None:
    optimizer = make(**OPTIONS)
    optimizer.build(model(backend))
    assert optimizer.arena is not None
    optimizer.exclude_from_weight_decay([optimizer.arena.trainable[1]])
    train(optimizer, 5)
    twin = copied(optimizer)
    assert twin.arena is not None
    before = [parameter.numpy() for parameter in optimizer.arena.trainable]
    train(twin, 4)
    assert all(map(np.array_equal, before, (p.numpy() for p in optimizer.arena.trainable)))
    train(optimizer, 4)
    for one, other in zip(optimizer.arena.trainable, twin.arena.trainable, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    np.testing.assert_equal(twin.get_state(), optimizer.get_state())


def test_a_copy_together_with_its_plain_arrays() -> None:
    weights, optimizer = np.array([1.0, 2.0]), Adam(0.1)
    optimizer.apply_gradients([(np.array([1.0, -2.0]), weights)])
    own, twin = copy.deepcopy((weights, optimizer))
    for array, by in ((weights, optimizer), (own, twin)):
        by.apply_gradients([(np.array([3.0, 1.0]), array)])
    assert own.tolist() == weights.tolist()


def test_an_assigned_rate_replaces_a_schedule_and_a_schedule_stays() -> None:
    schedule = schedules.ExponentialDecay(1.0, 1, 0.5)
    first, second = SGD(schedule), SGD(schedule)
    for optimizer in (first, second):
        optimizer.build([np.zeros(1)])
    first.iterations = 3
    assert first.get_state()["learning_rate"] is None
    second.set_state(first.get_state())
    assert second.learning_rate == 0.125
    first.learning_rate = 0.3
    second.set_state(first.get_state())
    assert second.learning_rate == 0.3
    assert second.get_config()["learning_rate"] == 0.3


def test_plain_arrays_with_one_name_keep_apart() -> None:
    optimizer = SGD(1.0, momentum=0.5)
    optimizer.apply([np.ones(2), np.ones(2) * 2], [np.zeros(2), np.zeros(2)])
    momentum = optimizer.get_state()["slots"]["momentum"]
    assert {path: array.tolist() for path, array in momentum.items()} == {
        "variable_0": [-1.0, -1.0],
        "variable_1": [-2.0, -2.0],
    }


def broken(**changes: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda state: {**state, **changes}


def without_bias(state: dict[str, Any]) -> dict[str, Any]:
    return {**state, "slots": {n: {"dense/kernel": s["dense/kernel"]} for n, s in state["slots"].items()}}


def with_other_shape(state: dict[str, Any]) -> dict[str, Any]:
    slots = {n: {**s, "dense/bias": np.zeros(3)} for n, s in state["slots"].items()}
    return {**state, "slots": slots}


def with_text(state: dict[str, Any]) -> dict[str, Any]:
    velocity = {**state["slots"]["velocity"], "dense/bias": ["a"] * 33}
    return {**state, "slots": {**state["slots"], "velocity": velocity}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (broken(iterations=-1), "expected a number of iterations >= 0 in the state, got -1"),
        (broken(iterations=2.5), "expected a number of iterations"),
        (broken(learning_rate=-1.0), "`learning_rate` must be a float"),
        (broken(slots={}), "slots that only one side has: momentum, velocity"),
        (broken(excluded_from_weight_decay={"paths": ["a/b"], "var_names": []}), "unknown here: a/b"),
        (
            broken(excluded_from_weight_decay={"paths": [], "var_names": "bias"}),
            "expected var_names as a list",
        ),
        (with_text, "velocity of dense/bias: expected real numbers, got dtype <U"),
        (without_bias, "parameters of momentum that only one side has: dense/bias"),
        (with_other_shape, r"momentum of dense/bias: expected shape \(33,\), got \(3,\)"),
        (lambda state: {"slots": {}}, "parts of the state that only one side has: excluded_from"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: Callable[..., Any], message: str) -> None:
    source, optimizer = Adam(0.5), Adam(0.1)
    for one in (source, optimizer):
        one.build(model(get_backend("numpy")))
        train(one, 2)
    train(source, 1)
    before = optimizer.get_state()
    with pytest.raises((ValueError, TypeError), match=f"^Adam: .*{message}"):
        optimizer.set_state(change(source.get_state()))
    np.testing.assert_equal(optimizer.get_state(), before)


def test_a_state_needs_a_built_optimizer() -> None:
    source = Adam()
    source.build([np.zeros(2)])
    with pytest.raises(ValueError, match="Adam: build the optimizer before you set its state"):
        Adam().set_state(source.get_state())
    assert Adam().get_state()["slots"] == {}


def test_variables() -> None:
    optimizer = SGD(0.5, momentum=0.9)
    assert [v.tolist() for v in optimizer.variables] == [0, 0.5]
    optimizer.apply_gradients([(np.ones(2), np.zeros(2))])
    assert [v.tolist() for v in optimizer.variables] == [1, 0.5, [-0.5, -0.5]]
    optimizer.learning_rate = schedules.PolynomialDecay(0.1, 10)
    assert [v.tolist() for v in optimizer.variables] == [1, [-0.5, -0.5]]


# -- descriptions and names ------------------------------------------------------------------------------------


def test_description_round_trip(make: Callable[..., Optimizer]) -> None:
    schedule = schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=3)
    for optimizer in (
        make(),
        make(learning_rate=schedule, global_clipnorm=2, name="mine"),
        make(use_ema=True, ema_momentum=0.5, ema_overwrite_frequency=3, weight_decay=0.5, clipvalue=1.0),
    ):
        description = json.loads(json.dumps(optimizers.serialize(optimizer)))
        for again in (
            optimizers.deserialize(description),
            optimizers.get(description),
            type(optimizer).from_config(optimizer.get_config()),
            pickle.loads(pickle.dumps(optimizer)),
        ):
            assert type(again) is type(optimizer)
            assert again.get_config() == optimizer.get_config()
            np.testing.assert_array_equal(again.table(0, 15), optimizer.table(0, 15))


def test_names_and_defaults_of_keras() -> None:
    """Keras 3.15.1 says these defaults."""
    shared = {
        "weight_decay": None,
        "clipnorm": None,
        "clipvalue": None,
        "global_clipnorm": None,
        "use_ema": False,
        "ema_momentum": 0.99,
        "ema_overwrite_frequency": None,
        "learning_rate": 0.001,
        "epsilon": 1e-7,
    }
    betas = {"beta_1": 0.9, "beta_2": 0.999}
    own = {
        "Adam": {**betas, "amsgrad": False},
        "AdamW": {**betas, "amsgrad": False, "weight_decay": 0.004},
        "Adagrad": {"initial_accumulator_value": 0.1},
        "Adadelta": {"rho": 0.95},
        "RMSprop": {"rho": 0.9, "momentum": 0.0, "centered": False},
        "Nadam": betas,
        "Adamax": betas,
    }
    for name, options in own.items():
        for identifier in (name, name.lower(), getattr(optimizers, name)):
            assert optimizers.get(identifier).get_config() == {**shared, "name": name.lower(), **options}
    sgd = {**shared, "name": "sgd", "learning_rate": 0.01, "momentum": 0.0, "nesterov": False}
    del sgd["epsilon"]
    assert optimizers.get("sgd").get_config() == optimizers.get("SGD").get_config() == sgd
    assert set(optimizers.registry.names()) == {"sgd", "SGD", *own, *(name.lower() for name in own)}


def test_get() -> None:
    optimizer = Adam()
    assert optimizers.get(optimizer) is optimizer
    assert optimizers.get(None) is None
    with pytest.raises(ValueError, match=r'Unknown optimizer "adm"\. Did you mean "adam"'):
        optimizers.get("adm")
    with pytest.raises(ValueError, match="optimizer: expected a name or an Optimizer, got 5"):
        optimizers.get(5)
    with pytest.raises(ValueError, match="optimizer: expected a name or an Optimizer"):
        optimizers.get(schedules.ExponentialDecay(0.1, 1, 0.5))


def test_schedules_and_functions_of_ones_own_come_back_by_name() -> None:
    class Fixed(schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> float:
            return 0.25

    def quarter() -> float:
        return 0.25

    for rate, name in ((Fixed(), "Fixed"), (quarter, "quarter")):
        description = json.loads(json.dumps(optimizers.serialize(SGD(rate))))
        for read in (optimizers.get, optimizers.deserialize):
            again = read(description, custom_objects={"Fixed": Fixed, "quarter": quarter})
            assert again.learning_rate == 0.25
            with pytest.raises(ValueError, match=f'Unknown learning rate schedule "{name}"'):
                read(description)
