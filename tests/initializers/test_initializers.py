"""Distributions, fans, seeds and names of the initializers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import gpunet
from gpunet import initializers
from gpunet.initializers import compute_fans

SHAPE = (200, 300)
COUNT = 60_000
TRUNCATED = 0.87962566103423978  # √(1 - 4 φ(2) / (2 Φ(2) - 1)), see the first test

MAKERS = [
    initializers.Zeros(),
    initializers.Ones(),
    initializers.Constant(2.5),
    initializers.Identity(gain=2.0),
    initializers.RandomNormal(mean=1.0, stddev=2.0, seed=1),
    initializers.RandomUniform(minval=-2.0, maxval=1.0, seed=2),
    initializers.TruncatedNormal(mean=1.0, stddev=2.0, seed=3),
    initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal", seed=4),
    initializers.GlorotUniform(seed=5),
    initializers.GlorotNormal(seed=6),
    initializers.HeUniform(seed=7),
    initializers.HeNormal(seed=8),
    initializers.LecunUniform(seed=9),
    initializers.LecunNormal(seed=10),
    initializers.Orthogonal(gain=1.5, seed=11),
]
every = pytest.mark.parametrize("initializer", MAKERS, ids=lambda i: type(i).__name__)
random = pytest.mark.parametrize(
    "initializer",
    [i for i in MAKERS if isinstance(i, initializers.RandomInitializer)],
    ids=lambda i: type(i).__name__,
)


def cdf(z: float) -> float:
    return (1 + math.erf(z / math.sqrt(2))) / 2


def test_the_deviation_after_truncation() -> None:
    density = math.exp(-2) / math.sqrt(2 * math.pi)
    assert math.sqrt(1 - 4 * density / (2 * cdf(2) - 1)) == pytest.approx(TRUNCATED, rel=1e-14)


@pytest.mark.parametrize(
    ("initializer", "mean", "deviation", "limit"),
    [
        (initializers.RandomNormal(seed=1), 0.0, 0.05, math.inf),
        (initializers.RandomNormal(mean=3.0, stddev=2.0, seed=1), 3.0, 2.0, math.inf),
        (initializers.RandomUniform(seed=1), 0.0, 0.05 / math.sqrt(3), 0.05),
        (initializers.TruncatedNormal(seed=1), 0.0, 0.05 * TRUNCATED, 0.1),
        (initializers.GlorotUniform(seed=1), 0.0, math.sqrt(2 / 500), math.sqrt(6 / 500)),
        (initializers.GlorotNormal(seed=1), 0.0, math.sqrt(2 / 500), 2 / TRUNCATED * math.sqrt(2 / 500)),
        (initializers.HeUniform(seed=1), 0.0, math.sqrt(2 / 200), math.sqrt(6 / 200)),
        (initializers.HeNormal(seed=1), 0.0, math.sqrt(2 / 200), 2 / TRUNCATED * math.sqrt(2 / 200)),
        (initializers.LecunUniform(seed=1), 0.0, math.sqrt(1 / 200), math.sqrt(3 / 200)),
        (initializers.LecunNormal(seed=1), 0.0, math.sqrt(1 / 200), 2 / TRUNCATED * math.sqrt(1 / 200)),
        (
            initializers.VarianceScaling(3.0, "fan_out", "untruncated_normal", seed=1),
            0.0,
            math.sqrt(3 / 300),
            math.inf,
        ),
        (initializers.VarianceScaling(3.0, "fan_avg", "uniform", seed=1), 0.0, math.sqrt(3 / 250), 0.19),
    ],
)
def test_mean_deviation_and_limit(
    initializer: initializers.Initializer, mean: float, deviation: float, limit: float
) -> None:
    """Within four standard errors: σ / √n of the mean, at most σ / √(2n) of the deviation."""
    values = initializer(SHAPE, "float64")
    assert values.shape == SHAPE
    assert abs(values.mean() - mean) < 4 * deviation / math.sqrt(COUNT)
    assert abs(values.std() - deviation) < 4 * deviation / math.sqrt(2 * COUNT)
    assert abs(values - mean).max() <= limit * (1 + 1e-12)
    if limit < math.inf:
        assert abs(values - mean).max() > 0.98 * limit


def test_truncation_keeps_the_shape_of_the_normal_distribution() -> None:
    """Kolmogorov and Smirnov: √n · sup |F_n - F| exceeds 1.95 once in a thousand samples."""
    values = np.sort(initializers.TruncatedNormal(stddev=1.0, seed=1)(SHAPE, "float64").ravel())
    below = np.array([(cdf(v) - cdf(-2)) / (cdf(2) - cdf(-2)) for v in values])
    ranks = np.arange(COUNT)
    distance = max((below - ranks / COUNT).max(), ((ranks + 1) / COUNT - below).max())
    assert math.sqrt(COUNT) * distance < 1.95


@pytest.mark.parametrize(
    ("shape", "fans"),
    [
        ((), (1, 1)),
        ((7,), (7, 7)),
        ((784, 10), (784, 10)),
        ((3, 16, 32), (48, 96)),
        ((3, 5, 16, 32), (240, 480)),
    ],
)
def test_fans(shape: tuple[int, ...], fans: tuple[int, int]) -> None:
    assert compute_fans(shape) == fans


def test_fans_of_given_axes() -> None:
    assert compute_fans((512, 8, 64), input_axes=[0], output_axes=[1, 2]) == (512, 512)
    wide = initializers.HeUniform(seed=1, input_axes=[0, 1], output_axes=[2])((100, 10, 64))
    assert abs(wide).max() <= math.sqrt(6 / 1000)


@pytest.mark.parametrize("shape", [(5, 5), (7, 3), (3, 7), (2, 3, 4), (1, 4)])
def test_orthogonal(shape: tuple[int, ...]) -> None:
    matrix = initializers.Orthogonal(gain=2.0, seed=1)(shape, "float64").reshape(-1, shape[-1])
    short = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    np.testing.assert_allclose(short.T @ short, 4 * np.eye(short.shape[1]), atol=1e-14)


def test_orthogonal_matrices_have_both_signs_and_determinants() -> None:
    """Without the choice of signs, NumPy's QR would make every 1x1 matrix the same."""
    signs = {float(initializers.Orthogonal(seed=s)((1, 1), "float64")[0, 0]) for s in range(20)}
    assert signs == {-1.0, 1.0}


def test_constants() -> None:
    assert initializers.Zeros()((2, 1)).tolist() == [[0.0], [0.0]]
    assert initializers.Ones()((2,)).tolist() == [1.0, 1.0]
    assert initializers.Constant(6.0)(()).tolist() == 6.0
    assert initializers.Identity(gain=2)((2, 3)).tolist() == [[2.0, 0.0, 0.0], [0.0, 2.0, 0.0]]
    values = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(initializers.Constant(values)((2, 3)), values)


@every
def test_dtype_is_floatx_unless_asked(initializer: initializers.Initializer) -> None:
    assert initializer((3, 3)).dtype == "float32"
    assert initializer((3, 3), dtype="float64").dtype == "float64"
    assert initializer((3, 3), dtype=np.float16).dtype == "float16"
    gpunet.config.set_floatx("float64")
    assert initializer((3, 3)).dtype == "float64"


@random
def test_an_integer_seed_repeats(initializer: initializers.RandomInitializer) -> None:
    np.testing.assert_array_equal(initializer((4, 5)), initializer((4, 5)))
    np.testing.assert_array_equal(initializer((4, 5)), initializer((4, 5), "float64").astype("float32"))


@random
def test_without_a_seed_the_process_stream_decides(initializer: initializers.RandomInitializer) -> None:
    fresh = type(initializer)()
    gpunet.set_random_seed(5)
    first, second = fresh((4, 5)), fresh((4, 5))
    gpunet.set_random_seed(5)
    np.testing.assert_array_equal(fresh((4, 5)), first)
    assert not np.array_equal(first, second)


def test_a_generator_gives_its_next_values() -> None:
    initializer = initializers.RandomNormal(seed=np.random.default_rng(1))
    assert not np.array_equal(initializer((3,)), initializer((3,)))
    assert initializer.get_config()["seed"] is None


@every
def test_description_round_trip(initializer: initializers.Initializer) -> None:
    description = json.loads(json.dumps(initializers.serialize(initializer)))
    again = initializers.deserialize(description)
    assert type(again) is type(initializer)
    assert again.get_config() == initializer.get_config()
    np.testing.assert_array_equal(again((3, 3)), initializer((3, 3)))


def test_an_array_is_described_as_a_list() -> None:
    description = initializers.serialize(initializers.get(np.eye(2)))
    assert description == {"class_name": "Constant", "config": {"value": [[1.0, 0.0], [0.0, 1.0]]}}
    np.testing.assert_array_equal(initializers.get(description)((2, 2)), np.eye(2))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("zeros", "Zeros"),
        ("ones", "Ones"),
        ("constant", "Constant"),
        ("identity", "Identity"),
        ("random_normal", "RandomNormal"),
        ("random_uniform", "RandomUniform"),
        ("truncated_normal", "TruncatedNormal"),
        ("variance_scaling", "VarianceScaling"),
        ("glorot_uniform", "GlorotUniform"),
        ("glorot_normal", "GlorotNormal"),
        ("he_uniform", "HeUniform"),
        ("he_normal", "HeNormal"),
        ("lecun_uniform", "LecunUniform"),
        ("lecun_normal", "LecunNormal"),
        ("orthogonal", "Orthogonal"),
        ("normal", "RandomNormal"),
        ("uniform", "RandomUniform"),
        ("OrthogonalInitializer", "Orthogonal"),
        ("IdentityInitializer", "Identity"),
    ],
)
def test_names_of_keras(name: str, kind: str) -> None:
    assert type(initializers.get(name)) is getattr(initializers, kind)
    assert type(initializers.get(kind)) is getattr(initializers, kind)
    assert type(initializers.get(getattr(initializers, kind))) is getattr(initializers, kind)


def test_get_takes_functions_and_nothing() -> None:
    def halves(shape: tuple[int, ...], dtype: str | None = None) -> np.ndarray:
        return np.full(shape, 0.5, dtype)

    assert initializers.get(halves) is halves
    assert initializers.get(None) is None


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match=r'Unknown initializer "he_norml"\. Did you mean "he_normal"'):
        initializers.get("he_norml")
    with pytest.raises(ValueError, match=r"expected a name, a function or an array, got 0\.5"):
        initializers.get(0.5)
    with pytest.raises(ValueError, match=r"Expected `shape` to be \(2, 2\)"):
        initializers.get(np.eye(2))((3, 3))
    for scale in (0.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="scale"):
            initializers.VarianceScaling(scale=scale)
    with pytest.raises(ValueError, match=r'Invalid `mode` argument: "fan_inn"\. Did you mean "fan_in"'):
        initializers.VarianceScaling(mode="fan_inn")
    with pytest.raises(ValueError, match="Invalid `distribution` argument"):
        initializers.VarianceScaling(distribution="cauchy")
    with pytest.raises(ValueError, match="expected a seed"):
        initializers.GlorotUniform(seed="1")
    with pytest.raises(ValueError, match="expected a seed that is a non-negative integer"):
        initializers.RandomNormal(seed=-1)
    with pytest.raises(ValueError, match=r"at least two axes, got \(3,\)"):
        initializers.Orthogonal()((3,))
    with pytest.raises(ValueError, match=r"the shape of a matrix, got \(3,\)"):
        initializers.Identity()((3,))
