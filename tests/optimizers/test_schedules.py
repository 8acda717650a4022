"""Learning rate schedules: Keras' numbers, formulas, arrays of steps, descriptions, bad input."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np
import pytest

from gpunet.optimizers import SGD, schedules
from gpunet.optimizers.schedules import LearningRateSchedule

STEPS = [0, 1, 2, 3, 5, 7, 9, 10, 11, 13, 15, 20, 29, 30, 31, 69, 70, 71, 99, 150]
KERAS = {  # Keras 3.15.1 says, computed in float32, at STEPS
    "ExponentialDecay": (
        schedules.ExponentialDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        [
            0.1,
            0.0933032992,
            0.0870550563,
            0.0812252396,
            0.0707106781,
            0.0615572207,
            0.0535886731,
            0.05,
            0.0466516496,
            0.0406126198,
            0.0353553391,
            0.025,
            0.0133971683,
            0.0125,
            0.0116629124,
            0.000837323018,
            0.00078125,
            0.000728932025,
            0.000104665377,
            3.05175781e-06,
        ],
    ),
    "ExponentialDecay stairs": (
        schedules.ExponentialDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
        [
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.05,
            0.05,
            0.05,
            0.05,
            0.025,
            0.025,
            0.0125,
            0.0125,
            0.0015625,
            0.00078125,
            0.00078125,
            0.0001953125,
            3.05175781e-06,
        ],
    ),
    "InverseTimeDecay": (
        schedules.InverseTimeDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
        [
            0.1,
            0.0952380952,
            0.0909090909,
            0.0869565217,
            0.08,
            0.0740740741,
            0.0689655172,
            0.0666666667,
            0.064516129,
            0.0606060606,
            0.0571428571,
            0.05,
            0.0408163265,
            0.04,
            0.0392156863,
            0.0224719101,
            0.0222222222,
            0.021978022,
            0.0168067227,
            0.0117647059,
        ],
    ),
    "InverseTimeDecay stairs": (
        schedules.InverseTimeDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5, "staircase": True},
        [
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.0666666667,
            0.0666666667,
            0.0666666667,
            0.0666666667,
            0.05,
            0.05,
            0.04,
            0.04,
            0.025,
            0.0222222222,
            0.0222222222,
            0.0181818182,
            0.0117647059,
        ],
    ),
    "PiecewiseConstantDecay": (
        schedules.PiecewiseConstantDecay,
        {"boundaries": [1, 10, 30], "values": [1.0, 0.1, 0.01, 0.001]},
        [
            1.0,
            1.0,
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.1,
            0.01,
            0.01,
            0.01,
            0.01,
            0.01,
            0.01,
            0.001,
            0.001,
            0.001,
            0.001,
            0.001,
            0.001,
        ],
    ),
    "PolynomialDecay": (
        schedules.PolynomialDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 30},
        [
            0.1,
            0.09667,
            0.09334,
            0.09001,
            0.08335,
            0.07669,
            0.07003,
            0.0667,
            0.06337,
            0.05671,
            0.05005,
            0.0334,
            0.00343,
            0.0001,
            0.0001,
            0.0001,
            0.0001,
            0.0001,
            0.0001,
            0.0001,
        ],
    ),
    "PolynomialDecay power": (
        schedules.PolynomialDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 30, "end_learning_rate": 0.01, "power": 0.5},
        [
            0.1,
            0.0984872872,
            0.0969482605,
            0.0953814968,
            0.0921583836,
            0.0888035532,
            0.0852994024,
            0.0834846923,
            0.0816240183,
            0.0777495387,
            0.0736396103,
            0.0619615242,
            0.0264316767,
            0.01,
            0.01,
            0.01,
            0.01,
            0.01,
            0.01,
            0.01,
        ],
    ),
    "PolynomialDecay cycle": (
        schedules.PolynomialDecay,
        {
            "initial_learning_rate": 0.1,
            "decay_steps": 10,
            "end_learning_rate": 0.01,
            "power": 2.0,
            "cycle": True,
        },
        [
            0.1,
            0.0829,
            0.0676,
            0.0541,
            0.0325,
            0.0181,
            0.0109,
            0.01,
            0.028225,
            0.021025,
            0.015625,
            0.01,
            0.0101,
            0.01,
            0.01455625,
            0.0100183673,
            0.01,
            0.0111390625,
            0.010009,
            0.01,
        ],
    ),
    "CosineDecay": (
        schedules.CosineDecay,
        {"initial_learning_rate": 0.1, "decay_steps": 30, "alpha": 0.1},
        [
            0.100000001,
            0.0997534841,
            0.0990166441,
            0.0977975428,
            0.0939711481,
            0.0884415135,
            0.0814503357,
            0.0775000006,
            0.0733031556,
            0.0643560216,
            0.054999996,
            0.0324999951,
            0.0102465143,
            0.0100000007,
            0.0100000007,
            0.0100000007,
            0.0100000007,
            0.0100000007,
            0.0100000007,
            0.0100000007,
        ],
    ),
    "CosineDecay warm": (
        schedules.CosineDecay,
        {
            "initial_learning_rate": 0.01,
            "decay_steps": 20,
            "alpha": 0.1,
            "warmup_target": 0.2,
            "warmup_steps": 10,
        },
        [
            0.01,
            0.029,
            0.048,
            0.067,
            0.105,
            0.143,
            0.181,
            0.2,
            0.198891938,
            0.190190578,
            0.173639607,
            0.10999999,
            0.0211080477,
            0.0200000003,
            0.0200000003,
            0.0200000003,
            0.0200000003,
            0.0200000003,
            0.0200000003,
            0.0200000003,
        ],
    ),
    "CosineDecay nowarm": (
        schedules.CosineDecay,
        {"initial_learning_rate": 0.01, "decay_steps": 20, "warmup_target": 0.2},
        [
            0.2,
            0.19876883,
            0.195105648,
            0.189100647,
            0.170710683,
            0.145399046,
            0.115643454,
            0.099999994,
            0.0843565583,
            0.0546009421,
            0.0292893231,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ],
    ),
    "CosineDecayRestarts": (
        schedules.CosineDecayRestarts,
        {"initial_learning_rate": 0.1, "first_decay_steps": 10},
        [
            0.1,
            0.097552824,
            0.0904508471,
            0.0793892622,
            0.049999997,
            0.0206107408,
            0.00244717598,
            0.1,
            0.0993844151,
            0.0945503235,
            0.0853553414,
            0.049999997,
            0.00061558187,
            0.1,
            0.0998458624,
            0.000154131651,
            0.1,
            0.0999614477,
            0.0709329844,
            0.1,
        ],
    ),
    "CosineDecayRestarts all": (
        schedules.CosineDecayRestarts,
        {"initial_learning_rate": 0.1, "first_decay_steps": 7, "t_mul": 1.5, "m_mul": 0.5, "alpha": 0.1},
        [
            0.1,
            0.0955435956,
            0.0830570436,
            0.0650134426,
            0.0269429591,
            0.055,
            0.0510903719,
            0.0465285218,
            0.0407201713,
            0.0274932787,
            0.016006331,
            0.031129992,
            0.0138060338,
            0.0122822588,
            0.0111141004,
            0.0141507412,
            0.0139264744,
            0.0136934581,
            0.0127040848,
            0.0113950738,
        ],
    ),
    "CosineDecayRestarts equal": (
        schedules.CosineDecayRestarts,
        {"initial_learning_rate": 0.1, "first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.5},
        [
            0.1,
            0.097552824,
            0.0904508471,
            0.0793892622,
            0.049999997,
            0.0206107408,
            0.00244717598,
            0.05,
            0.048776412,
            0.0396946311,
            0.0249999985,
            0.025,
            0.000611793995,
            0.0125,
            0.012194103,
            3.82371247e-05,
            0.00078125,
            0.000762131438,
            4.77964059e-06,
            3.05175781e-06,
        ],
    ),
}
keras = pytest.mark.parametrize(("kind", "options", "expected"), KERAS.values(), ids=KERAS.keys())
EVERY = [kind(**options) for kind, options, _ in KERAS.values()] + [
    schedules.OneCycle(0.1, total_steps=100),
    schedules.OneCycle(0.1, total_steps=50, start_fraction=0.5, initial_divisor=2, final_divisor=3),
]
every = pytest.mark.parametrize("schedule", EVERY, ids=lambda s: f"{type(s).__name__}{s.get_config()}")


@keras
def test_keras_numbers(
    kind: type[LearningRateSchedule], options: dict[str, Any], expected: list[float]
) -> None:
    np.testing.assert_allclose(kind(**options)(STEPS), expected, rtol=1e-6, atol=1e-8)


@every
def test_one_step_many_steps_and_any_shape_agree(schedule: LearningRateSchedule) -> None:
    steps = np.arange(12)
    one_by_one = [schedule(int(step)) for step in steps]
    assert all(isinstance(rate, float) for rate in one_by_one)
    assert schedule(steps).tolist() == one_by_one
    assert schedule(steps.tolist()).tolist() == one_by_one
    assert schedule(steps.reshape(3, 4)).tolist() == np.reshape(one_by_one, (3, 4)).tolist()
    assert schedule(np.zeros((0, 3))).shape == (0, 3)
    assert schedule(steps.astype(np.uint8)).tolist() == one_by_one
    assert schedule.rates(steps).tolist() == one_by_one


@every
def test_rates_are_float64_and_never_negative(schedule: LearningRateSchedule) -> None:
    rates = schedule(np.arange(2000))
    assert rates.dtype == np.float64
    assert (rates >= 0).all()
    assert rates.max() <= 1


@every
def test_description_round_trip(schedule: LearningRateSchedule) -> None:
    description = json.loads(json.dumps(schedules.serialize(schedule)))
    assert description["class_name"] == type(schedule).__name__
    for again in (schedules.deserialize(description), schedules.get(description)):
        assert type(again) is type(schedule)
        assert again.get_config() == schedule.get_config()
    assert type(schedule).from_config(schedule.get_config()).get_config() == schedule.get_config()


def test_one_cycle_is_that_of_pytorch() -> None:
    """The numbers of test_onecycle_lr_cosine_annealing in PyTorch's own tests."""

    def annealed(start: float, end: float, part: float) -> float:
        return end + (start - end) / 2 * (math.cos(math.pi * part) + 1)

    expected = [1, 13, 25, *(annealed(25, 0.5, part / 7) for part in range(1, 7)), 0.5]
    schedule = schedules.OneCycle(max_learning_rate=25, total_steps=10, final_divisor=2)
    np.testing.assert_allclose(schedule(np.arange(10)), expected, rtol=1e-14)


def test_one_cycle_defaults() -> None:
    schedule = schedules.OneCycle(1.0, total_steps=1000)
    np.testing.assert_allclose(schedule([0, 299, 999, 1000, 10**6]), [0.04, 1, 4e-6, 4e-6, 4e-6], rtol=1e-12)


@pytest.mark.parametrize(("fraction", "first", "last"), [(0.0, 0.9, 0.01), (0.1, 1.0, 0.01), (1.0, 0.1, 1.0)])
def test_one_cycle_with_a_phase_of_no_length(fraction: float, first: float, last: float) -> None:
    schedule = schedules.OneCycle(1.0, 10, start_fraction=fraction, initial_divisor=10, final_divisor=10)
    rates = schedule(np.arange(10))
    assert np.isfinite(rates).all()
    assert rates[0] == pytest.approx(first, abs=0.1)
    assert rates[-1] == pytest.approx(last)
    assert schedules.OneCycle(1.0, total_steps=1)(0) == pytest.approx(1 / 25 / 1e4)


@pytest.mark.parametrize("t_mul", [2.0, 3.0, 5.0, 10.0])
def test_restarts_come_at_the_right_step(t_mul: float) -> None:
    """A logarithm puts some of them one period too early: log 243 / log 3 is below 5 in float64."""
    schedule = schedules.CosineDecayRestarts(1.0, first_decay_steps=7, t_mul=t_mul, m_mul=0.5)
    start, length = 0, 7
    for period in range(9):
        assert schedule(start) == 0.5**period
        assert schedule(start + length / 2) == pytest.approx(0.5**period / 2, rel=1e-6)
        start, length = start + length, length * int(t_mul)


def test_growth_without_bound_makes_no_warning() -> None:
    assert schedules.ExponentialDecay(1.0, decay_steps=1, decay_rate=10.0)(400) == math.inf


def test_pieces_without_a_boundary() -> None:
    assert schedules.PiecewiseConstantDecay([], [0.5])([0, 9]).tolist() == [0.5, 0.5]


def test_a_schedule_of_ones_own_is_called_step_by_step() -> None:
    class Stairs(LearningRateSchedule):
        def __call__(self, step: int) -> float:
            return 0.1 if step < 2 else 0.1 / math.sqrt(step)

    optimizer = SGD(Stairs())
    np.testing.assert_allclose(optimizer.table(0, 5)[:, 0], [0.1, 0.1, 0.1 / 2**0.5, 0.1 / 3**0.5, 0.05])
    with pytest.raises(NotImplementedError, match=r"LearningRateSchedule defines no __call__\(step\)"):
        LearningRateSchedule()(0)


BAD: list[tuple[Any, dict[str, Any], str]] = [
    (schedules.ExponentialDecay, {"decay_steps": 0}, "`decay_steps` must be a float between (0, inf)"),
    (schedules.ExponentialDecay, {"decay_rate": math.nan}, "`decay_rate` must be a float between [0, inf)"),
    (schedules.ExponentialDecay, {"initial_learning_rate": -1}, "`initial_learning_rate` must be"),
    (schedules.InverseTimeDecay, {"decay_steps": -3}, "InverseTimeDecay: `decay_steps` must be"),
    (schedules.InverseTimeDecay, {"initial_learning_rate": "0.1"}, "Received: initial_learning_rate='0.1'"),
    (schedules.PolynomialDecay, {"decay_steps": math.inf}, "`decay_steps` must be"),
    (schedules.PolynomialDecay, {"end_learning_rate": -1e-3}, "`end_learning_rate` must be"),
    (schedules.PolynomialDecay, {"power": -1}, "`power` must be"),
    (schedules.CosineDecay, {"decay_steps": None}, "Received: decay_steps=None"),
    (schedules.CosineDecay, {"warmup_target": -1}, "`warmup_target` must be"),
    (schedules.CosineDecay, {"warmup_steps": -1}, "`warmup_steps` must be"),
    (schedules.CosineDecay, {"alpha": -1}, "`alpha` must be"),
    (schedules.CosineDecayRestarts, {"first_decay_steps": 0}, "`first_decay_steps` must be"),
    (schedules.CosineDecayRestarts, {"t_mul": 0.5}, "`t_mul` must be a float between [1, inf)"),
    (schedules.CosineDecayRestarts, {"m_mul": -1}, "`m_mul` must be"),
    (schedules.OneCycle, {"total_steps": 0}, "`total_steps` must be an integer >= 1"),
    (schedules.OneCycle, {"total_steps": 10.5}, "Received: total_steps=10.5"),
    (schedules.OneCycle, {"start_fraction": 1.5}, "`start_fraction` must be a float between [0, 1]"),
    (schedules.OneCycle, {"final_divisor": 0}, "`final_divisor` must be"),
    (schedules.PiecewiseConstantDecay, {"values": [1.0]}, "The length of boundaries should be 1 less"),
    (schedules.PiecewiseConstantDecay, {"values": [1, -1, 1]}, "`values` must be"),
    (schedules.PiecewiseConstantDecay, {"boundaries": [2, 2]}, "expected rising boundaries, got [2, 2]"),
    (schedules.PiecewiseConstantDecay, {"boundaries": [math.nan, 2]}, "expected rising boundaries"),
]
GOOD: dict[Any, dict[str, Any]] = {
    schedules.ExponentialDecay: {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    schedules.InverseTimeDecay: {"initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5},
    schedules.PolynomialDecay: {"initial_learning_rate": 0.1, "decay_steps": 10},
    schedules.CosineDecay: {"initial_learning_rate": 0.1, "decay_steps": 10},
    schedules.CosineDecayRestarts: {"initial_learning_rate": 0.1, "first_decay_steps": 10},
    schedules.OneCycle: {"max_learning_rate": 0.1, "total_steps": 10},
    schedules.PiecewiseConstantDecay: {"boundaries": [2, 4], "values": [1, 2, 3]},
}


@pytest.mark.parametrize(("kind", "wrong", "message"), BAD)
def test_bad_numbers_are_refused(kind: Any, wrong: dict[str, Any], message: str) -> None:
    kind(**GOOD[kind])
    with pytest.raises(ValueError, match=re.escape(message)):
        kind(**{**GOOD[kind], **wrong})


def test_unknown_names_are_suggested() -> None:
    with pytest.raises(
        ValueError, match=r'Unknown learning rate schedule "CosinDecay"\. Did you mean "CosineDecay"'
    ):
        schedules.deserialize({"class_name": "CosinDecay", "config": {}})
