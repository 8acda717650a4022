"""A parameter: a named array that a layer owns, with the gradient of the loss with respect to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .backend import Array, Backend, backend_of

if TYPE_CHECKING:
    from .arena import Arena


class Parameter:
    """A weight of a layer.

    Args:
        name: The name within its layer: ``"kernel"``.
        value: The initial value, on the host.
        trainable: Whether an optimizer may change it. State such as a moving mean is not trainable.
        regularizer: The penalty on this parameter, or ``None``.

    Attributes:
        path: ``"layer/name"``, set by the layer.
        value: The current value. Once the parameter is in an arena, a view into its flat buffer.
        operand: What products read: ``value``, or under a mixed precision its copy in 16 bits.
        gradient: The gradient of the loss, shaped like ``value``; ``None`` where nothing is trained.
        backend: Who owns ``value``; ``None`` before the parameter is in an arena.
    """

    def __init__(
        self, name: str, value: np.ndarray[Any, Any], trainable: bool = True, regularizer: Any = None
    ) -> None:
        self.name = self.path = name
        self.value = self.operand = value
        self.gradient: Array = None
        self.trainable = trainable
        self.regularizer = regularizer
        self.arena: Arena | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    @property
    def dtype(self) -> Any:
        return self.value.dtype

    @property
    def size(self) -> int:
        return int(self.value.size)

    @property
    def backend(self) -> Backend | None:
        return self.arena.backend if self.arena is not None else None

    def numpy(self) -> np.ndarray[Any, Any]:
        """Return a copy of the value on the host."""
        return self.backend.download(self.value) if self.backend is not None else np.array(self.value)

    def assign(self, value: Any) -> None:
        """Overwrite the value in place.

        Raises:
            ValueError: The shape differs, or there is something else than real numbers.
        """
        value = numbers(value, self.shape, self.path)
        if self.backend is not None:
            self.backend.upload(value, self.value)
        else:
            self.value[...] = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False:
            raise ValueError(f"{self.path}: the value can't be had as an array without a copy; use numpy().")
        return self.numpy().astype(dtype or self.dtype, copy=False)

    def __getstate__(self) -> dict[str, Any]:
        # In an arena both are views; the copy of the arena gives the copy its own.
        views = () if self.arena is None else ("value", "operand", "gradient")
        return {name: value for name, value in vars(self).items() if name not in views}

    def __repr__(self) -> str:
        return f"<Parameter {self.path}, shape={self.shape}, dtype={self.dtype}, trainable={self.trainable}>"


def numbers(value: Any, shape: tuple[int, ...], what: str) -> Array:
    """Return ``value`` as an array, which can be assigned to one of this shape.

    Args:
        value: An array of the host or of a device, which stays there, or anything that NumPy makes an array of.
        shape: What it has to have.
        what: Its name in error messages.

    Raises:
        ValueError: Another shape, or something else than real numbers.

    Example:
        >>> numbers([[1, 2]], (1, 2), "dense/kernel").tolist()
        [[1, 2]]
    """
    try:
        array = backend_of(value).xp.asarray(value)
    except ValueError as error:
        raise ValueError(f"{what}: expected an array of shape {shape}, got no array ({error}).") from error
    if tuple(array.shape) != shape:
        raise ValueError(f"{what}: expected shape {shape}, got {tuple(array.shape)}.")
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{what}: expected real numbers, got dtype {array.dtype}.")
    return array
