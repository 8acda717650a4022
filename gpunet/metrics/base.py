"""What a metric is: Keras' stateful protocol, with the state in arrays of the backend."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import config
from ..backend import Array, Backend, get_backend
from ..registry import Configurable, Registry, snake_case

registry: Registry[Metric] = Registry("metric")


class Metric(Configurable):
    """A number that builds up over batches.

    A subclass adds its state with ``add_variable``, changes it in ``update_state`` and computes the number in
    ``result``, with functions of ``self.xp`` that NumPy and CuPy share.

    Args:
        dtype: The float type of results; ``config.floatx()`` by default.
        name: The key in logs and history; the snake-case class name by default.

    Example:
        >>> class Largest(Metric):
        ...     def __init__(self, name="largest", dtype=None):
        ...         super().__init__(name=name, dtype=dtype)
        ...         self.largest = self.add_variable((), "largest", initial=-np.inf)
        ...     def update_state(self, y_true, y_pred, sample_weight=None):
        ...         self.largest = self.xp.maximum(self.largest, self.xp.max(self.xp.asarray(y_pred)))
        ...     def result(self):
        ...         return self.largest
        >>> metric = Largest(); metric.update_state([0, 0], [2.0, 3.0]); float(metric.result())
        3.0
    """

    direction: str | None = None  # where better is, "up" or "down"; callbacks read it

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self._initial: dict[str, float] = {}  # the attributes that are state, and what each starts from
        self._backend = get_backend("numpy")
        self.name = name or snake_case(type(self).__name__)
        self.dtype = str(np.dtype(dtype or config.floatx()))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; the state keeps its arrays, because a recorded step writes to those: values are copied in."""
        state: Array = vars(self).get(name)
        if value is not state and name in vars(self).get("_initial", ()):
            state[...] = value
        else:
            super().__setattr__(name, value)

    @property
    def xp(self) -> Any:
        """The array module that the state lives in."""
        return self._backend.xp

    @property
    def variables(self) -> list[Array]:
        """The state arrays."""
        return [getattr(self, name) for name in self._initial]

    def add_variable(
        self, shape: tuple[int, ...], name: str, initial: float = 0.0, dtype: Any = "float64"
    ) -> Array:
        """Return a new state array, kept in the attribute ``name``.

        Args:
            shape: Its shape, ``()`` for a number.
            name: The attribute; values assigned to it are copied into the array.
            initial: What it starts from, now and after ``reset_state``.
            dtype: Its type; sums are kept in float64 whatever the type of results.
        """
        state = self._backend.empty(shape, dtype)
        state.fill(initial)
        vars(self)[name] = state
        self._initial[name] = initial
        return state

    def to(self, backend: Backend) -> None:
        """Move the state, and any other array that is an attribute, to a backend; compiling a model does that.

        On the same backend all arrays stay where they are: recorded steps of other models may write to them.
        """
        if backend is self._backend:
            return
        arrays = {name: value for name, value in vars(self).items() if isinstance(value, self.xp.ndarray)}
        for name, value in arrays.items():
            moved = backend.empty(value.shape, value.dtype)
            backend.upload(self._backend.download(value), moved)
            vars(self)[name] = moved
        self._backend = backend

    def reset_state(self) -> None:
        """Start again."""
        for name, initial in self._initial.items():
            getattr(self, name).fill(initial)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in one batch: ``(y_true, y_pred, sample_weight=None)``."""
        raise NotImplementedError(f"{type(self).__name__} defines no update_state(y_true, y_pred).")

    def result(self) -> Any:
        """Return the number so far."""
        raise NotImplementedError(f"{type(self).__name__} defines no result().")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in one batch and return the number so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments."""
        return {"name": self.name, "dtype": self.dtype}
