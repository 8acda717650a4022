"""A network with what it takes to train: a loss, an optimizer, metrics, and the trainer that runs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import config, losses, metrics, optimizers
from ..backend import Backend
from ..training import Data, Stream, Trainer
from . import compiling
from .network import Network


class Compiled(Network):
    """A network that ``compile`` has told how to train.

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
        self.loss: losses.Loss | None = None
        self.chosen_metrics: tuple[list[Any], list[Any]] = ([], [])
        self._resolved: tuple[list[metrics.Metric], list[metrics.Metric]] | None = None
        self._trainer: Trainer | None = None
        self._trainer_key: tuple[Any, ...] = ()

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Sequence[Any] | None = None,
        weighted_metrics: Sequence[Any] | None = None,
    ) -> None:
        """Say how to train.

        Args:
            optimizer: A name or an ``Optimizer``.
            loss: A name or a ``Loss``.
            metrics: Names, ``Metric`` objects or classes, losses, or functions ``f(y_true, y_pred)``; ``"accuracy"``
                becomes the kind that fits the loss and the targets.
            weighted_metrics: The same, with sample and class weights taken into account.

        Raises:
            ValueError: An unknown name; the closest known one is suggested. A loss without a reduction.
        """
        new_optimizer = optimizers.get(optimizer)
        if not isinstance(new_optimizer, optimizers.Optimizer):
            raise TypeError(f"compile: expected an optimizer or its name, got {optimizer!r}.")
        new_loss = losses.get(loss)
        if new_loss is not None and new_loss.reduction == "none":
            raise ValueError(
                'compile: a loss with reduction "none" is no single number to minimise; use "sum_over_batch_size".'
            )
        lists = (
            compiling.metric_list(metrics, "metrics"),
            compiling.metric_list(weighted_metrics, "weighted_metrics"),
        )
        self.optimizer, self.loss, self.chosen_metrics = new_optimizer, new_loss, lists
        self._resolved = None
        self._trainer = None

    @property
    def metrics(self) -> list[metrics.Metric]:
        """The metrics as they are used, weighted ones last; none before the first ``fit`` or ``evaluate``."""
        return [] if self._resolved is None else [*self._resolved[0], *self._resolved[1]]

    @property
    def metrics_names(self) -> list[str]:
        """The keys of logs and history: ``"loss"`` and the metrics."""
        return ["loss", *(self._trainer.metric_names if self._trainer is not None else ())]

    def __getstate__(self) -> dict[str, Any]:
        """Copies and pickles make arena and programs anew: those are views of buffers and closures over them."""
        return {**vars(self), "_arena": None, "_trainer": None, "_trainer_key": ()}

    # -- readiness ---------------------------------------------------------------------------------------------

    def _must_be_compiled(self, method: str) -> None:
        if self.optimizer is None:
            raise RuntimeError(f"{method}: call compile(optimizer, loss) first.")
        if self.loss is None:
            raise RuntimeError(
                f"{method}: the model was compiled without a loss; call compile(optimizer, loss=…)."
            )

    @contextmanager
    def _ready(self, data: Data, method: str) -> Iterator[Trainer]:
        """Build what is missing; should the checks within the block fail, what was built here is undone."""
        first = data.peek() if isinstance(data, Stream) else data
        unbuilt = [layer for layer in self.layers if not layer.built]
        was_built, resolved, streams = self.built, self._resolved, dict(vars(self.random))
        fresh = self.optimizer is not None and self.optimizer.arena is None
        try:
            with config.seeds_back_on_failure():
                if not self.built:
                    self.build((None, *(first.x.shape[1:] or (1,))))
                trainer = self.trainer(method in ("fit", "train_on_batch"))
                if method != "predict":
                    self._resolve_metrics(trainer, first.y)
                yield trainer
        except BaseException:
            self._resolved = resolved
            vars(self.random).update(streams)
            if not was_built:
                if fresh and self.optimizer is not None:
                    self.optimizer.unbuild()
                self.built, self._arena = False, None
                for layer in unbuilt:
                    layer.unbuild()
            raise

    def trainer(self, training: bool = True) -> Trainer:
        """Return what runs this model as it is now."""
        arena = self.arena() if training else self.arena_to_read()
        renewed = self.random.renew()
        homes = [parameter.arena for parameter in self.weights]
        key = arena, *homes, self.optimizer, self.loss, self.random.dropout_seed
        if self._trainer is None or renewed or self._trainer_key != key:
            self._trainer, self._trainer_key = Trainer(self, arena), key
            self._resolved = None
        return self._trainer

    def _resolve_metrics(self, trainer: Trainer, y: Any) -> None:
        if self._resolved is None:
            shape = None if y is None else tuple(y.shape)
            self._resolved = tuple(  # type: ignore[assignment]
                [
                    compiling.resolve_metric(m, self.output_shape, shape, self.loss, self.backend)
                    for m in chosen
                ]
                for chosen in self.chosen_metrics
            )
        assert self._resolved is not None
        trainer.metrics, trainer.weighted_metrics = self._resolved
        names = ["loss", *trainer.metric_names]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(
                    f'compile: two quantities are called "{name}"; give one metric another name=….'
                )
