"""Whole trainings against Keras: history and weights, with short last batches, weights, penalties, validation.

The numbers are what Keras 3.15.1 on JAX gives in float64 for the same networks, data and initial weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers, optimizers
from gpunet.backend import Backend


def numbers(*shape: int) -> np.ndarray:
    """Values between -1 and 1 without a random generator, so that Keras can be given the same."""
    return np.sin(3.0 * np.arange(np.prod(shape)) + 1.0).reshape(shape)


X, X_VALIDATION = numbers(20, 4), numbers(26, 4)[20:] * 0.9
CLASSES, CLASSES_VALIDATION = np.arange(20) * 7 % 3, np.arange(6) * 5 % 3
WEIGHT = 0.25 + np.arange(20) % 4 / 2

Case = tuple[int, str | None, float, optimizers.Optimizer, str, np.ndarray, np.ndarray, dict[str, Any]]


def case(name: str) -> Case:
    """Units, activation, L2 penalty, optimizer, loss, targets, validation targets, further arguments of ``fit``."""
    cases: dict[str, Case] = {
        "sparse_sgd": (
            3, "softmax", 0.0, optimizers.SGD(0.1), "sparse_categorical_crossentropy",
            CLASSES, CLASSES_VALIDATION, {},
        ),
        "onehot_adam_l2_weighted": (
            3, "softmax", 0.01, optimizers.Adam(0.05), "categorical_crossentropy",
            np.eye(3)[CLASSES], np.eye(3)[CLASSES_VALIDATION], {"sample_weight": WEIGHT},
        ),
        "binary_rmsprop_class_weight": (
            1, "sigmoid", 0.0, optimizers.RMSprop(0.01), "binary_crossentropy",
            CLASSES % 2, CLASSES_VALIDATION % 2, {"class_weight": {0: 0.5, 1: 2.0}},
        ),
        "mse_sgd_momentum": (
            2, None, 0.02, optimizers.SGD(0.05, momentum=0.9, nesterov=True), "mean_squared_error",
            numbers(20, 2), numbers(6, 2), {},
        ),
        "mae_adamw": (
            1, None, 0.0, optimizers.AdamW(0.05, weight_decay=0.1), "mean_absolute_error",
            numbers(20, 1), numbers(6, 1), {"sample_weight": WEIGHT},
        ),
    }  # fmt: skip
    return cases[name]


# name → (history, sums of kernel, bias, kernel, bias at the end)
EXPECTED: dict[str, tuple[dict[str, list[float]], list[float]]] = {
    "sparse_sgd": (
        {
            "accuracy": [0.3, 0.3, 0.3],
            "loss": [1.349500393, 1.279342852, 1.227454079],
            "val_accuracy": [0.1666666667, 0.1666666667, 0.3333333333],
            "val_loss": [1.284008695, 1.217768892, 1.168512109],
            "val_weighted_accuracy": [0.1666666667, 0.1666666667, 0.3333333333],
            "weighted_accuracy": [0.3, 0.3, 0.3],
        },
        [0.6555272112, 0.4189369749, 0.003026072955, 0.5191585618],
    ),
    "onehot_adam_l2_weighted": (
        {
            "accuracy": [0.35, 0.4, 0.25],
            "loss": [1.336001134, 1.119724612, 1.07823983],
            "val_accuracy": [0.3333333333, 0.3333333333, 0.1666666667],
            "val_loss": [1.209934147, 1.29843372, 1.470604989],
            "val_weighted_accuracy": [0.3333333333, 0.3333333333, 0.1666666667],
            "weighted_accuracy": [0.3625, 0.425, 0.3125],
        },
        [0.2324339499, 0.3145880689, 0.1696286973, 0.277634274],
    ),
    "binary_rmsprop_class_weight": (
        {
            "accuracy": [0.35, 0.35, 0.35],
            "loss": [0.7375797741, 0.6930479333, 0.6755530491],
            "val_accuracy": [0.3333333333, 0.3333333333, 0.3333333333],
            "val_loss": [1.07884107, 1.076459537, 1.074393404],
            "val_weighted_accuracy": [0.3333333333, 0.3333333333, 0.3333333333],
            "weighted_accuracy": [0.6829268293, 0.6829268293, 0.6829268293],
        },
        [0.6422679764, 0.3400365051, 0.335638514, 0.5087503526],
    ),
    "mse_sgd_momentum": (
        {
            "loss": [1.167483841, 0.6497650458, 0.5295109634],
            "mae": [0.8730812978, 0.6578722924, 0.5795258444],
            "mse": [1.078207225, 0.5645579675, 0.4485722669],
            "val_loss": [0.2496475123, 0.4884826954, 0.6695932717],
            "val_mae": [0.350264779, 0.5374204405, 0.652968583],
            "val_mse": [0.1632510501, 0.4063328404, 0.5911736538],
        },
        [0.5519346537, -0.2860007461, 0.384203, 0.006812968761],
    ),
    "mae_adamw": (
        {
            "loss": [1.39717388, 0.8617637364, 0.6299441753],
            "mae": [1.39717388, 0.8617637364, 0.6299441753],
            "mse": [2.765938827, 1.140175625, 0.6240770565],
            "val_loss": [1.008384548, 0.6832383054, 0.5652274216],
            "val_mae": [1.008384548, 0.6832383054, 0.5652274216],
            "val_mse": [1.355423775, 0.7186738498, 0.4792713312],
        },
        [0.5971058414, 0.06699486845, 0.1201396073, 0.201479927],
    ),
}


def network(
    units: int = 3, activation: str | None = "softmax", penalty: float = 0.0, scale: float = 0.7
) -> gpunet.Sequential:
    """A network in float64 with the initial weights that Keras was given."""
    gpunet.config.set_floatx("float64")
    model = gpunet.Sequential(
        [
            layers.Input(shape=(4,)),
            layers.Dense(5, "tanh", kernel_regularizer=gpunet.regularizers.L2(penalty) if penalty else None),
            layers.Dense(units, activation),
        ]
    )
    model.set_weights([numbers(*weight.shape) * scale for weight in model.get_weights()])
    return model


@pytest.mark.parametrize("name", EXPECTED)
def test_the_course_of_a_training(name: str, backend: Backend) -> None:
    units, activation, penalty, optimizer, loss, y, y_validation, options = case(name)
    model = network(units, activation, penalty)
    plain, weighted = (["accuracy"], ["accuracy"]) if activation else (["mse"], ["mae"])
    model.compile(optimizer, loss, metrics=plain, weighted_metrics=weighted)
    history = model.fit(
        X, y, batch_size=8, epochs=3, shuffle=False, verbose=0,
        validation_data=(X_VALIDATION, y_validation), **options,
    ).history  # fmt: skip
    expected, sums = EXPECTED[name]
    assert set(history) == set(expected)
    for key, values in expected.items():
        assert history[key] == pytest.approx(values, rel=1e-6), key
    assert [float(weight.sum()) for weight in model.get_weights()] == pytest.approx(sums, rel=1e-5, abs=1e-8)
    evaluated = model.evaluate(X_VALIDATION, y_validation, verbose=0, return_dict=True)
    validated = {k.removeprefix("val_"): v[-1] for k, v in history.items() if k.startswith("val_")}
    assert evaluated == pytest.approx(validated)


SPARSE = "sparse_categorical_crossentropy"
FIT: dict[str, Any] = {"batch_size": 8, "epochs": 3, "shuffle": False, "verbose": 0}


@pytest.mark.parametrize(
    ("loss", "options", "expected"),
    [
        (
            SPARSE,
            {"validation_split": 0.3, "class_weight": {0: 0.5, 1: 3.0}},
            {
                "loss": [2.806327347, 2.202205752, 1.78732413],
                "val_loss": [1.265603139, 1.231874804, 1.23934626],
            },
        ),
        (
            SPARSE,
            {"validation_split": 0.3, "sample_weight": WEIGHT},
            {
                "loss": [1.33088943, 1.271536512, 1.21921704],
                "val_loss": [1.563410961, 1.506659685, 1.455455882],
            },
        ),
        (SPARSE, {"steps_per_epoch": 2}, {"loss": [1.306877436, 1.519992223, 1.243429582]}),
        (SPARSE, {"steps_per_epoch": 1}, {"loss": [1.353703288, 1.260051584, 1.519992223]}),
        (
            gpunet.losses.SparseCategoricalCrossentropy(reduction="sum"),
            {"sample_weight": WEIGHT, "validation_data": (X, CLASSES, WEIGHT)},
            {
                "loss": [9.101178442, 7.666479199, 7.646661703],
                "val_loss": [7.486387093, 7.359697807, 7.328428345],
            },
        ),
        (
            gpunet.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"),
            {"sample_weight": WEIGHT, "validation_data": (X, CLASSES, WEIGHT)},
            {
                "loss": [1.402654945, 1.300582942, 1.214505674],
                "val_loss": [1.322303205, 1.232100223, 1.159587048],
            },
        ),
    ],
    ids=["class weights, split", "weights, split", "two steps", "one step", "sum", "weighted mean"],
)
def test_arguments_of_fit(loss: Any, options: dict[str, Any], expected: dict[str, list[float]]) -> None:
    model = network()
    model.compile(optimizers.SGD(0.1), loss)
    history = model.fit(X, CLASSES, **FIT, **options).history
    assert set(history) == set(expected)
    for key, values in expected.items():
        assert history[key] == pytest.approx(values, rel=1e-7), key


def test_a_sum_is_evaluated_in_batches_of_32() -> None:
    model = network()
    model.compile(
        optimizers.SGD(0.1), gpunet.losses.SparseCategoricalCrossentropy(reduction="sum"),
    )  # fmt: skip
    model.fit(X, CLASSES, sample_weight=WEIGHT, **FIT)
    assert model.evaluate(X, CLASSES, verbose=0) == pytest.approx(23.00781284314579, rel=1e-7)
    assert model.evaluate(X, CLASSES, batch_size=7, verbose=0) == pytest.approx(7.7349520031813555, rel=1e-7)


def test_what_is_frozen_costs_no_penalty() -> None:
    model = network(penalty=0.1)
    model.layers[0].trainable = False
    model.compile(optimizers.SGD(0.1), SPARSE)
    history = model.fit(X, CLASSES, **FIT).history
    assert history["loss"] == pytest.approx([1.355930646, 1.311323267, 1.278686041], rel=1e-7)


def test_a_stop_within_an_epoch_is_followed_by_a_validation() -> None:
    class Stop(gpunet.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_training = batch == 1

    model = network()
    model.compile(optimizers.SGD(0.1), SPARSE)
    history = model.fit(X, CLASSES, validation_data=(X, CLASSES), callbacks=[Stop()], **FIT).history
    assert history["loss"] == pytest.approx([1.306877436], rel=1e-7)
    assert history["val_loss"] == pytest.approx([1.324773337], rel=1e-7)


FROM_LOGITS: list[tuple[str, Any, Any, np.ndarray, list[float]]] = [
    ("softmax", SPARSE, optimizers.Adam, CLASSES, [62.65167645, 61.69063234, 60.8126892]),
    (
        "softmax", gpunet.losses.CategoricalCrossentropy(label_smoothing=0.2), optimizers.SGD, np.eye(3)[CLASSES],
        [62.65463985, 61.76472579, 61.00972328],
    ),
    (
        "sigmoid", "binary_crossentropy", optimizers.SGD, CLASSES % 2,
        [89.01725426, 88.54579296, 88.07431412],
    ),
]  # fmt: skip


@pytest.mark.parametrize("apart", [False, True], ids=["in the layer", "a layer of its own"])
@pytest.mark.parametrize(
    ("activation", "loss", "optimizer", "y", "expected"), FROM_LOGITS, ids=["sparse", "one-hot", "binary"]
)
def test_a_last_activation_is_computed_from_logits(
    activation: str, loss: Any, optimizer: Any, y: np.ndarray, expected: list[float], apart: bool
) -> None:
    """Keras' numbers for ``from_logits=True``; from probabilities no loss could exceed -log 1e-7 = 16.1."""
    model = network(3 if activation == "softmax" else 1, None if apart else activation, scale=42.0)
    if apart:
        model.add(layers.Activation(activation))
    model.compile(optimizer(0.05 if optimizer is optimizers.Adam else 0.1), loss, metrics=["accuracy"])
    history = model.fit(X, y, **FIT).history
    assert history["loss"] == pytest.approx(expected, rel=1e-7)
    predictions = model.predict(X, verbose=0)
    if activation == "softmax":
        np.testing.assert_allclose(predictions.sum(axis=1), 1)
        hits = predictions.argmax(axis=1) == CLASSES
    else:
        hits = (predictions[:, 0] > 0.5) == y
    assert model.evaluate(X, y, verbose=0)[1] == pytest.approx(hits.mean())


def test_metrics_of_two_classes_in_training_validation_and_evaluation() -> None:
    """Weighted and not, over a short last batch; the epoch's metrics see the predictions of its steps."""
    metrics = gpunet.metrics
    model = network(1, "sigmoid")
    model.compile(
        optimizers.SGD(0.1), "binary_crossentropy",
        metrics=[metrics.Precision(), metrics.Recall(), metrics.AUC(), "accuracy"],
        weighted_metrics=[metrics.Precision(name="wp"), metrics.AUC(name="wauc"), "mse"],
    )  # fmt: skip
    y, y_validation = np.minimum(CLASSES, 1), np.minimum(CLASSES_VALIDATION, 1)
    history = model.fit(
        X,
        y,
        sample_weight=WEIGHT,
        validation_data=(X_VALIDATION, y_validation, WEIGHT[:6]),
        **{**FIT, "epochs": 2},
    ).history
    expected = {
        "accuracy": [0.65, 0.65],
        "auc": [0.521978022, 0.521978022],
        "loss": [0.8545944, 0.8112122968],
        "mse": [0.2896659369, 0.280274098],
        "precision": [0.65, 0.65],
        "recall": [1.0, 1.0],
        "wauc": [0.3640973631, 0.3735632184],
        "wp": [0.6375, 0.6375],
        "val_accuracy": [0.6666666667, 0.6666666667],
        "val_auc": [0.75, 0.75],
        "val_loss": [0.6872979449, 0.6687415609],
        "val_mse": [0.2956358521, 0.2886611111],
        "val_precision": [0.6666666667, 0.6666666667],
        "val_recall": [1.0, 1.0],
        "val_wauc": [0.4166666667, 0.4166666667],
        "val_wp": [0.6, 0.6],
    }
    assert set(history) == set(expected)
    for key, values in expected.items():
        assert history[key] == pytest.approx(values, rel=1e-7), key
    evaluated = model.evaluate(X, y, sample_weight=WEIGHT, verbose=0, return_dict=True)
    assert evaluated == pytest.approx(
        {
            "accuracy": 0.65, "auc": 0.5164835164835165, "loss": 0.7833532093092799, "mse": 0.2737323602894321,
            "precision": 0.65, "recall": 1.0, "wauc": 0.3671399594320487, "wp": 0.6375,
        },
        rel=1e-7,
    )  # fmt: skip


def test_metrics_of_three_classes() -> None:
    metrics = gpunet.metrics
    model = network()
    model.compile(
        optimizers.Adam(0.05), "categorical_crossentropy",
        metrics=[metrics.F1Score(average="macro"), metrics.TopKCategoricalAccuracy(2), "mae"],
        weighted_metrics=["accuracy", metrics.RootMeanSquaredError(name="rms"), metrics.R2Score(name="r2")],
    )  # fmt: skip
    one_hot = np.eye(3)
    history = model.fit(
        X, one_hot[CLASSES], sample_weight=WEIGHT,
        validation_data=(X_VALIDATION, one_hot[CLASSES_VALIDATION], WEIGHT[:6]), **{**FIT, "epochs": 2},
    ).history  # fmt: skip
    expected = {
        "accuracy": [0.3625, 0.425],
        "f1_score": [0.1728394926, 0.3925925493],
        "loss": [1.293125675, 1.080049365],
        "mae": [0.4470365465, 0.4428408325],
        "r2": [-0.1257089376, 0.01402624603],
        "rms": [0.4996297057, 0.467182837],
        "top_k_categorical_accuracy": [0.65, 0.7],
        "val_accuracy": [0.1, 0.3],
        "val_f1_score": [0.2666666508, 0.2666666508],
        "val_loss": [1.014449716, 0.9970737587],
        "val_mae": [0.4469925712, 0.460954532],
        "val_r2": [-0.167882368, -0.1340108216],
        "val_rms": [0.4947914783, 0.4884140639],
        "val_top_k_categorical_accuracy": [0.6666666667, 0.6666666667],
    }
    assert set(history) == set(expected)
    for key, values in expected.items():
        assert history[key] == pytest.approx(values, rel=1e-6), key


def test_a_schedule_a_clip_a_decay_and_an_average_together() -> None:
    """At the end of fit the average stands in the weights' place."""
    schedule = optimizers.schedules.ExponentialDecay(0.05, 4, 0.5)
    model = network()
    model.compile(
        optimizers.Adam(schedule, clipnorm=0.1, use_ema=True, ema_momentum=0.8, weight_decay=0.1), SPARSE
    )
    history = model.fit(X, CLASSES, **{**FIT, "epochs": 2}).history
    assert history["loss"] == pytest.approx([1.299808101, 1.135299442], rel=1e-7)
    sums = [float(weight.sum()) for weight in model.get_weights()]
    assert sums == pytest.approx([0.6487129277, 0.3811546603, 0.02478416637, 0.4207090529], rel=1e-6)
