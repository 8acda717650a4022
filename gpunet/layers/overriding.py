"""What happens where a class outside of gpunet overrides what a built-in layer computes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Layer

PASSES = "forward", "backward"
SHORTCUTS = "alias", "without_activation"  # ways around a pass


def take_over(cls: type[Layer], root: type[Layer]) -> None:
    """Let the passes that a class writes, or that are mixed into it, be those that run.

    ``forward`` and ``backward`` replace the in-place forms of the class above. A class with a ``forward`` of its own alone has
    no backward pass: that of the class above belongs to another function. In-place forms are announced to the backend: they are
    Python code, of which it knows nothing. Shortcuts around a pass that has been overridden are no longer taken.

    Args:
        cls: The class.
        root: ``Layer``.
    """
    for name in PASSES:
        into = f"{name}_into"
        if _place(cls, name) < _place(cls, into):
            setattr(cls, into, getattr(root, into))
        elif into in vars(cls):
            setattr(cls, into, _announced(vars(cls)[into]))
    if _place(cls, "forward") < min(_place(cls, "backward"), _place(cls, "backward_into")):
        cls.backward_into = root.backward_into  # type: ignore[method-assign]
    written = min(_place(cls, name) for name in (*PASSES, *(f"{name}_into" for name in PASSES)))
    for name in SHORTCUTS:
        if written < _place(cls, name):
            setattr(cls, name, getattr(root, name))


def _place(cls: type[Layer], name: str) -> int:
    """Return how far above a class an attribute is defined: 0 is in the class itself."""
    return next(place for place, one in enumerate(cls.__mro__) if name in vars(one))


def _announced(method: Callable[..., None]) -> Callable[..., None]:
    @wraps(method)
    def announce_and_run(self: Layer, context: Any, *arguments: Any, **options: Any) -> None:
        context.backend.array_functions(self.name)
        method(self, context, *arguments, **options)

    return announce_and_run
