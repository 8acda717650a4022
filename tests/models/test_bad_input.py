"""Bad input is refused at the door, with what was wanted and what came, before anything has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet import layers

Make = Callable[..., gpunet.Sequential]

X = np.random.default_rng(0).standard_normal((40, 4)).astype(np.float32)
Y = np.arange(40) % 3
ONE_HOT = np.eye(3)[Y]
ODD_END = np.append(Y[:-1], 3)
HOLE, HUGE = X.copy(), X.copy()
HOLE[3, 1], HUGE[5, 0] = np.nan, np.inf


class Unchanged:
    """Holds what a refused call must leave alone."""

    def __init__(self, model: gpunet.Sequential) -> None:
        self.model, self.history = model, model.history
        self.weights = model.get_weights() if model.built else None
        self.iterations = model.optimizer.iterations if model.optimizer is not None else None

    def check(self) -> None:
        assert self.model.built == (self.weights is not None)
        if self.weights is not None:
            for before, after in zip(self.weights, self.model.get_weights(), strict=True):
                np.testing.assert_array_equal(before, after)
        if self.iterations is not None:
            assert self.model.optimizer is not None
            assert self.model.optimizer.iterations == self.iterations
        assert self.model.history is self.history


FIT: list[tuple[str, type[Exception], str, tuple[Any, ...], dict[str, Any]]] = [
    ("features", ValueError, r"dense: expected input with 4 features, got shape \(40, 3\)", (X[:, :3], Y), {}),
    ("axes", ValueError, r"expected input with 4 features, got shape \(40, 4, 1\)", (X[..., None], Y), {}),
    ("one axis", ValueError, r"expected input with 4 features, got shape \(40,\)", (X[:, 0], Y), {}),
    ("a number", ValueError, "x: expected an array .* got a single number|x: expected", (3.0, Y), {}),
    ("NaN", ValueError, "x: NaN or infinity at row 3, column 1", (HOLE, Y), {}),
    ("infinity", ValueError, "x: NaN or infinity at row 5, column 0", (HUGE, Y), {}),
    ("too wide", ValueError, "x as float32: NaN or infinity at row 0", (np.full((40, 4), 1e300), Y), {}),
    ("masked", ValueError, "x: expected no masked values", (np.ma.masked_greater(X, 1.0), Y), {}),
    ("text", TypeError, "x: expected real numbers, got dtype <U32; gpunet.datasets.load_csv", (X.astype(str), Y), {}),
    ("labels as text", TypeError, "return_inverse=True", (X, np.array(["a", "b"] * 20)), {}),
    ("complex", TypeError, "expected real numbers, got dtype complex64", (X.astype(np.complex64), Y), {}),
    ("objects", TypeError, "expected real numbers, got dtype object", (np.array([[{}] * 4] * 40), Y), {}),
    ("a dictionary", TypeError, "got dict", ({"x": X}, Y), {}),
    ("beyond floats", ValueError, "x: expected numbers in the range of float64", ([[10**400, 1, 1, 1]] * 40, Y), {}),
    ("ragged", ValueError, "expected rows of equal lengths", ([[1, 2, 3, 4], [1, 2]], [0, 1]), {}),
    ("empty", ValueError, "expected at least one sample", (X[:0], Y[:0]), {}),
    ("nothing", ValueError, "expected an array or an iterable of batches, got None", (None, Y), {}),
    ("lengths", ValueError, "x has 40 rows, y has 39 rows", (X, Y[:-1]), {}),
    ("no targets", ValueError, "y: expected targets", (X,), {}),
    ("labels too large", ValueError, "class indices from 0 to 2, got 3", (X, Y + 1), {}),
    ("labels negative", ValueError, "class indices from 0 to 2, got -1", (X, Y - 1), {}),
    ("labels between", ValueError, "class indices from 0 to 2, got 0.5", (X, Y + 0.5), {}),
    ("one-hot", ValueError, "One-hot targets need CategoricalCrossentropy", (X, ONE_HOT), {}),
    ("NaN in y", ValueError, "y: NaN or infinity at row 0", (X, np.full(40, np.nan)), {}),
    ("batch size 0", ValueError, "batch_size to be a positive whole number, got 0", (X, Y), {"batch_size": 0}),
    ("batch size -1", ValueError, "batch_size to be a positive whole number, got -1", (X, Y), {"batch_size": -1}),
    ("batch size 2.5", ValueError, "batch_size to be a positive whole .*, got 2.5", (X, Y), {"batch_size": 2.5}),
    ("no epochs", ValueError, "epochs to be a positive whole number, got 0", (X, Y), {"epochs": 0}),
    ("initial epoch", ValueError, "initial_epoch as a whole number >= 0, got 'a'", (X, Y), {"initial_epoch": "a"}),
    ("verbose", ValueError, "verbose: expected 0", (X, Y), {"verbose": 7}),
    ("callbacks", TypeError, "expected Callback objects, got 'early'", (X, Y), {"callbacks": ["early"]}),
    ("too many steps", ValueError, "steps_per_epoch=9, but the data has 2", (X, Y), {"steps_per_epoch": 9}),
    ("split", ValueError, "a fraction between 0 and 1, got 1.0", (X, Y), {"validation_split": 1.0}),
    ("split as text", ValueError, "a fraction between 0 and 1, got '0.2'", (X, Y), {"validation_split": "0.2"}),
    ("split below 0", ValueError, "a fraction between 0 and 1, got -0.2", (X, Y), {"validation_split": -0.2}),
    ("split leaves none", ValueError, "leaves one part empty", (X, Y), {"validation_split": 0.99}),
    ("validation shape", ValueError, "^validation_data: .* 4 features, got shape", (X, Y), {"validation_data": (X[:, :2], Y)}),
    ("validation labels", ValueError, "^validation_data: .* from 0 to 2, got 3", (X, Y), {"validation_data": (X, Y + 1)}),
    ("split's labels", ValueError, "^validation_split: .* from 0 to 2, got 3", (X, ODD_END), {"validation_split": 0.1}),
    ("validation parts", ValueError, r"expected \(x, y\)", (X, Y), {"validation_data": (X,)}),
    ("validation NaN", ValueError, "validation_data: x: NaN or infinity at row 3", (X, Y), {"validation_data": (HOLE, Y)}),
    ("validation lengths", ValueError, "validation_data: Expected .* y has 39 rows", (X, Y), {"validation_data": (X, Y[:-1])}),
    ("validation targets", ValueError, "^validation_data: .* One-hot targets", (X, Y), {"validation_data": (X, ONE_HOT)}),
    ("validation_freq", ValueError, "validation_freq", (X, Y), {"validation_freq": 0}),
    ("validation_freq text", ValueError, "validation_freq to be a .* got '2'", (X, Y), {"validation_freq": "2"}),
    ("validation_freq list", ValueError, "validation_freq to be a .* got 'a'", (X, Y), {"validation_freq": ["a"]}),
    ("weights' length", ValueError, "sample_weight has 3 rows", (X, Y), {"sample_weight": np.ones(3)}),
    ("weights' shape", ValueError, "one weight a sample", (X, Y), {"sample_weight": np.ones((40, 2))}),
    ("weights NaN", ValueError, "sample_weight: NaN", (X, Y), {"sample_weight": np.full(40, np.nan)}),
    ("class_weight", TypeError, "expected a dictionary", (X, Y), {"class_weight": [1, 2, 3]}),
    ("class_weight key", ValueError, "class indices as keys, got 'a'", (X, Y), {"class_weight": {"a": 1.0}}),
    ("class_weight class", ValueError, "class indices from 0 to 2, got 3", (X, Y), {"class_weight": {3: 2.0}}),
    ("class_weight NaN", ValueError, "a finite number for class 0", (X, Y), {"class_weight": {0: np.nan}}),
    ("nothing in a row", ValueError, r"rows|shape", ([()], [0]), {}),
    ("no features", ValueError, r"got shape \(40, 0\)|got \(None, 0\)", (X[:, :0], Y), {}),
    ("dates", TypeError, "expected real numbers, got dtype datetime64", (np.zeros((40, 4), "M8[s]"), Y), {}),
    ("y twice", ValueError, "belong into it", ([(X, Y)], Y), {}),
    ("no batches", ValueError, "at least one batch, got an empty iterable", (iter([]),), {}),
    ("iterator, epochs", ValueError, "can be read only once", (iter([(X, Y)]),), {"epochs": 2}),
    ("batch of four", ValueError, "got 4 parts", ([(X, Y, Y, Y)],), {}),
    ("first batch NaN", ValueError, "x: NaN or infinity at row 3", ([(HOLE, Y)],), {}),
    ("first batch labels", ValueError, "from 0 to 2, got 3", ([(X, Y + 1)],), {}),
    ("monitor", ValueError, 'unknown quantity "val_acc"', (X, Y),
     {"callbacks": [gpunet.callbacks.EarlyStopping("val_acc")]}),
]  # fmt: skip


@pytest.mark.parametrize("built", [True, False], ids=["built", "lazy"])
@pytest.mark.parametrize(
    ("error", "message", "arguments", "options"), [f[1:] for f in FIT], ids=[f[0] for f in FIT]
)
def test_fit_refuses(
    make: Make,
    built: bool,
    error: type[Exception],
    message: str,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    if not built and "features" in message:
        arguments = ([(np.ones((0, 4)), [])],)  # a model without a shape takes any number of features
        error, message = ValueError, "at least one sample"
    model = make(built=built)
    before = Unchanged(model)
    with pytest.raises(error, match=message):
        model.fit(*arguments, **{"verbose": 0, **options})
    before.check()
    history = model.fit(X, Y, verbose=0)
    assert len(history.history["loss"]) == 1


@pytest.mark.parametrize("built", [True, False], ids=["built", "lazy"])
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_a_refused_call_draws_no_seed(make: Make, built: bool, method: str) -> None:
    """What comes after it has the numbers that it would have had without it: shuffles, masks, weights."""

    def course(refused: bool) -> tuple[Any, ...]:
        gpunet.set_random_seed(3)
        model = make(built=built, dropout=0.5)
        if refused:
            with pytest.raises(ValueError, match=r"NaN or infinity|from 0 to 2"):
                getattr(model, method)(*((HOLE,) if method == "predict" else (X, Y + 1)), verbose=0)
        history = model.fit(X, Y, epochs=2, batch_size=8, verbose=0).history
        return history, [weight.tolist() for weight in model.get_weights()], gpunet.config.draw_seed()

    assert course(refused=True) == course(refused=False)


def test_later_batches_of_a_stream_are_checked_one_by_one(make: Make) -> None:
    model = make()
    for bad in ((HOLE[:8], Y[:8]), (X[:8, :2], Y[:8]), (X[:8], Y[:8] + 1), (X[:8], Y[:7])):
        steps = model.optimizer.iterations
        with pytest.raises(ValueError, match=r"NaN|features|class indices|rows"):
            model.fit([(X[:8], Y[:8]), bad], verbose=0)
        assert model.optimizer.iterations == steps + 1
        assert all(np.isfinite(weight).all() for weight in model.get_weights())


def test_weights_from_a_file_are_checked_before_the_first_step(make: Make, tmp_path: Path) -> None:
    """The inputs of a memory map are read batch by batch, its weights are no more than one number a sample."""
    x = np.memmap(tmp_path / "x", np.float32, "w+", shape=X.shape)
    weight = np.memmap(tmp_path / "weight", np.float32, "w+", shape=40)
    x[:], weight[:] = X, 1
    weight[30] = np.nan
    model = make()
    before = Unchanged(model)
    for inputs in (X, x):
        with pytest.raises(ValueError, match="sample_weight: NaN or infinity at row 30"):
            model.fit(inputs, Y, sample_weight=weight, verbose=0)
        before.check()


@pytest.mark.parametrize(
    ("units", "activation", "loss", "message"),
    [
        (1, "sigmoid", "binary_crossentropy", "from 0 to 1, got 2"),
        (3, "softmax", "categorical_crossentropy", "from 0 to 2, got 3"),
    ],
)
def test_weights_of_classes_that_do_not_exist(units: int, activation: str, loss: str, message: str) -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(units, activation)])
    model.compile("sgd", loss)
    y = Y % 2 if units == 1 else ONE_HOT
    before = Unchanged(model)
    for method in (model.fit, model.train_on_batch):
        with pytest.raises(ValueError, match=message):
            method(X, y, class_weight={units + (units == 1): 2.0})
    before.check()
    model.fit(X, y, class_weight={0: 2.0, 1: 0.5}, verbose=0)


@pytest.mark.parametrize(
    ("loss", "y"),
    [
        ("sparse_categorical_crossentropy", np.arange(10).reshape(5, 2) % 3),
        ("sparse_categorical_crossentropy", np.zeros((5, 2, 1), int)),
        ("categorical_crossentropy", np.eye(3)[np.arange(10).reshape(5, 2) % 3]),
    ],
    ids=["indices", "a column of indices", "one-hot"],
)
def test_class_weights_where_every_position_has_a_class(loss: str, y: np.ndarray) -> None:
    x = np.ones((5, 2, 4), np.float32)
    model = gpunet.Sequential([layers.Input(shape=(2, 4)), layers.Dense(3, "softmax")])
    model.compile("sgd", loss)
    before = Unchanged(model)
    for arguments, method in (((x, y), model.fit), ((x, y), model.train_on_batch), (([(x, y)],), model.fit)):
        with pytest.raises(ValueError, match=r"class_weight: expected .*one class a sample.* sample_weight"):
            method(*arguments, class_weight={0: 2.0})
    before.check()


def test_a_weight_below_zero_is_a_number_as_any_other(make: Make) -> None:
    """As in Keras: such a sample is pushed away from."""
    model, mirrored = make(), make()
    mirrored.set_weights(model.get_weights())
    loss = model.test_on_batch(X, Y)[0]
    assert mirrored.test_on_batch(X, Y, sample_weight=-np.ones(40))[0] == pytest.approx(-loss)


@pytest.mark.parametrize("method", ["evaluate", "test_on_batch", "train_on_batch"])
def test_other_methods_refuse_the_same(make: Make, method: str) -> None:
    model = make()
    before = Unchanged(model)
    silent = {"verbose": 0} if method == "evaluate" else {}
    for arguments, message in (
        ((X[:, :3], Y), "4 features"),
        ((HOLE, Y), "NaN"),
        ((X, ONE_HOT), "One-hot"),
        ((X, Y[:5]), "rows"),
        ((X[:0], Y[:0]), "at least one sample"),
    ):
        with pytest.raises(ValueError, match=message):
            getattr(model, method)(*arguments, **silent)
    before.check()


def test_predict_refuses_what_does_not_fit(make: Make) -> None:
    model = make()
    for x, message in (
        (X[:, :2], "4 features"),
        (X[0], "4 features"),
        (HOLE, "NaN"),
        (X[:0], "at least one"),
    ):
        with pytest.raises(ValueError, match=message):
            model.predict(x, verbose=0)


@pytest.mark.parametrize(
    ("loss", "y", "message"),
    [
        ("mean_squared_error", Y, r"expected targets of shape \(None, 3\), got \(40,\)"),
        ("categorical_crossentropy", Y, "Class indices need SparseCategoricalCrossentropy"),
        ("binary_crossentropy", 2 * ONE_HOT, r"expected targets in \[0, 1\], got 2"),
    ],
)
def test_targets_that_fit_no_loss(make: Make, loss: str, y: np.ndarray, message: str) -> None:
    model = make(loss)
    before = Unchanged(model)
    with pytest.raises(ValueError, match=message):
        model.fit(X, y, verbose=0)
    before.check()


def test_a_metric_that_can_not_take_the_targets_is_refused_before_the_first_step(make: Make) -> None:
    model = make(metrics=["mae"])
    before = Unchanged(model)
    with pytest.raises(ValueError, match="same shape"):
        model.fit(X, Y, verbose=0)
    before.check()


@pytest.mark.parametrize("streamed", [False, True], ids=["arrays", "batches"])
def test_a_metric_that_can_not_take_the_weights_is_refused_before_the_first_step(
    make: Make, streamed: bool
) -> None:
    def mean_over_the_batch(y_true: Any, y_pred: Any) -> Any:
        return y_pred.mean()

    model = make(weighted_metrics=[mean_over_the_batch], built=False)
    began: list[Any] = []
    callback = gpunet.callbacks.LambdaCallback(on_train_begin=began.append)
    weight = np.ones(40)
    given: dict[str, Any] = {"x": [(X, Y, weight)]} if streamed else {"x": X, "y": Y, "sample_weight": weight}
    before = Unchanged(model)
    with pytest.raises(ValueError, match=r"values have shape \(\)"):
        model.fit(**given, callbacks=[callback], verbose=0)
    before.check()
    assert not began
    model.fit(X, Y, verbose=0)


def test_compile_refuses_and_keeps_what_was(make: Make) -> None:
    model = make()
    kept = model.optimizer, model.loss
    for arguments, options, error, message in (
        (("adm", "mse"), {}, ValueError, 'Did you mean "adam"'),
        (("adam", "mean_square_error"), {}, ValueError, 'Did you mean "mean_squared_error"'),
        (("adam", "mse"), {"metrics": ["acuracy"]}, ValueError, 'Did you mean "accuracy"'),
        (("adam", "mse"), {"metrics": "accuracy"}, TypeError, "as a list"),
        (("adam", "mse"), {"metrics": [3]}, TypeError, "expected a metric"),
        ((None, "mse"), {}, TypeError, "expected an optimizer"),
        (("adam", lambda a, b: a), {}, ValueError, "has no gradient"),
        (("adam", gpunet.losses.MeanSquaredError(reduction=None)), {}, ValueError, 'reduction "none"'),
    ):
        with pytest.raises(error, match=message):
            model.compile(*arguments, **options)
        assert (model.optimizer, model.loss) == kept


def test_two_metrics_of_one_name(make: Make) -> None:
    with pytest.raises(ValueError, match='two quantities are called "mse"'):
        make("mse", metrics=["mse", gpunet.metrics.MeanSquaredError(name="mse")]).fit(X, ONE_HOT, verbose=0)


def test_fit_before_compile() -> None:
    model = gpunet.Sequential([layers.Dense(1)])
    for method in ("fit", "evaluate", "train_on_batch"):
        with pytest.raises(RuntimeError, match=rf"{method}: call compile\(optimizer, loss\) first"):
            getattr(model, method)(X, Y)
    model.compile("sgd")
    with pytest.raises(RuntimeError, match="without a loss"):
        model.fit(X, Y)
    assert not model.built


def test_an_optimizer_serves_one_model(make: Make) -> None:
    optimizer = gpunet.optimizers.Adam()
    make(optimizer=optimizer).fit(X, Y, verbose=0)
    with pytest.raises(ValueError, match="this optimizer trains another model"):
        make(optimizer=optimizer).fit(X, Y, verbose=0)


def test_a_layer_without_backward_is_refused(make: Make) -> None:
    class Doubled(layers.Layer):
        def forward(self, x: Any, training: bool = False) -> Any:
            return 2 * x

    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(3), Doubled()])
    model.compile("sgd", "mse")
    assert model.predict(X, verbose=0).shape == (40, 3)
    with pytest.raises(ValueError, match="Doubled defines no backward"):
        model.fit(X, ONE_HOT, verbose=0)


def test_a_loss_without_gradient_is_refused() -> None:
    class Distance(gpunet.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return abs(y_true - y_pred).mean(axis=-1)

    model = gpunet.Sequential([layers.Dense(3)])
    model.compile("sgd", Distance())
    before = Unchanged(model)
    for method in (model.fit, model.train_on_batch):
        with pytest.raises(ValueError, match="Distance: the loss defines no gradient"):
            method(X, ONE_HOT)
        before.check()


@pytest.mark.parametrize(
    "stack",
    [
        [layers.Dense(3, "step")],
        [layers.Dense(3), layers.Activation("step")],
        [layers.Dense(3, "step"), layers.Dense(3)],
    ],
    ids=["last", "a layer of its own", "hidden"],
)
def test_the_step_function_predicts_but_does_not_learn(stack: list[layers.Layer]) -> None:
    model = gpunet.Sequential(stack)
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match='the activation "step" can\'t be trained through'):
        model.fit(X, ONE_HOT, verbose=0)
    assert not model.built
    assert model.predict(X, verbose=0).shape == (40, 3)
    assert np.isfinite(model.evaluate(X, ONE_HOT, verbose=0))


def test_what_comes_before_the_first_layer_that_learns_needs_no_gradient() -> None:
    model = gpunet.Sequential([layers.Input(shape=(4,)), layers.Activation("step"), layers.Dense(1)])
    model.compile("sgd", "mse")
    before = model.get_weights()[0]
    model.fit(X, X[:, 0], verbose=0)
    assert (model.get_weights()[0] != before).all()
    frozen = gpunet.Sequential([layers.Input(shape=(4,)), layers.Dense(3, "step"), layers.Dense(1)])
    frozen.layers[0].trainable = False
    frozen.compile("sgd", "mse")
    fixed, _, free, _ = frozen.get_weights()
    frozen.fit(X, X[:, 0], verbose=0)
    np.testing.assert_array_equal(frozen.get_weights()[0], fixed)
    assert (frozen.get_weights()[2] != free).any()


def test_what_is_no_stack_of_layers() -> None:
    for given in (layers.Dense(3), 3, layers.Dense):
        with pytest.raises(TypeError, match="Sequential: expected a list of layers, got"):
            gpunet.Sequential(given)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected a layer, got <class"):
        gpunet.Sequential([layers.Dense])  # type: ignore[list-item]
    shared = layers.Dense(4)
    with pytest.raises(ValueError, match='the layer "dense" is in the model already'):
        gpunet.Sequential([shared, shared])
    for method in ("fit", "predict"):
        empty = gpunet.Sequential()
        empty.compile("sgd", "mse")
        with pytest.raises(ValueError, match="the model has no layers"):
            getattr(empty, method)(X, verbose=0)


def test_a_loss_without_gradient_is_evaluated_and_not_trained(make: Make) -> None:
    class Farthest(gpunet.losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return abs(y_pred - y_true).max(axis=-1)

    model = make(Farthest())
    expected = abs(model.predict(X, verbose=0) - ONE_HOT).max(axis=-1).mean()
    assert model.evaluate(X, ONE_HOT, verbose=0)[0] == pytest.approx(expected, rel=1e-6)
    with pytest.raises(ValueError, match="Farthest: the loss defines no gradient"):
        model.fit(X, ONE_HOT, verbose=0)
