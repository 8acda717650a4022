"""What the arguments of fit mean, and that trainings repeat."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet.backend import Backend
from gpunet.callbacks import Callback

Make = Callable[..., gpunet.Sequential]


def trained(make: Make, x: Any, y: Any, seed: int, **options: Any) -> tuple[dict[str, Any], list[np.ndarray]]:
    gpunet.set_random_seed(seed)
    model = make(dropout=0.3)
    history = model.fit(x, y, **{"epochs": 3, "batch_size": 16, "verbose": 0, **options}).history
    return history, model.get_weights()


def test_one_seed_repeats_to_the_last_bit(make: Make, x: np.ndarray, y: np.ndarray, backend: Backend) -> None:
    first, second = trained(make, x, y, seed=3), trained(make, x, y, seed=3)
    assert first[0] == second[0]
    for one, other in zip(first[1], second[1], strict=True):
        np.testing.assert_array_equal(one, other)
    assert trained(make, x, y, seed=4)[0] != first[0]


def test_batches_of_every_size_see_each_sample_once(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    for batch_size in (1, 7, 32, 40, 64):
        model = make()
        model.fit(x, y, batch_size=batch_size, verbose=0)
        assert model.optimizer is not None
        assert model.optimizer.iterations == -(-40 // batch_size)
    assert make().fit(x, y, verbose=0).model.optimizer.iterations == 2  # 32 rows a step unless told otherwise


def test_evaluate_and_predict_do_not_depend_on_the_batch_size(
    make: Make, x: np.ndarray, y: np.ndarray
) -> None:
    model = make()
    whole = model.evaluate(x, y, verbose=0)
    parts = model.evaluate(x, y, batch_size=7, verbose=0)
    assert parts == pytest.approx(whole, rel=1e-6)
    np.testing.assert_allclose(
        model.predict(x, batch_size=7, verbose=0), model.predict(x, verbose=0), rtol=1e-5
    )
    assert model.evaluate(x, y, verbose=0, return_dict=True) == {"loss": whole[0], "accuracy": whole[1]}


def test_where_a_class_is_ignored_batches_are_of_32_rows(make: Make, x: np.ndarray, backend: Backend) -> None:
    """As in Keras: each batch divides by the rows that it keeps, and the batches count by all their rows."""
    y = np.arange(40) % 3
    y[32:38] = 1
    ignoring = gpunet.losses.SparseCategoricalCrossentropy(ignore_class=1)
    model = make(ignoring, optimizer=gpunet.optimizers.SGD(0.0))
    values = -np.log(model.predict(x, verbose=0)[np.arange(40), y])
    first, second = (values[part][y[part] != 1].mean() for part in (slice(0, 32), slice(32, 40)))
    expected = (32 * first + 8 * second) / 40
    assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(expected, rel=1e-5)
    history = model.fit(x, y, validation_data=(x, y), shuffle=False, verbose=0).history
    assert history["val_loss"] == history["loss"] == pytest.approx([expected], rel=1e-5)


def test_the_last_rows_are_kept_for_validation(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    split, given = make(), make()
    given.set_weights(split.get_weights())
    options: dict[str, Any] = {"epochs": 2, "shuffle": False, "verbose": 0}
    first = split.fit(x, y, validation_split=0.25, **options).history
    second = given.fit(x[:30], y[:30], validation_data=(x[30:], y[30:]), **options).history
    assert first == second


def test_validation_does_not_train(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    with_validation, without = make(), make()
    without.set_weights(with_validation.get_weights())
    options: dict[str, Any] = {"epochs": 2, "shuffle": False, "verbose": 0}
    first = with_validation.fit(x, y, validation_data=(x, y, np.ones(40)), **options).history
    second = without.fit(x, y, **options).history
    assert first["loss"] == second["loss"]


@pytest.mark.parametrize(("frequency", "count"), [(1, 4), (2, 2), (3, 1), ([1, 4], 2)])
def test_validation_frequency(make: Make, x: np.ndarray, y: np.ndarray, frequency: Any, count: int) -> None:
    history = make().fit(
        x, y, epochs=4, validation_data=(x, y), validation_freq=frequency, verbose=0
    ).history  # fmt: skip
    assert len(history["loss"]) == 4
    assert len(history["val_loss"]) == count


def test_steps_and_epochs(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    model = make()
    history = model.fit(
        x, y, epochs=5, initial_epoch=3, steps_per_epoch=2, batch_size=8,
        validation_data=(x, y), validation_steps=1, validation_batch_size=8, verbose=0,
    )  # fmt: skip
    assert history.epoch == [3, 4]
    assert model.optimizer is not None
    assert model.optimizer.iterations == 4
    assert model.history is history


def test_a_weight_of_zero_is_a_sample_less(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    """With "sum" as the reduction a sample of weight 0 and one that isn't there are the same."""
    weight = (np.arange(40) % 2).astype(float)
    whole = make(gpunet.losses.SparseCategoricalCrossentropy(reduction="sum"), "sgd")
    half = make(gpunet.losses.SparseCategoricalCrossentropy(reduction="sum"), "sgd")
    half.set_weights(whole.get_weights())
    whole.fit(x, y, batch_size=40, sample_weight=weight, verbose=0)
    half.fit(x[1::2], y[1::2], batch_size=40, verbose=0)
    for one, other in zip(whole.get_weights(), half.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_class_weights_are_sample_weights(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    by_class, by_sample, one_hot = make(), make(), make("categorical_crossentropy")
    for model in (by_sample, one_hot):
        model.set_weights(by_class.get_weights())
    options: dict[str, Any] = {"shuffle": False, "verbose": 0}
    first = by_class.fit(x, y, class_weight={0: 2.0, 2: 0.5}, **options).history
    second = by_sample.fit(x, y, sample_weight=np.array([2.0, 1.0, 0.5])[y], **options).history
    third = one_hot.fit(x, np.eye(3)[y], class_weight={0: 2.0, 2: 0.5}, **options).history
    assert first == second
    assert third["loss"] == pytest.approx(first["loss"], rel=1e-6)


def test_one_batch(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    model, same = make(optimizer="sgd"), make(optimizer="sgd")
    same.set_weights(model.get_weights())
    before = model.test_on_batch(x, y)
    assert model.train_on_batch(x, y) == before  # the loss of the step, before it
    assert model.test_on_batch(x, y, return_dict=True)["loss"] < before[0]
    same.fit(x, y, batch_size=40, shuffle=False, verbose=0)
    for one, other in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(model.predict_on_batch(x), model.predict(x, verbose=0))
    np.testing.assert_array_equal(model(x), model.predict(x, verbose=0))


def test_the_optimizer_goes_on_from_fit_to_fit(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    at_once, twice = make(), make()
    twice.set_weights(at_once.get_weights())
    at_once.fit(x, y, epochs=4, shuffle=False, verbose=0)
    for _ in range(2):
        twice.fit(x, y, epochs=2, shuffle=False, verbose=0)
    for one, other in zip(at_once.get_weights(), twice.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


# -- Ctrl-C ----------------------------------------------------------------------------------------------------


class InterruptAt(Callback):
    """Presses Ctrl-C at the end of a step."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step, self.seen = step, 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1
        if self.seen == self.step:
            signal.raise_signal(signal.SIGINT)


def test_control_c_leaves_a_usable_model_and_history(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    model, same = make(optimizer="sgd"), make(optimizer="sgd")
    same.set_weights(model.get_weights())
    with pytest.raises(KeyboardInterrupt):
        model.fit(
            x, y, batch_size=8, epochs=5, shuffle=False, verbose=0, callbacks=[InterruptAt(5 + 5 + 2)]
        )  # in the third epoch of five steps
    assert model.history.epoch == [0, 1]
    assert len(model.history.history["loss"]) == 2
    assert model.optimizer is not None
    assert model.optimizer.iterations == 12
    same.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    same.fit(x, y, batch_size=8, steps_per_epoch=2, shuffle=False, verbose=0)
    for one, other in zip(model.get_weights(), same.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)  # twelve whole steps, no half one
    assert len(model.fit(x, y, verbose=0).history["loss"]) == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_control_c_while_many_steps_run(make: Make, x: np.ndarray, y: np.ndarray) -> None:
    model = make()
    timer = threading.Timer(0.2, signal.raise_signal, (signal.SIGINT,))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, epochs=10**9, verbose=0)
    timer.join()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert len(model.history.history["loss"]) == len(model.history.epoch)
    model.evaluate(x, y, verbose=0)
