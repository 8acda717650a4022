"""What holds for every loss: reductions, weights, shapes, extremes, names."""

from __future__ import annotations

import json
import math
import pickle
from typing import Any

import numpy as np
import pytest

from gpunet import config, losses
from gpunet.backend import Backend
from gpunet.losses import Loss
from gpunet.losses.base import squeeze_or_expand

KINDS = {name: type(losses.get(name)) for name in losses.registry.names()}
CLASSES = sorted(set(KINDS.values()), key=lambda kind: kind.__name__)
every = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
REAL = [[0.3, -1.2, 2.0], [1.5, 0.0, -0.7]], [[0.5, -1.0, -0.5], [4.0, 0.25, -0.7]]

# Keras 3.15.1 says, for the squared errors of REAL: no weights, weights 2 and 1/2
REDUCED = {
    "sum_over_batch_size": (2.1070834, 2.6360418),
    "mean": (2.1070834, 2.6360418),
    "sum": (4.2141669, 5.2720836),
    "mean_with_sample_weight": (2.1070834, 2.1088335),
    "none": ([2.11, 2.1041667], [4.22, 1.0520834]),
}


def sample(kind: type[Loss], shape: tuple[int, ...], dtype: str = "float64") -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    if kind.integer_targets:
        labels = random.integers(0, max(shape[-1], 1), shape[:-1])
        return labels, random.uniform(0.1, 1, shape).astype(dtype)
    return random.integers(0, 2, shape).astype(dtype), random.uniform(0.1, 1, shape).astype(dtype)


@pytest.mark.parametrize("reduction", REDUCED)
def test_reductions(reduction: str, backend: Backend) -> None:
    y_true, y_pred = (backend.xp.asarray(part, dtype="float32") for part in REAL)
    loss = losses.MeanSquaredError(reduction=reduction)
    plain, weighted = REDUCED[reduction]
    np.testing.assert_allclose(backend.download(loss(y_true, y_pred)), plain, rtol=1e-6)
    for weight in ([2.0, 0.5], [[2.0], [0.5]]):
        received = loss(y_true, y_pred, backend.xp.asarray(weight))
        np.testing.assert_allclose(backend.download(received), weighted, rtol=1e-6)


def test_no_reduction_is_called_none() -> None:
    loss = losses.MeanSquaredError(reduction=None)
    assert loss.reduction == "none"
    assert loss(*REAL).shape == (2,)


def test_weights_of_time_steps() -> None:
    y_true, y_pred = (np.array(part)[..., None] for part in REAL)
    weight = np.arange(6.0).reshape(2, 3)
    assert losses.MeanSquaredError()(y_true, y_pred, weight) == pytest.approx(5.2566667)  # Keras 3.15.1
    mean = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert mean(y_true, y_pred, weight) == pytest.approx(2.1026667)  # Keras 3.15.1


def test_one_weight_a_sample_holds_for_all_its_values() -> None:
    y_true, y_pred = (np.array(part)[..., None] for part in REAL)
    values = losses.mean_squared_error(y_true, y_pred)
    for reduction, expected in (
        ("mean_with_sample_weight", (values[0].sum() + 3 * values[1].sum()) / (3 * (1 + 3))),
        ("sum_over_batch_size", (values[0].sum() + 3 * values[1].sum()) / 6),
    ):
        loss = losses.MeanSquaredError(reduction=reduction, dtype="float64")
        assert loss(y_true, y_pred, [1.0, 3.0]) == pytest.approx(expected)


def test_one_weight_for_all() -> None:
    plain = losses.MeanSquaredError()(*REAL)
    assert losses.MeanSquaredError()(*REAL, 2.0) == pytest.approx(2 * plain)
    assert losses.MeanSquaredError(reduction="mean_with_sample_weight")(*REAL, 2.0) == pytest.approx(plain)


def test_weights_of_zero_give_zero() -> None:
    for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
        assert losses.MeanSquaredError(reduction=reduction)(*REAL, [0.0, 0.0]) == 0.0


@pytest.mark.parametrize("weight", [[1.0, 2.0, 3.0], [[1.0, 2.0, 3.0]] * 2, [[[1.0]]] * 2])
def test_weights_that_do_not_fit(weight: Any) -> None:
    with pytest.raises(ValueError, match=r"MeanSquaredError: expected sample_weight of shape \(2,\), got"):
        losses.MeanSquaredError()(*REAL, weight)


@every
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(0, 3), (1, 3), (31, 3), (4, 1), (5, 2, 3), (0, 2, 3), (3,)])
def test_shapes_and_dtypes(kind: type[Loss], shape: tuple[int, ...], dtype: str) -> None:
    y_true, y_pred = sample(kind, shape, dtype)
    loss = kind(reduction="none", dtype=dtype)
    assert loss(y_true, y_pred).shape == shape[:-1]
    assert loss(y_true, y_pred).dtype == dtype
    assert loss.gradient(y_true, y_pred).shape == shape
    assert loss.gradient(y_true, y_pred).dtype == dtype
    if 0 in shape:
        assert kind()(y_true, y_pred) == 0.0


@every
def test_single_precision_agrees_with_double(kind: type[Loss]) -> None:
    y_true, y_pred = sample(kind, (31, 7), "float32")
    single, double = kind(dtype="float32"), kind(dtype="float64")
    assert single(y_true, y_pred) == pytest.approx(float(double(y_true, y_pred)), rel=1e-5)
    np.testing.assert_allclose(
        single.gradient(y_true, y_pred), double.gradient(y_true, y_pred), rtol=1e-4, atol=1e-6
    )


@every
def test_arrays_with_gaps(kind: type[Loss]) -> None:
    y_true, y_pred = sample(kind, (14, 6))
    spread = (y_true % 3)[::2] if kind.integer_targets else y_true[::2, ::-2]
    for loss in (kind(dtype="float64"), kind(dtype="float32")):
        there, here = (spread, y_pred[::2, ::-2]), (spread.copy(), y_pred[::2, ::-2].copy())
        assert loss(*there) == pytest.approx(float(loss(*here)), rel=1e-6)
        np.testing.assert_allclose(loss.gradient(*there), loss.gradient(*here), rtol=1e-5, atol=1e-7)


@every
def test_lists_integers_and_floatx(kind: type[Loss]) -> None:
    y_true = [1, 0] if kind.integer_targets else [[1, 0], [0, 1]]
    assert kind()(y_true, [[1, 2], [3, 4]]).dtype == "float32"
    config.set_floatx("float64")
    assert kind()(y_true, [[1, 2], [3, 4]]).dtype == "float64"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_logits(dtype: str) -> None:
    logits = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, -1e4]], dtype)
    one_hot = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]], dtype)
    for smoothing in (0.0, 0.3):
        for kind in (losses.BinaryCrossentropy, losses.CategoricalCrossentropy):
            loss = kind(from_logits=True, label_smoothing=smoothing, dtype=dtype)
            assert np.isfinite(loss(one_hot, logits))
            assert np.isfinite(loss.gradient(one_hot, logits)).all()
    categorical = losses.categorical_crossentropy(one_hot, logits, from_logits=True)
    assert categorical.tolist() == [2e4, 0.0]
    assert losses.sparse_categorical_crossentropy([1, 1], logits, from_logits=True).tolist() == [2e4, 0.0]
    binary = losses.binary_crossentropy(one_hot, logits, from_logits=True)
    assert binary == pytest.approx([(2e4 + math.log(2)) / 3, 0.0])
    gradient = losses.SparseCategoricalCrossentropy(from_logits=True, dtype=dtype).gradient([1, 1], logits)
    assert gradient.tolist() == [[1.0, -1.0, 0.0], [0.0, 0.0, 0.0]]


def test_a_small_loss_keeps_its_digits_in_single_precision() -> None:
    """log(1 + e^-z) at z = 12, e^-12 = 6.144e-6, would vanish in 12 + 6e-6 - 12."""
    right = losses.binary_crossentropy([[1.0], [0.0]], np.array([[12], [-12]], np.float32), from_logits=True)
    assert right == pytest.approx([math.log1p(math.exp(-12))] * 2, rel=1e-6)
    near = losses.log_cosh([[0.0]], np.array([[1e-3]], np.float32))
    assert near == pytest.approx([math.log(math.cosh(1e-3))], rel=1e-3)


@every
def test_certain_and_far_predictions(kind: type[Loss]) -> None:
    y_true = [0, 1, 1] if kind.integer_targets else [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    for y_pred in ([[0.0, 1.0], [0.0, 1.0], [1.0, 0.0]], [[1e4, 1.0], [1.0, 1e4], [1e4, 1e4]]):
        loss = kind()
        assert np.isfinite(loss(y_true, y_pred))
        assert np.isfinite(loss.gradient(y_true, y_pred)).all()


def test_log_cosh_does_not_overflow() -> None:
    far = losses.log_cosh([[0.0], [0.0]], [[1e4], [-1e4]])
    assert far.tolist() == pytest.approx([1e4 - math.log(2)] * 2)
    assert losses.LogCosh().gradient([[0.0], [0.0]], [[1e4], [-1e4]]).tolist() == [[1.0], [-1.0]]


def test_squeeze_or_expand() -> None:
    """As Keras does: a vector becomes a column, more axes lose a last one of size 1."""
    for first, second, result in (
        ((3,), (3, 1), (3, 1)),
        ((3, 2), (3, 2, 1), (3, 2)),
        ((3, 2), (3, 2), (3, 2)),
    ):
        one, two = squeeze_or_expand(np.ones(first), np.ones(second))
        assert one.shape == two.shape == result
        two, one = squeeze_or_expand(np.ones(second), np.ones(first))
        assert one.shape == two.shape == result
    assert [part.shape for part in squeeze_or_expand(np.ones(3), np.ones((3, 2)))] == [(3,), (3, 2)]


def test_columns_and_vectors_are_compared_row_by_row() -> None:
    assert losses.mean_squared_error([4, 8, 12], [[3.0], [0.0], [1.0]]).tolist() == [1.0, 64.0, 121.0]
    assert losses.mean_squared_error([[4], [8]], [3.0, 0.0]).tolist() == [1.0, 64.0]
    assert losses.MeanSquaredError().gradient([[4], [8]], [3.0, 0.0]).tolist() == [-2.0, -16.0]


@every
def test_shapes_that_do_not_fit(kind: type[Loss]) -> None:
    with pytest.raises(ValueError, match="must have the same shape"):
        kind()([[0, 1], [1, 0], [1, 1]], [[0.2, 0.3, 0.5]] * 3)
    with pytest.raises(ValueError, match="must have the same shape"):
        kind()(0, 0.5)


def test_labels_that_are_no_classes() -> None:
    chances = [[0.2, 0.8], [0.5, 0.5]]
    for labels, shown in (([0, 2], "2"), ([-1, 0], "-1"), ([0.0, 0.5], "0.5"), ([0.0, math.nan], "nan")):
        with pytest.raises(ValueError, match=f"expected class indices from 0 to 1, got {shown}"):
            losses.sparse_categorical_crossentropy(labels, chances)
    assert losses.sparse_categorical_crossentropy([0.0, 1.0], chances).shape == (2,)


@pytest.mark.parametrize("name", KINDS)
def test_names(name: str) -> None:
    loss = losses.get(name)
    assert isinstance(loss, Loss)
    assert losses.get(type(loss)).get_config() == loss.get_config()
    assert losses.get(loss) is loss
    assert losses.get(losses.serialize(loss)).get_config() == loss.get_config()


def test_names_and_aliases_of_keras() -> None:
    for aliases, kind, name in (
        (["mse", "MSE", "mean_squared_error"], losses.MeanSquaredError, "mean_squared_error"),
        (["mae", "MAE", "mean_absolute_error"], losses.MeanAbsoluteError, "mean_absolute_error"),
        (["mape", "MAPE"], losses.MeanAbsolutePercentageError, "mean_absolute_percentage_error"),
        (["msle", "MSLE"], losses.MeanSquaredLogarithmicError, "mean_squared_logarithmic_error"),
        (["kld", "KLD", "kl_divergence"], losses.KLDivergence, "kl_divergence"),
        (["bce", "BCE", "binary_crossentropy"], losses.BinaryCrossentropy, "binary_crossentropy"),
        (["huber"], losses.Huber, "huber_loss"),
        (["log_cosh"], losses.LogCosh, "log_cosh"),
        (["cosine_similarity"], losses.CosineSimilarity, "cosine_similarity"),
    ):
        for alias in aliases:
            assert type(losses.get(alias)) is kind
            assert losses.get(alias).name == name
    assert losses.get(None) is None


@pytest.mark.parametrize(
    "function",
    [getattr(losses, name) for name in losses.__all__ if name in KINDS and name == name.lower()],
    ids=lambda function: function.__name__,
)
def test_a_function_stands_for_its_class(function: Any) -> None:
    assert type(losses.get(function)) is KINDS[function.__name__]
    assert type(losses.get(losses.serialize(function))) is KINDS[function.__name__]


CONFIGURED = [
    losses.MeanSquaredError(reduction="sum", name="mine"),
    losses.MeanSquaredError(dtype="float64"),
    losses.Huber(delta=2.5),
    losses.CosineSimilarity(axis=1),
    losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1, axis=1),
    losses.CategoricalCrossentropy(label_smoothing=0.2, reduction=None),
    losses.SparseCategoricalCrossentropy(ignore_class=255, axis=1),
]


@pytest.mark.parametrize("loss", CONFIGURED, ids=lambda loss: type(loss).__name__)
def test_description_round_trip(loss: Loss) -> None:
    description = json.loads(json.dumps(losses.serialize(loss)))
    for again in (losses.deserialize(description), losses.get(description), pickle.loads(pickle.dumps(loss))):
        assert type(again) is type(loss)
        assert vars(again) == vars(loss)
    assert vars(type(loss).from_config(loss.get_config())) == vars(loss)


def test_descriptions_are_those_of_keras() -> None:
    assert losses.serialize(losses.CategoricalCrossentropy(label_smoothing=0.1)) == {
        "class_name": "CategoricalCrossentropy",
        "config": {
            "name": "categorical_crossentropy",
            "reduction": "sum_over_batch_size",
            "from_logits": False,
            "label_smoothing": 0.1,
            "axis": -1,
        },
    }
    assert losses.LogCosh().get_config() == {"name": "log_cosh", "reduction": "sum_over_batch_size"}


def test_arguments_in_order() -> None:
    assert vars(losses.Huber(2.0, "sum", "mine", "float64")) == vars(
        losses.Huber(delta=2.0, reduction="sum", name="mine", dtype="float64")
    )
    sparse = losses.SparseCategoricalCrossentropy(True, 3, "sum", 1, "mine")
    assert (sparse.from_logits, sparse.ignore_class, sparse.axis, sparse.name) == (True, 3, 1, "mine")
    assert losses.BinaryCrossentropy(True, 0.1, 1, "sum").label_smoothing == 0.1
    assert losses.MeanSquaredError("sum", "mine").reduction == "sum"


def test_what_is_no_loss_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r'Unknown loss "mean_square_error"\. Did you mean "mean_squared_error"'
    ):
        losses.get("mean_square_error")
    with pytest.raises(
        ValueError, match=r"has no gradient: subclass gpunet\.losses\.Loss with call and gradient"
    ):
        losses.get(lambda y_true, y_pred: abs(y_true - y_pred))
    with pytest.raises(ValueError, match="expected a name or a Loss, got 5"):
        losses.get(5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: losses.Hinge(reduction="avg"), r'Invalid value for argument `reduction`: "avg"\. Known: '),
        (lambda: losses.Hinge(reduction="means"), 'Did you mean "mean"'),
        (lambda: losses.Hinge(dtype="int32"), 'Hinge: expected a float type as dtype, got "int32"'),
        (lambda: losses.Huber(delta=0.0), "Huber: expected a finite delta > 0, got 0.0"),
        (lambda: losses.Huber(delta=math.inf), "Huber: expected a finite delta > 0, got inf"),
        (lambda: losses.BinaryCrossentropy(label_smoothing=1.5), r"label_smoothing in \[0, 1\], got 1.5"),
        (
            lambda: losses.CategoricalCrossentropy(label_smoothing=-0.1),
            r"label_smoothing in \[0, 1\], got -0.1",
        ),
        (lambda: losses.CategoricalCrossentropy(axis=True), "`axis` must be of type `int`, got True"),
    ],
)
def test_arguments_out_of_range(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


class Cubed(Loss):
    """A user's own."""

    def call(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        return (abs(y_pred - y_true) ** 3).mean(axis=-1)

    def gradient(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        difference = y_pred - y_true
        return 3 * difference * abs(difference) / difference.shape[-1]


def test_a_loss_of_ones_own(backend: Backend) -> None:
    y_true, y_pred = backend.xp.zeros((2, 2)), backend.xp.asarray([[1.0, 2.0], [3.0, 0.0]])
    gradient = backend.empty((2, 2), "float64")
    values = Cubed().values_and_gradient(backend.xp, y_true, y_pred, gradient)
    assert backend.download(values).tolist() == [4.5, 13.5]
    assert backend.download(gradient).tolist() == [[1.5, 6.0], [13.5, 0.0]]
    assert float(Cubed("mine", "sum")(y_true, y_pred)) == 18.0
    described = losses.serialize(Cubed())
    assert type(losses.deserialize(described, {"Cubed": Cubed})) is Cubed


def test_a_loss_without_formula_says_so() -> None:
    class Empty(Loss):
        pass

    with pytest.raises(NotImplementedError, match="Empty defines no call"):
        Empty()([0.0], [0.0])
    with pytest.raises(NotImplementedError, match=r"Empty defines no gradient\(y_true, y_pred\): it can be"):
        Empty().gradient([0.0], [0.0])
