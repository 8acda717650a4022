"""The model: fit, evaluate, predict. What the layers are is a subclass' affair."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from ..backend import Backend
from ..callbacks import CallbackList
from ..training import Data, adapt
from ..training.data import Arrays
from . import fitting, learning_rate, saving
from .compiled import Compiled
from .learning_rate import LearningRateSweep
from .plan import BATCH_SIZE, Plan, check_positive


class Model(Compiled):
    """A network that can be trained.

    Args:
        name, backend, dtype_policy: See ``Network``.
    """

    def __init__(
        self,
        name: str | None = None,
        backend: str | Backend | None = None,
        dtype_policy: str | None = None,
    ) -> None:
        super().__init__(name, backend, dtype_policy)
        self.stop_training = False
        self.history: Any = None

    # -- fit, evaluate, predict --------------------------------------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Sequence[Any] | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> Any:
        """Train the model for a number of epochs.

        Args:
            x: Inputs ``(rows, …)``: an array (NumPy, CuPy, a memory map, which is read batch by batch), a list, a
                pandas frame, anything with ``__array__`` or DLPack; or an iterable of ``(x, y)`` or
                ``(x, y, sample_weight)`` batches.
            y: Targets ``(rows, …)``; not with an iterable.
            batch_size: Rows of a step, 32 by default.
            epochs: The number of the last epoch; ``epochs - initial_epoch`` are run.
            verbose: 0 silent, 1 a progress bar, 2 a line an epoch, ``"auto"`` 1 on a terminal or in a notebook, else 2.
            callbacks: ``Callback`` objects.
            validation_split: The last part of the samples, before any shuffle, that is kept for validation; sorted data
                wants to be mixed first. Class weights don't count there.
            validation_data: ``(x, y)``, ``(x, y, sample_weight)`` or an iterable of batches.
            shuffle: Whether to take the samples in a new random order at each epoch.
            class_weight: The weight of each class, by its index.
            sample_weight: One weight a sample.
            initial_epoch: The epoch to start at, to resume a training.
            steps_per_epoch: Batches of an epoch; needed for endless iterables. The next epoch goes on where this one
                stopped, and at the end of the data it is shorter.
            validation_steps: Batches of a validation.
            validation_batch_size: Rows at a time in validation; ``batch_size`` where the loss depends on it.
            validation_freq: Validate every so many epochs, or at the epochs named (the first is 1).

        Returns:
            The ``History`` callback: ``history`` maps each quantity to its values, an epoch each.

        Raises:
            RuntimeError: ``compile`` has not been called, or without a loss.
            ValueError, TypeError: The data or an argument doesn't fit; nothing has changed then.

        Example:
            >>> import gpunet
            >>> model = gpunet.Sequential([gpunet.layers.Dense(1)])
            >>> model.compile("sgd", "mean_squared_error")
            >>> history = model.fit([[1.0], [2.0]], [[2.0], [4.0]], epochs=3, verbose=0)
            >>> len(history.history["loss"])
            3
        """
        self._must_be_compiled("fit")
        plan = Plan(
            epochs, initial_epoch, batch_size, steps_per_epoch,
            validation_steps, validation_batch_size, validation_freq, shuffle,
        )  # fmt: skip
        data = adapt(x, y, sample_weight, class_weight)
        validation: Data | None = None
        if validation_data is not None:
            validation = fitting.adapt_validation(validation_data)
        elif validation_split:
            if not isinstance(data, Arrays):
                raise ValueError(
                    "validation_split needs arrays; give an iterable's validation as validation_data."
                )
            data, validation = data.split(validation_split)
        plan.check_rereadable(data, validation)
        with ExitStack() as closing:
            with self._ready(data, "fit") as trainer:
                trainer.check_trainable()
                trainer.check_class_weight(class_weight)
                feed = trainer.feed(data, plan.rows, "train", repeats=True)
                tests = None
                if validation is not None:
                    rows = plan.validation_batch_size or self._rows(plan.rows)
                    with fitting.blaming(
                        "validation_split" if validation_data is None else "validation_data"
                    ):
                        tests = trainer.feed(validation, rows, "test", repeats=True)
                steps = plan.check(feed)
                watchers = closing.enter_context(
                    CallbackList(callbacks, model=self, verbose=verbose, epochs=plan.epochs, steps=steps)
                )
                self.stop_training = False
                watchers.on_train_begin()
            return fitting.run(self, trainer, feed, tests, plan, watchers)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Return the loss, or ``[loss, metrics …]``, of the model as it is.

        Args:
            x, y, sample_weight: As for ``fit``.
            batch_size: Rows at a time. The result depends on it only for a loss that sums over a batch or divides by
                its weights or by the rows that it doesn't ignore; 32 is the default then.
            verbose: As for ``fit``.
            steps: Stop after that many batches.
            callbacks: ``Callback`` objects.
            return_dict: Return a dictionary instead.

        Raises:
            RuntimeError: ``compile`` has not been called, or without a loss.
            ValueError, TypeError: The data doesn't fit.
        """
        self._must_be_compiled("evaluate")
        check_positive("evaluate", batch_size=batch_size, steps=steps)
        data = adapt(x, y, sample_weight)
        with self._ready(data, "evaluate") as trainer:
            feed = trainer.feed(data, batch_size or self._rows(BATCH_SIZE), "test")
            watchers = CallbackList(
                callbacks, model=self, verbose=verbose, epochs=1, steps=steps or feed.steps
            )
        logs = fitting.evaluate(trainer, feed, steps, watchers)
        return fitting.as_results(logs, return_dict)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Sequence[Any] | None = None,
    ) -> np.ndarray[Any, Any]:
        """Return the output of the model for each row, ``(rows, …)``, as a new host array.

        Args:
            x: Inputs as for ``fit``, or an iterable of batches.
            batch_size: Rows at a time; the result doesn't depend on it.
            verbose: As for ``fit``.
            steps: Stop after that many batches.
            callbacks: ``Callback`` objects.

        Raises:
            ValueError, TypeError: The data doesn't fit.
        """
        check_positive("predict", batch_size=batch_size, steps=steps)
        data = adapt(x)
        with self._ready(data, "predict") as trainer:
            feed = trainer.feed(data, batch_size, "predict")
            watchers = CallbackList(
                callbacks, model=self, verbose=verbose, epochs=1, steps=steps or feed.steps
            )
        return fitting.predict(trainer, feed, steps, watchers)

    def _rows(self, rows: int) -> int | None:
        """Return the rows of a batch where the loss over many batches depends on them; ``None`` is any number."""
        assert self.loss is not None
        return rows if self.loss.depends_on_batches else None

    # -- one batch ---------------------------------------------------------------------------------------------

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one step on one batch and return its loss and metrics, as ``evaluate`` does."""
        self._must_be_compiled("train_on_batch")
        data = Arrays(x, y, sample_weight, class_weight)
        with self._ready(data, "train_on_batch") as trainer:
            trainer.check_trainable()
            trainer.check_class_weight(class_weight)
            feed = trainer.feed(data, data.rows, "train")
        trainer.start()
        trainer.run(feed, "train")
        return fitting.as_results(trainer.logs(), return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Return the loss and metrics of one batch, as ``evaluate`` does."""
        data = Arrays(x, y, sample_weight)
        return self.evaluate(data, batch_size=data.rows, verbose=0, return_dict=return_dict)

    def predict_on_batch(self, x: Any) -> np.ndarray[Any, Any]:
        """Return the output for one batch."""
        return self.predict(x, verbose=0)

    def __call__(self, x: Any) -> np.ndarray[Any, Any]:
        """Return the output for one batch."""
        return self.predict(x, verbose=0)

    def find_learning_rate(
        self,
        x: Any,
        y: Any,
        minimum: float = 1e-6,
        maximum: float = 10.0,
        steps: int = 100,
        batch_size: int = BATCH_SIZE,
        verbose: bool = True,
    ) -> LearningRateSweep:
        """Train a copy with a learning rate that grows at each step, and suggest one; this model stays as it is.

        The suggestion is where the smoothed loss falls fastest along ``log α``, before its lowest point. The test ends where the loss diverges:
        NaN, or smoothed more than four times the best.

        Source: Smith, "Cyclical learning rates for training neural networks", WACV 2017, arXiv 1506.01186; smoothed as in
        fastai.

        Args:
            x, y: The data, arrays.
            minimum, maximum: The learning rates of the first and of the last step.
            steps: How many, each on a batch.
            batch_size: Rows of a batch.
            verbose: Whether a bar shows the progress, where it takes longer than a second.

        Returns:
            The rates, the losses, and the suggestion; ``gpunet.plots.learning_rate_finder`` draws them.

        Raises:
            RuntimeError: ``compile`` has not been called.
            TypeError: A rate that is no number.
            ValueError: A range that is empty, a loss that diverges from the start or never falls, or data that don't fit.
        """
        self._must_be_compiled("find_learning_rate")
        return learning_rate.sweep(self, x, y, minimum, maximum, steps, batch_size, verbose)

    def save(self, path: Any) -> None:
        """Write the model to a safetensors file, see ``models.saving``; ``gpunet.models.load_model`` reads it."""
        saving.save_model(self, path)

    def save_weights(self, path: Any) -> None:
        """Write only the weights to a safetensors file."""
        saving.save_weights(self, path)

    def load_weights(self, path: Any) -> None:
        """Set the weights from a file; a file that doesn't fit changes nothing."""
        saving.load_weights(self, path)
