"""The program: a training, test or prediction step as a fixed list of operations over preallocated buffers.

    gather rows → layers forward → loss, gradient and metrics → layers backward → optimizer

A program belongs to (mode, rows, weighted or not). All programs of a model share the buffers of the largest, but for what
single layers keep for their backward pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard

from ..backend import Array, Below
from ..layers import Context, Dense, Layer
from ..layers.base import sizes

if TYPE_CHECKING:
    from .trainer import Trainer

Operation = Callable[[], None]


class Node(NamedTuple):
    """A layer, the buffer it reads and the buffer it writes."""

    layer: Layer
    x: Array
    y: Array
    aliased: bool  # y is a view of x and nothing is computed
    below: Below | None = None  # what the layer above needs to go back through this one's activation, too


class Program:
    """One step.

    Args:
        trainer: Whose model, loss, metrics and optimizer these are.
        mode: ``"train"``, ``"test"`` or ``"predict"``.
        rows: The size of the batch.
        weighted: Whether there are sample weights.
        target_shape: The shape of the targets of one sample.

    Attributes:
        x, y, weight: The buffers that a batch is loaded into.
        predictions: What the model says, once the step has run.
        operations: The step, in order.
    """

    def __init__(
        self, trainer: Trainer, mode: str, rows: int, weighted: bool, target_shape: Sequence[int]
    ) -> None:
        self.trainer, self.mode, self.rows = trainer, mode, rows
        self.backend = trainer.backend
        self.operations: list[Operation] = []
        self.context = Context(
            self.backend,
            trainer.dtype,
            mode == "train",
            trainer.counters,
            trainer.model.dropout_seed,
            {id(layer): index for index, layer in enumerate(trainer.model.layers)},
        )
        self.storage = self.backend.storage(trainer.dtype)
        self.x = self._take("x", sizes(trainer.model.input_shape))
        self.y: Array = None
        self.weight: Array = None
        if mode != "predict":
            self.y = trainer.programs.pool.take("y", rows, target_shape, trainer.target_dtype)
            self.weight = trainer.programs.pool.take("weight", rows, (), trainer.dtype) if weighted else None
        loss, fused = trainer.fused_loss() if mode != "predict" else (None, False)
        layers = list(trainer.model.layers)
        if fused:
            layers[-1:] = layers[-1].without_activation() or []
        nodes = self._forward(layers)
        output = nodes[-1].y if nodes else self.x
        self.predictions = self._take("predictions", output.shape[1:]) if fused else output
        if loss is not None:
            gradient = self._take("gradient", output.shape[1:])
            self._add(
                self.backend.loss,
                loss,
                self.y,
                output,
                self.weight,
                self.predictions if fused else None,
                gradient,
                trainer.totals,
                trainer.arena.loss_scale if mode == "train" else None,
            )
            self._metrics()
            if mode == "train":
                self._backward(nodes, gradient)
                if trainer.arena.loss_scale is not None:
                    self._add(self.backend.unscale, trainer.arena)
            self._penalties()
        if mode == "train":
            self._add(trainer.update)
        self._add(self.backend.count, trainer.counters)

    def _take(self, key: Any, shape: Sequence[int]) -> Array:
        return self.trainer.programs.pool.take(key, self.rows, shape, self.storage)

    def _add(self, operation: Callable[..., None], *arguments: Any, **options: Any) -> None:
        self.operations.append(partial(operation, *arguments, **options))

    def _forward(self, layers: Sequence[Layer]) -> list[Node]:
        nodes: list[Node] = []
        value = self.x
        for index, layer in enumerate(layers):
            view = layer.alias(value, self.context.training)
            if view is not None:
                nodes.append(Node(layer, value, view, True))
            else:
                y = self._take((index, "output"), sizes(layer.compute_output_shape((None, *value.shape[1:]))))
                above = layers[index + 1] if index + 1 < len(layers) else None
                below = None
                if self.context.training and _is_dense(layer) and _is_dense(above):
                    below = layer.seen_from_above(self.context, y)
                nodes.append(Node(layer, value, y, False, below))
                left = () if below is None else (below.auxiliary,)
                self._add(layer.forward_into, self.context, value, y, *left)
            value = nodes[-1].y
        return nodes

    def _backward(self, nodes: Sequence[Node], gradient: Array) -> None:
        trained = [any(p.gradient is not None for p in node.layer.parameters) for node in nodes]
        for index in reversed(range(len(nodes))):
            if not any(trained[: index + 1]):
                return
            node = nodes[index]
            if node.aliased:
                gradient = gradient.reshape(node.x.shape)
                continue
            wanted = any(trained[:index])
            x_gradient = self._take((index, "gradient"), node.x.shape[1:]) if wanted else None
            fused: dict[str, Any] = {"through": True} if node.below is not None else {}
            if wanted and index and nodes[index - 1].below is not None:
                fused["below"] = nodes[index - 1].below
            self._add(node.layer.backward_into, self.context, node.x, node.y, gradient, x_gradient, **fused)
            gradient = x_gradient

    def _metrics(self) -> None:
        for metric in self.trainer.metrics:
            self._add(self.backend.update_metric, metric, self.y, self.predictions, None)
        for metric in self.trainer.weighted_metrics:
            self._add(self.backend.update_metric, metric, self.y, self.predictions, self.weight)

    def _penalties(self) -> None:
        for parameter in self.trainer.model.trainable_weights:  # what can't change costs nothing, as in Keras
            if parameter.regularizer is not None:
                gradient = parameter.gradient if self.mode == "train" else None
                self._add(
                    self.backend.penalty,
                    parameter.regularizer,
                    parameter.value,
                    gradient,
                    self.rows,
                    self.trainer.totals,
                )

    def recorded(self, load: Sequence[Operation] = ()) -> Callable[[int], None]:
        """Return what runs the step, preceded by operations that load its batch, as often as told."""
        return self.backend.record([*load, *self.operations])

    @cached_property
    def launch(self) -> Callable[[int], None]:
        """What runs the step on a batch that is in its buffers already."""
        return self.recorded()


def _is_dense(layer: Layer | None) -> TypeGuard[Dense]:
    """Tell whether a layer computes what ``Dense`` does, not what a subclass has overridden."""
    cls: Any = type(layer)
    return isinstance(layer, Dense) and all(
        getattr(cls, name) is getattr(Dense, name) for name in ("forward_into", "backward_into")
    )
