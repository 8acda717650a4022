"""What a layer is: parameters, a forward pass and a backward pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

import numpy as np

from .. import config
from ..arena import Arena
from ..backend import Array, backend_of, is_device_array
from ..registry import Configurable, Registry, constructor_arguments, refuse_unknown
from .context import Context
from .names import default_name, is_default_name
from .overriding import take_over
from .weights import WeightOwner
from .weights import set_weights as set_weights

registry: Registry[Layer] = Registry("layer")

Shape = tuple[int | None, ...]  # the first axis, the batch, is None


def _marking_built(build: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Return a ``build`` that leaves the layer built, whoever calls it."""

    @wraps(build)
    def build_and_mark(self: Layer, input_shape: Sequence[int | None]) -> None:
        if self._made_early is None:
            self._made_early = len(self.parameters)
        build(self, tuple(input_shape))
        self.built, self.input_shape = True, tuple(input_shape)

    return build_and_mark


class Layer(WeightOwner, Configurable):
    """A function with parameters that knows how gradients pass through it.

    A layer of your own writes ``forward`` and ``backward`` (and ``build`` if it has parameters,
    ``compute_output_shape`` if it changes the shape); ``gpunet.testing.check_gradients`` tells whether the
    backward pass is right. The built-in layers write ``forward_into`` and ``backward_into``, which work in place
    in buffers that a training program owns.

    Args:
        name: A name that is unique within a model; the snake-case class name, numbered, by default.
        trainable: Whether training may change the parameters.
        input_shape: The shape of one sample, for the first layer of a model (an ``Input`` does the same).
        input_dim: The number of features, as a short form of ``input_shape=(features,)``.

    Raises:
        TypeError: An option that the layer doesn't have; the closest known one is suggested.
        ValueError: A name with a slash, or a shape that isn't made of positive whole numbers.

    Example:
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.scale = self.add_weight(input_shape[1:], "ones", name="scale")
        ...     def forward(self, x, training=False):
        ...         return x * self.scale.value
        ...     def backward(self, x, y, gradient):
        ...         self.scale.gradient[...] = (gradient * x).sum(axis=0)
        ...         return gradient * self.scale.value
        >>> Scale()([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
    """

    def __init__(
        self,
        name: str | None = None,
        trainable: bool = True,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        **unknown: Any,
    ) -> None:
        kind = type(self).__name__
        refuse_unknown(self, Layer, unknown)
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise ValueError(f"{kind}: expected a name without slashes, got {name!r}.")
        if input_dim is not None:
            input_shape = (input_dim,)
        super().__init__(name or default_name(type(self)), trainable)
        self.has_own_name = name is not None
        self.is_known_by_name = False  # to the files of a model that has been built with it
        self.sample_shape = None if input_shape is None else _positive_sizes(kind, input_shape)
        self.input_shape: Shape | None = None
        self.built = False
        self._made_early: int | None = None  # parameters made by the constructor, not by build

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "build" in vars(cls):
            cls.build = _marking_built(cls.build)  # type: ignore[method-assign]
        if cls.__module__.partition(".")[0] != __name__.partition(".")[0]:
            take_over(cls, Layer)

    # -- what a layer of one's own defines ---------------------------------------------------------------------

    @_marking_built
    def build(self, input_shape: Shape) -> None:
        """Make the parameters for inputs of shape ``(None, …)`` with ``add_weight``."""

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of the output, ``(None, …)``."""
        return input_shape

    def forward(self, x: Array, training: bool = False) -> Array:
        """Return the output for a batch ``x``."""
        raise NotImplementedError(f"{type(self).__name__} defines no forward(x, training).")

    def backward(self, x: Array, y: Array, gradient: Array) -> Array:
        """Write the gradients of the parameters and return the gradient with respect to ``x``.

        Args:
            x: The input of the forward pass.
            y: Its output.
            gradient: The gradient of the loss with respect to ``y``.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no backward(x, y, gradient).")

    # -- what a program runs -----------------------------------------------------------------------------------

    def alias(self, x: Array, training: bool) -> Array | None:
        """Return a view of ``x`` that is the output, where there is nothing to compute; else ``None``."""
        return None

    def forward_into(self, context: Context, x: Array, y: Array) -> None:
        """Write the output for ``x`` to ``y``."""
        context.backend.array_functions(self.name)
        self._write("forward", self.forward(x, context.training), y)

    def backward_into(
        self, context: Context, x: Array, y: Array, gradient: Array, x_gradient: Array | None
    ) -> None:
        """Write the gradients; ``gradient`` may be overwritten, ``x_gradient`` is ``None`` where it isn't wanted."""
        context.backend.array_functions(self.name)
        frozen = [parameter for parameter in self.parameters if parameter.gradient is None]
        for parameter in frozen:
            parameter.gradient = context.buffer(self, parameter.name, parameter.shape, context.dtype)
        try:
            result = self.backward(x, y, gradient)
        finally:
            for parameter in frozen:
                parameter.gradient = None
        if x_gradient is not None:
            self._write("backward", result, x_gradient)

    def _write(self, method: str, result: Array, out: Array) -> None:
        shape = getattr(result, "shape", None)
        if shape != out.shape:
            got = repr(result) if shape is None else f"shape {shape}"
            raise ValueError(f"{self.name}: expected {method} to return shape {out.shape}, got {got}.")
        out[...] = result

    def without_activation(self) -> list[Layer] | None:
        """Return layers that compute what comes before this layer's final activation; ``None`` if it has none."""
        return None

    @property
    def has_backward(self) -> bool:
        """Whether a gradient can pass through this layer."""
        own = type(self)
        written = (own.backward, own.backward_into, own.alias)
        return written != (Layer.backward, Layer.backward_into, Layer.alias)

    # -- building ----------------------------------------------------------------------------------------------

    def ensure_built(self, input_shape: Shape) -> Shape:
        """Build for this input shape unless that has been done, and return the output shape.

        Raises:
            ValueError: The layer was built for inputs of another shape, or can't be built for this one.
        """
        if not self.built:
            try:
                self.build(input_shape)
            except BaseException:
                self.unbuild()
                raise
        elif self.parameters and self.input_shape is not None and input_shape[1:] != self.input_shape[1:]:
            raise ValueError(
                f"{self.name}: it was built for inputs of shape {self.input_shape}, got {input_shape}."
            )
        return self.compute_output_shape(input_shape)

    def unbuild(self) -> None:
        """Forget what ``build`` made: the layer can be built anew, for inputs of any shape."""
        if self._made_early is not None:
            del self.parameters[self._made_early :]
        self.built, self.input_shape = False, None

    # -- on its own --------------------------------------------------------------------------------------------

    def __call__(self, x: Any, training: bool = False) -> Array:
        """Return the output for ``x`` (``(rows, …)``), outside any model, as a new array where the parameters live."""
        owner = next((parameter for parameter in self.parameters if parameter.backend is not None), None)
        backend = backend_of(x) if owner is None or owner.backend is None else owner.backend
        dtype = np.dtype(self.parameters[0].dtype if self.parameters else config.floatx())
        x = backend.resident(x if is_device_array(x) else np.asarray(x, dtype), dtype)
        if x.ndim == 0:
            raise ValueError(f"{self.name}: expected a batch (rows, …), got a single number.")
        shape = self.ensure_built((None, *x.shape[1:]))
        if self.parameters and owner is None:
            Arena(backend, self.parameters, self.frozen, dtype)
        with backend.computing(), np.errstate(all="ignore"):
            view = self.alias(x, training)
            if view is not None:
                return backend.xp.array(view)
            if owner is not None and owner.arena is not None:
                backend.refresh(owner.arena)
            y = backend.empty((len(x), *sizes(shape)), dtype)
            self.forward_into(Context.eager(backend, dtype, training), x, y)
            return y

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments, read from the attributes of their names.

        Raises:
            TypeError: A subclass keeps an argument elsewhere and doesn't define ``get_config``.
        """
        shared = constructor_arguments(Layer)
        names = [name for name in constructor_arguments(type(self)) if name not in shared]
        for name in names:
            if not hasattr(self, name):
                raise TypeError(
                    f'{type(self).__name__}: get_config finds no attribute "{name}". Keep the argument in an '
                    "attribute of its name, or define get_config."
                )
        return {
            "name": self.name,
            "trainable": self.trainable,
            **{name: getattr(self, name) for name in names},
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make a layer from what ``get_config`` returned; its constructor needn't take a name."""
        own = dict(config)
        shared = {key: own.pop(key) for key in ("name", "trainable") if key in own}
        layer = cls(**own)
        for key, value in shared.items():
            setattr(layer, key, value)
        layer.has_own_name = not is_default_name(cls, layer.name)
        return layer

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def sizes(shape: Shape) -> tuple[int, ...]:
    """Return the shape of one sample of a built layer's input or output: all of it but the batch."""
    return tuple(int(size or 0) for size in shape[1:])


def is_positive_integer(value: Any) -> bool:
    """Tell whether ``value`` is a whole number above 0 (of Python or NumPy; no boolean)."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and int(value) > 0


def _positive_sizes(owner: str, shape: Any) -> tuple[int, ...]:
    if not isinstance(shape, Sequence) or not all(map(is_positive_integer, shape)):
        raise ValueError(f"{owner}: expected a shape of positive sizes such as (64,), got {shape!r}.")
    return tuple(map(int, shape))
