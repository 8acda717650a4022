"""Every optimizer, schedule, loss, metric, initializer, regularizer, activation and layer survives a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import activations, initializers, layers, losses, metrics, optimizers, regularizers
from gpunet.models import load_model, saving
from gpunet.optimizers import schedules

X = np.random.default_rng(0).standard_normal((12, 4))
OPTIONS: dict[str, Any] = {
    "MeanMetricWrapper": {"fn": metrics.mean_squared_error},
    "PrecisionAtRecall": {"recall": 0.5},
    "RecallAtPrecision": {"precision": 0.5},
    "SensitivityAtSpecificity": {"specificity": 0.5},
    "SpecificityAtSensitivity": {"sensitivity": 0.5},
}


def classes(family: Any) -> list[Any]:
    """Return what is registered, once each."""
    return sorted({id(m): m for m in family.registry._members.values()}.values(), key=repr)


def reread(
    path: Path, dense: layers.Layer | None = None, *arguments: Any, **options: Any
) -> gpunet.Sequential:
    """Return what comes back of a model with this layer, compiled like this; its facts are those that were saved."""
    stack = [layers.Input(shape=(4,)), dense or layers.Dense(4)]
    model = gpunet.Sequential(stack)
    model.compile(*(arguments or ("sgd", "mse")), **options)
    model.save(path / "model.safetensors")
    again = load_model(path / "model.safetensors")
    again.save(path / "again.safetensors")
    facts = [saving.read(path / f"{name}.safetensors")[1] for name in ("model", "again")]
    assert facts[0] == facts[1]
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    return again


@pytest.mark.parametrize("kind", classes(optimizers), ids=lambda kind: kind.__name__)
def test_optimizers(kind: type[optimizers.Optimizer], tmp_path: Path) -> None:
    optimizer = kind(
        0.25, weight_decay=0.125, global_clipnorm=2.0, use_ema=True, ema_momentum=0.75,
        ema_overwrite_frequency=5, name="own",
    )  # fmt: skip
    again = reread(tmp_path, None, optimizer, "mse").optimizer
    assert type(again) is kind
    assert again.get_config() == optimizer.get_config()
    assert again.get_config()["name"] == "own"


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.ExponentialDecay(0.1, 10, 0.5, staircase=True),
        schedules.PiecewiseConstantDecay([3, 7], [0.1, 0.05, 0.01]),
        schedules.PolynomialDecay(0.1, 10, 0.01, power=2.0, cycle=True),
        schedules.InverseTimeDecay(0.1, 10, 0.5),
        schedules.CosineDecay(0.0, 10, 0.1, warmup_target=0.2, warmup_steps=3),
        schedules.CosineDecayRestarts(0.1, 4, 1.5, 0.9, 0.01),
        schedules.OneCycle(0.1, 20),
    ],
    ids=lambda schedule: type(schedule).__name__,
)
def test_schedules(schedule: Any, tmp_path: Path) -> None:
    again = reread(tmp_path, None, optimizers.SGD(schedule), "mse").optimizer
    assert again is not None
    steps = np.arange(25)
    np.testing.assert_array_equal(again.rates(steps), optimizers.SGD(schedule).rates(steps))


def test_no_schedule_is_left_out() -> None:
    tested = test_schedules.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {type(schedule) for schedule in tested} == set(classes(schedules))


@pytest.mark.parametrize("kind", classes(losses), ids=lambda kind: kind.__name__)
def test_losses(kind: type[losses.Loss], tmp_path: Path) -> None:
    loss = kind(name="own", reduction="sum")
    again = reread(tmp_path, None, "sgd", loss).loss
    assert type(again) is kind
    assert again.get_config() == loss.get_config()
    assert again.get_config()["reduction"] == "sum"


@pytest.mark.parametrize("kind", classes(metrics), ids=lambda kind: kind.__name__)
def test_metrics(kind: type[metrics.Metric], tmp_path: Path) -> None:
    metric = kind(**{"name": "own", **OPTIONS.get(kind.__name__, {})})
    ((again,), (weighted,)) = reread(
        tmp_path, None, "sgd", "mse", metrics=[metric], weighted_metrics=[metric]
    ).chosen_metrics
    assert type(again) is type(weighted) is kind
    assert metrics.serialize(again) == metrics.serialize(metric) == metrics.serialize(weighted)
    assert again.name == "own"


@pytest.mark.parametrize("kind", classes(initializers), ids=lambda kind: kind.__name__)
def test_initializers(kind: type[initializers.Initializer], tmp_path: Path) -> None:
    own = kind()
    again = reread(tmp_path, layers.Dense(4, kernel_initializer=own, bias_initializer="ones")).layers[0]
    assert type(again.kernel_initializer) is kind  # type: ignore[attr-defined]
    assert again.kernel_initializer.get_config() == own.get_config()  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", classes(regularizers), ids=lambda kind: kind.__name__)
def test_regularizers(kind: type[regularizers.Regularizer], tmp_path: Path) -> None:
    own = kind()
    again = reread(tmp_path, layers.Dense(4, kernel_regularizer=own, bias_regularizer="l2")).weights
    assert type(again[0].regularizer) is kind
    assert again[0].regularizer.get_config() == own.get_config()
    assert isinstance(again[1].regularizer, regularizers.L2)


@pytest.mark.parametrize("name", sorted(n for n in activations.registry.names() if n.islower()))
def test_activations(name: str, tmp_path: Path) -> None:
    assert reread(tmp_path, layers.Dense(4, activation=name)).built
    assert reread(tmp_path, layers.Activation(name)).built


@pytest.mark.parametrize(
    "layer",
    [
        layers.Dense(3, use_bias=False, name="own"),
        layers.Dropout(0.25, seed=3),
        layers.ELU(0.5),
        layers.Flatten(),
        layers.LeakyReLU(0.25),
        layers.ReLU(max_value=1.0, negative_slope=0.5, threshold=0.25),
        layers.Softmax(),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_layers(layer: layers.Layer, tmp_path: Path) -> None:
    again = reread(tmp_path, layer).layers[0]
    assert type(again) is type(layer)
    assert layers.serialize(again) == layers.serialize(layer)
    json.dumps(layers.serialize(again))


@pytest.mark.parametrize(
    ("layer", "options"),
    [
        (layers.LeakyReLU(np.float32(0.1)), {}),
        (layers.ReLU(max_value=np.float32(0.1)), {}),
        (layers.Dense(np.int64(4), kernel_initializer=initializers.RandomNormal(np.float32(0.1))), {}),
        (layers.Dense(4, use_bias=np.bool_(False)), {}),
        (layers.Dense(4), {"optimizer": optimizers.Adam(np.float32(0.1), amsgrad=np.bool_(True))}),
        (layers.Dense(4), {"loss": losses.SparseCategoricalCrossentropy(True, ignore_class=np.int64(1))}),
        (layers.Dense(4), {"metrics": [metrics.Precision(class_id=np.int64(1))]}),
        (layers.Dense(4), {"metrics": [metrics.BinaryAccuracy(threshold=np.float32(0.1))]}),
        (layers.Dense(4), {"metrics": [metrics.R2Score(num_regressors=np.int64(1))]}),
        (layers.Dense(4), {"metrics": [metrics.SparseTopKCategoricalAccuracy(np.int64(2))]}),
    ],
)
def test_numbers_of_numpy_as_options(layer: layers.Layer, options: dict[str, Any], tmp_path: Path) -> None:
    """The file holds what they are as Python's numbers."""
    optimizer, loss = options.get("optimizer", "sgd"), options.get("loss", "mse")
    again = reread(tmp_path, layer, optimizer, loss, metrics=options.get("metrics"))
    assert layers.serialize(again.layers[0]) == layers.serialize(layer)
    if "metrics" in options:
        assert metrics.serialize(again.chosen_metrics[0][0]) == metrics.serialize(options["metrics"][0])


def quarter(*_: Any) -> Any:
    """A function for each place that takes one."""
    return np.full((4, 4), 0.25)


@pytest.mark.parametrize(
    ("family", "layer", "options"),
    [
        ("metric", layers.Dense(4), {"metrics": [quarter]}),
        ("learning rate schedule", layers.Dense(4), {"optimizer": optimizers.SGD(quarter)}),
        ("initializer", layers.Dense(4, kernel_initializer=quarter), {}),
    ],
    ids=["metric", "rate", "initializer"],
)
def test_a_file_that_needs_a_function_says_how_to_give_it(
    family: str, layer: layers.Layer, options: dict[str, Any], tmp_path: Path
) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layer])
    model.compile(**{"optimizer": "sgd", "loss": "mse", **options})
    path = tmp_path / "model.safetensors"
    model.save(path)
    with pytest.raises(
        ValueError, match=rf'Unknown {family} "quarter".* custom_objects=\{{"quarter": quarter\}}'
    ):
        load_model(path)
    load_model(path, custom_objects={"quarter": quarter})


class Farthest(losses.Loss):
    """A loss of one's own."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return abs(y_pred - y_true).max(axis=-1)


def test_losses_and_classes_as_metrics(tmp_path: Path) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(4)])
    chosen = [losses.Huber(0.25), losses.MeanSquaredError, Farthest(), metrics.MeanAbsoluteError]
    described = {"class_name": "MeanMetricWrapper", "config": {"name": "far", "fn": Farthest()}}
    model.compile("sgd", "mse", metrics=chosen, weighted_metrics=[described])
    path = tmp_path / "model.safetensors"
    model.save(path)
    again = load_model(path, custom_objects={"Farthest": Farthest})
    expected = model.evaluate(X, X, verbose=0, return_dict=True)
    names = ["loss", "huber_loss", "mean_squared_error", "farthest", "mean_absolute_error", "far"]
    assert list(expected) == names
    assert again.evaluate(X, X, verbose=0, return_dict=True) == expected
    error = abs(model.predict(X, verbose=0) - X)
    huber = np.where(error <= 0.25, error**2 / 2, 0.25 * (error - 0.125))
    values = huber.mean(), (error**2).mean(), error.max(axis=-1).mean(), error.mean()
    assert [expected[name] for name in names[1:5]] == pytest.approx(values, rel=1e-5)


def test_names_and_functions_of_metrics(tmp_path: Path) -> None:
    def worst(y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred).max(axis=-1)

    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(4)])
    model.compile("sgd", "mse", metrics=["mae", "ACC", worst])
    path = tmp_path / "model.safetensors"
    model.save(path)
    with pytest.raises(ValueError, match=r'Unknown metric "worst".* custom_objects=\{"worst": worst\}'):
        load_model(path)
    again = load_model(path, custom_objects={"worst": worst})
    expected = model.evaluate(X, X, verbose=0, return_dict=True)
    assert list(expected) == ["loss", "mae", "ACC", "worst"]
    assert again.evaluate(X, X, verbose=0, return_dict=True) == expected
