"""One registry a family: from a name, a dictionary or an object to the object, and back to a dictionary."""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# The custom objects of the description that is being read: what it contains (the activation of a layer) needs them, too.
_custom_objects: ContextVar[Mapping[str, Any] | None] = ContextVar("custom_objects", default=None)


def suggest(name: str, known: Iterable[str]) -> str:
    """Return the sentence that ends an error about an unknown name; of two spellings it lists the lower-case one.

    Example:
        >>> suggest("sigmod", ["relu", "sigmoid"])
        'Did you mean "sigmoid"? Known: relu, sigmoid.'
    """
    names = sorted(known)
    folded = {name.lower(): name for name in names}
    close = difflib.get_close_matches(name.lower(), folded, n=1)
    hint = f'Did you mean "{folded[close[0]]}"? ' if close else ""
    plain = {_folded(name) for name in names if name == name.lower()}
    short = [name for name in names if name == name.lower() or _folded(name) not in plain]
    return f"{hint}Known: {', '.join(short)}."


def _folded(name: str) -> str:
    return name.lower().replace("_", "")  # mean_squared_error and MeanSquaredError are one


def snake_case(name: str) -> str:
    """Return a class name as Keras writes it in logs and paths.

    Example:
        >>> snake_case("KLDivergence"), snake_case("LeakyReLU"), snake_case("F1Score")
        ('kl_divergence', 'leaky_re_lu', 'f1_score')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z0-9])(?=[A-Z][a-z])", "_", name).lower()


def constructor_arguments(kind: type) -> list[str]:
    """Return the names of the arguments of a class' constructor; ``*args`` and ``**kwargs`` are none.

    Example:
        >>> constructor_arguments(Registry)
        ['family']
    """
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]  # type: ignore[misc]
    return [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]


def refuse_unknown(owner: object, shared: type, unknown: Iterable[str]) -> None:
    """Refuse options that a constructor doesn't have.

    Args:
        owner: The object that is being made.
        shared: The class whose constructor the options ended up at; those of ``owner`` are known, too.
        unknown: Their names; usually there are none.

    Raises:
        TypeError: There is one; the closest known one is suggested.
    """
    for option in unknown:
        known = {*constructor_arguments(type(owner)), *constructor_arguments(shared)}
        raise TypeError(f'{type(owner).__name__}: unknown option "{option}". {suggest(option, known)}')


class Registry(Generic[T]):
    """The named members of one family (losses, optimizers, …).

    Args:
        family: What the members are, for error messages: ``"loss"``.

    Example:
        >>> shapes = Registry[object]("shape")
        >>> @shapes.register("square")
        ... class Square: ...
        >>> type(shapes.get("square")).__name__
        'Square'
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self._members: dict[str, Callable[..., T]] = {}
        self._names: dict[Any, str] = {}

    def register(self, *names: str) -> Callable[[Any], Any]:
        """Register a class or a ready object under its own name and under further ones.

        Raises:
            ValueError: One of the names is taken.
        """

        def add(member: Any) -> Any:
            known_as = [member.__name__, *names] if isinstance(member, type) else list(names)
            for name in known_as:
                if name in self._members:
                    raise ValueError(f'{self.family}: the name "{name}" is taken by {self._members[name]!r}.')
            for name in known_as:
                self._members[name] = member
            self._names[member if isinstance(member, type) else id(member)] = known_as[0]
            return member

        return add

    def names(self) -> list[str]:
        """Return every name that ``get`` understands, sorted."""
        return sorted(self._members)

    def get(self, identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the member that ``identifier`` stands for.

        Args:
            identifier: ``None`` (returned as it is), a name, a dictionary made by ``serialize``, a class (an
                instance with its defaults is made), or any other object (returned as it is).
            custom_objects: Names of the caller's own, looked up before the registered ones.

        Raises:
            ValueError: The name is unknown; the closest known one is suggested.
        """
        if isinstance(identifier, str):
            return self._made(self._lookup(identifier, custom_objects))
        if isinstance(identifier, Mapping):
            return self.deserialize(identifier, custom_objects)
        return self._made(identifier)

    def serialize(self, member: Any) -> Any:
        """Return the JSON-able description of ``member``: a name, or ``{"class_name", "config"}``."""
        if member is None or isinstance(member, str):
            return member
        if id(member) in self._names:
            return self._names[id(member)]
        if hasattr(member, "get_config"):
            return {"class_name": type(member).__name__, "config": member.get_config()}
        return getattr(member, "__name__", type(member).__name__)

    def deserialize(self, config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Return the member that ``serialize`` described.

        Args:
            config: A name, or a dictionary ``{"class_name", "config"}``.
            custom_objects: Names of the caller's own, for the member and for what its configuration contains.

        Raises:
            ValueError: A name is unknown, or the dictionary has no class name.
        """
        if isinstance(config, Mapping) and "class_name" not in config:
            raise ValueError(f'{self.family}: expected a dictionary with "class_name", got {dict(config)!r}.')
        token = _custom_objects.set({**(_custom_objects.get() or {}), **(custom_objects or {})})
        try:
            if not isinstance(config, Mapping):
                return self.get(config)
            made_by = self._lookup(config["class_name"], None)
            return made_by.from_config(dict(config.get("config") or {}))
        finally:
            _custom_objects.reset(token)

    def _lookup(self, name: str, custom_objects: Mapping[str, Any] | None) -> Any:
        described = _custom_objects.get()
        for known in (custom_objects, described):
            if known and name in known:
                return known[name]
        if name not in self._members:
            # Who reads a description may not know what is missing; who wrote the name himself does.
            own = f' One of your own is given as custom_objects={{"{name}": {name}}}.'
            hint = "" if described is None else own
            raise ValueError(f'Unknown {self.family} "{name}". {suggest(name, self._members)}{hint}')
        return self._members[name]

    @staticmethod
    def _made(member: Any) -> Any:
        return member() if isinstance(member, type) else member


class Configurable:
    """An object that a dictionary of constructor arguments describes."""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor arguments that make an equal object (JSON-able)."""
        return {}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """Make an object from what ``get_config`` returned."""
        return cls(**config)
