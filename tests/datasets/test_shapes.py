"""Clouds, circles, moons and spirals, and what every generated set promises."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from gpunet.datasets import and_, circles, clouds, moons, or_, regions, spirals, students, xor
from gpunet.datasets.points import Points

Make = Callable[..., Points]
BALANCED = [clouds, circles, moons, spirals, regions]
GENERATED = [*BALANCED, students, xor, and_, or_]


def _sorted(points: NDArray[np.float32]) -> NDArray[np.float32]:
    return points[np.lexsort(np.round(points, 4).T)]


@pytest.mark.parametrize("make", GENERATED)
@pytest.mark.parametrize("samples", [1, 2, 31, 400])
def test_shapes_and_dtypes(make: Make, samples: int) -> None:
    x, y = make(samples=samples)
    assert (x.shape, x.dtype) == ((samples, 2), np.float32)
    assert (y.shape, y.dtype) == ((samples,), np.int64)
    assert set(y.tolist()) <= {0, 1}
    assert np.isfinite(x).all()


@pytest.mark.parametrize("make", GENERATED)
def test_a_seed_repeats_and_another_differs(make: Make) -> None:
    first, again, other = (make(samples=50, noise=0.1, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("make", GENERATED)
def test_numpys_global_state_is_neither_read_nor_moved(make: Make) -> None:
    np.random.seed(0)
    make(samples=20, noise=0.1)
    drawn = np.random.random()
    np.random.seed(0)
    assert drawn == np.random.random()


@pytest.mark.parametrize("make", BALANCED)
@pytest.mark.parametrize(("samples", "counts"), [(1, [0, 1]), (10, [5, 5]), (31, [15, 16])])
def test_classes_are_balanced(make: Make, samples: int, counts: list[int]) -> None:
    assert np.bincount(make(samples=samples)[1], minlength=2).tolist() == counts


@pytest.mark.parametrize("make", BALANCED)
def test_classes_come_mixed(make: Make) -> None:
    # Of 100 balanced labels, the first half holds 25 ± 2.5 of a class; sorted by class it would hold 0 or 50.
    assert 10 < make(samples=100)[1][:50].sum() < 40


@pytest.mark.parametrize("make", GENERATED)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"samples": 0}, "samples as a whole number of at least 1, got 0"),
        ({"samples": 2.5}, r"samples .* got 2\.5"),
        ({"noise": -0.1}, r"noise .* got -0\.1"),
        ({"noise": float("nan")}, "noise .* got nan"),
        ({"noise": "a little"}, "noise .* got 'a little'"),
        ({"seed": -1}, "seed .* got -1"),
    ],
)
def test_arguments_out_of_range_are_refused(make: Make, options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=f"{make.__name__.strip('_')}: expected {message}"):
        make(**options)


def test_clouds_lie_around_their_centres() -> None:
    x, y = clouds(samples=20_000, noise=0.5)
    for label, centre in ((0, -1.0), (1, 1.0)):
        cloud = x[y == label]
        assert cloud.mean(axis=0) == pytest.approx([centre, centre], abs=0.02)
        assert cloud.std(axis=0) == pytest.approx([0.5, 0.5], abs=0.02)


def test_circles_without_noise_have_radius_one_and_one_half() -> None:
    x, y = circles(samples=200, noise=0.0)
    assert np.hypot(*x.T) == pytest.approx(np.where(y == 0, 1.0, 0.5), abs=1e-6)
    assert x[y == 0].mean(axis=0) == pytest.approx([0, 0], abs=1e-6)  # all the way round


def test_moons_without_noise_are_scikit_learns() -> None:
    x, y = moons(samples=100, noise=0.0)
    # sklearn.datasets.make_moons: (cos t, sin t) and (1 − cos t, 1 − sin t − 0.5), t from 0 to π.
    t = np.linspace(0, np.pi, 50)
    outer = np.stack([np.cos(t), np.sin(t)], axis=1)
    inner = np.stack([1 - np.cos(t), 1 - np.sin(t) - 0.5], axis=1)
    assert _sorted(x[y == 0]) == pytest.approx(_sorted(outer), abs=1e-6)
    assert _sorted(x[y == 1]) == pytest.approx(_sorted(inner), abs=1e-6)


def test_spirals_are_one_arm_and_the_same_arm_turned_by_half_a_turn() -> None:
    x, y = spirals(samples=200, noise=0.0)
    assert _sorted(x[y == 1]) == pytest.approx(_sorted(-x[y == 0]), abs=1e-6)
    radius = np.sort(np.hypot(*x[y == 0].T))
    assert radius[[0, -1]] == pytest.approx([0.1, 1.0], abs=1e-6)
    # An arm of one and a half turns crosses the line x₂ = 0 at its start, after each half turn, and at its
    # end.
    arm = x[y == 0][np.argsort(np.hypot(*x[y == 0].T))]
    assert (np.diff(np.sign(arm[1:-1, 1])) != 0).sum() == 2
