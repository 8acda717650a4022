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
    """Let the passes that a class writes be those that run.

    ``forward`` and ``backward`` replace the in-place forms of the class above. In-place forms are announced to the backend:
    they are Python code, of which it knows nothing. Shortcuts around a pass that has been overridden are no longer taken.

    Args:
        cls: The class.
        root: ``Layer``.
    """
    written = vars(cls)
    overridden = [name for name in PASSES if name in written or f"{name}_into" in written]
    for name in overridden:
        into = f"{name}_into"
        setattr(cls, into, _announced(written[into]) if into in written else getattr(root, into))
    for name in SHORTCUTS if overridden else ():
        if name not in written:
            setattr(cls, name, getattr(root, name))


def _announced(method: Callable[..., None]) -> Callable[..., None]:
    @wraps(method)
    def announce_and_run(self: Layer, context: Any, *arguments: Any, **options: Any) -> None:
        context.backend.array_functions(self.name)
        method(self, context, *arguments, **options)

    return announce_and_run
