"""Functions as a callback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..registry import suggest
from .base import HOOKS, Callback

Hook = Callable[..., Any]


class LambdaCallback(Callback):
    """Calls functions at the points of a run that they are named after.

    Args:
        on_epoch_begin, on_epoch_end: ``f(epoch, logs)``.
        on_train_begin, on_train_end: ``f(logs)``.
        on_train_batch_begin, on_train_batch_end: ``f(batch, logs)``.
        **hooks: Any other hook of ``Callback``, such as ``on_test_end``.

    Raises:
        TypeError: There is no such hook (the closest one is suggested), or what is given can't be called.

    Example:
        >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))
        >>> callback.on_epoch_end(0, {"loss": 0.5})
        0 0.5
    """

    def __init__(
        self,
        on_epoch_begin: Hook | None = None,
        on_epoch_end: Hook | None = None,
        on_train_begin: Hook | None = None,
        on_train_end: Hook | None = None,
        on_train_batch_begin: Hook | None = None,
        on_train_batch_end: Hook | None = None,
        **hooks: Hook | None,
    ) -> None:
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **hooks,
        }
        for name, function in given.items():
            if name not in HOOKS:
                raise TypeError(f'LambdaCallback: unknown hook "{name}". {suggest(name, HOOKS)}')
            if function is not None and not callable(function):
                raise TypeError(f"LambdaCallback: expected a function as {name}, got {function!r}.")
        self.__dict__.update({name: function for name, function in given.items() if function is not None})
