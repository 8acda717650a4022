"""A stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .. import config
from .. import layers as layer_family
from ..backend import Backend
from ..layers import Input, Layer
from ..layers.base import is_positive_integer, sizes
from ..layers.names import default_name
from .model import Model
from .summary import table


class Sequential(Model):
    """Layers one after another.

    The parameters are made when the input shape is known: at once if the first layer tells it (an ``Input`` layer,
    or ``input_shape=``), else at the first ``fit`` or ``build``. A model among the layers stands for its layers; default
    names that clash are numbered anew, in that model, too.

    Args:
        layers: The layers, or models of them, first to last.
        name: A name for summaries and files.
        backend: Where it computes: ``"numpy"``, ``"cupy"``, a backend object; ``None`` takes the process' default.
        dtype_policy: In which precision, see ``config.set_dtype_policy``; ``None`` takes the process' default.

    Raises:
        TypeError: Something is no layer.
        ValueError: Two layers were given the same name, or have it in models built before; or the policy is unknown.

    Example:
        >>> import gpunet
        >>> model = Sequential([gpunet.layers.Input(shape=(4,)), gpunet.layers.Dense(3, activation="softmax")])
        >>> model.count_params()
        15
        >>> model.predict([[0.0, 0.0, 0.0, 0.0]], verbose=0).shape
        (1, 3)
    """

    def __init__(
        self,
        layers: Sequence[Layer] | None = None,
        name: str | None = None,
        backend: str | Backend | None = None,
        dtype_policy: str | None = None,
    ) -> None:
        super().__init__(name, backend, dtype_policy)
        self._given_shape: tuple[int, ...] | None = None
        if not isinstance(layers, Iterable | None):
            raise TypeError(f"Sequential: expected a list of layers, got {layers!r}.")
        given = list(layers or ())
        with _names_back_on_failure(given):
            for layer in given:
                self._append(layer)
            self._build_if_possible()

    def add(self, layer: Layer) -> None:
        """Add a layer at the end.

        Raises:
            TypeError: It is no layer.
            ValueError: Its name is taken, or it doesn't fit the layers before it.
        """
        before = {**vars(self), "layers": list(self.layers)}
        try:
            with _names_back_on_failure([*self.layers, layer]):
                self._append(layer)
                self._changed()
        except BaseException:
            vars(self).update(before)
            raise

    def pop(self) -> Layer:
        """Remove the last layer and return it.

        Raises:
            ValueError: There is none.
        """
        if not self.layers:
            raise ValueError("pop: the model has no layers.")
        layer = self.layers.pop()
        if not self.layers and layer.sample_shape is not None:
            self._given_shape = None
        self._changed()
        return layer

    def build(self, input_shape: Sequence[int | None] | None = None) -> None:
        """Make the parameters of all layers.

        Args:
            input_shape: ``(None, features)``; not needed where the first layer tells it.

        Raises:
            ValueError: The shape is unknown, or a layer can't take it; nothing is built then.
        """
        if input_shape is None:
            if self._given_shape is None:
                raise ValueError("build: expected an input_shape such as (None, 64); no layer tells it.")
            input_shape = (None, *self._given_shape)
        known = isinstance(input_shape, Sequence) and all(map(is_positive_integer, input_shape[1:]))
        if not known or len(input_shape) < 2:
            raise ValueError(f"build: expected an input_shape such as (None, 64), got {input_shape!r}.")
        shape: Any = (None, *sizes(tuple(input_shape)))
        if not self.layers:
            raise ValueError("build: the model has no layers; add some first.")
        self._tell_apart()
        unbuilt = [layer for layer in self.layers if not layer.built]
        self.input_shape = shape
        try:
            with config.floatx_of(self.precision):
                for layer in self.layers:
                    shape = layer.ensure_built(shape)
        except BaseException:
            for layer in unbuilt:
                layer.unbuild()
            raise
        self.output_shape = shape
        for layer in self.layers:
            layer.is_known_by_name = True
        self.built = True

    def summary(self, print_fn: Any = print) -> None:
        """Print a table: layer, output shape, parameters, memory."""
        print_fn(table(self))

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return a layer by its name or its index.

        Raises:
            ValueError: There is none.
        """
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(f"No layer {index}: the model has {len(self.layers)}.")
            return self.layers[index]
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f'No layer "{name}". Layers: {", ".join(layer.name for layer in self.layers)}.')

    # -- structure ---------------------------------------------------------------------------------------------

    def _append(self, layer: Any) -> None:
        if isinstance(layer, Sequential):
            if not self.layers and self._given_shape is None:
                self._given_shape = layer._given_shape
            for part in layer.layers:
                if not part.has_own_name and part.name in {own.name for own in self.layers}:
                    _number(part, {one.name for one in (*self.layers, *layer.layers)})
                self._append(part)
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"Sequential: expected a layer, got {layer!r}.")
        if not self.layers and layer.sample_shape is not None and self._given_shape is None:
            self._given_shape = layer.sample_shape
        if isinstance(layer, Input):
            if self.layers:
                raise ValueError("Sequential: an Input layer can only be the first.")
            return
        if layer in self.layers:
            raise ValueError(
                f'Sequential: the layer "{layer.name}" is in the model already; make another one.'
            )
        self.layers.append(layer)
        self._tell_apart()

    def _tell_apart(self) -> None:
        """Number the names that layers have by default; the layers of a built model keep those that its files know."""
        taken: set[str] = set()
        for layer in sorted(self.layers, key=lambda one: not (one.has_own_name or one.is_known_by_name)):
            if layer.name in taken:
                if layer.has_own_name or layer.is_known_by_name:
                    raise ValueError(
                        f'Sequential: there is a layer "{layer.name}" already; every layer needs its own name: set '
                        "another one with layer.name = …"
                    )
                _number(layer, taken)
            taken.add(layer.name)

    def _changed(self) -> None:
        shape = self.input_shape if self.built else None
        self.built, self._arena = False, None
        if self.layers and shape is not None:
            self.build(shape)
        else:
            self._build_if_possible()

    def _build_if_possible(self) -> None:
        if self.layers and self._given_shape is not None:
            self.build()

    # -- configuration -----------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return name, layers and input shape (JSON-able); not the weights."""
        shape = self.input_shape[1:] if self.built else self._given_shape
        return {
            "name": self.name,
            "dtype_policy": self.dtype_policy,
            "input_shape": None if shape is None else list(shape),
            "layers": [layer_family.serialize(layer) for layer in self.layers],
        }

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Sequential:
        """Make a model of the same layers with fresh weights.

        Args:
            config: What ``get_config`` returned.
            custom_objects: Layers of one's own, by their class names.
        """
        layers = [layer_family.deserialize(layer, custom_objects) for layer in config["layers"]]
        shape = config.get("input_shape")
        return cls(
            [*([Input(shape=shape)] if shape is not None else []), *layers],
            name=config.get("name"),
            dtype_policy=config.get("dtype_policy"),
        )

    def __repr__(self) -> str:
        return f"<Sequential {self.name}: {', '.join(layer.name for layer in self.layers)}>"


@contextmanager
def _names_back_on_failure(given: Sequence[Any]) -> Iterator[None]:
    layers = [part for one in given for part in getattr(one, "layers", [one]) if isinstance(part, Layer)]
    before = [(layer, layer.name, layer.has_own_name) for layer in layers]
    try:
        yield
    except BaseException:
        for layer, name, has_own_name in before:
            layer.name, layer.has_own_name = name, has_own_name
        raise


def _number(layer: Layer, taken: set[str]) -> None:
    """Give a layer the first of the names ``dense_1``, ``dense_2`` and so on that isn't taken."""
    names = (default_name(type(layer), number) for number in range(1, len(taken) + 2))
    layer.name = next(name for name in names if name not in taken)
    layer.has_own_name = False
