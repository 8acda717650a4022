"""The data sets by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from . import boundaries, course, csv, digits, fashion_mnist, gates, shapes
from .points import Points
from .split import hold_out_quarter
from .table import did_you_mean

Part = tuple[NDArray[Any], NDArray[Any]]

_FILES: dict[str, Callable[..., Any]] = {
    "digits": digits.load_data,
    "fashion_mnist": fashion_mnist.load_data,
    "csv": csv.load_csv,
}
_GENERATED: dict[str, Callable[..., Points]] = {
    "xor": gates.xor,
    "and": gates.and_,
    "or": gates.or_,
    "clouds": shapes.clouds,
    "circles": shapes.circles,
    "moons": shapes.moons,
    "spirals": shapes.spirals,
    "regions": boundaries.regions,
    "students": course.students,
}


def names() -> list[str]:
    """Returns the names that `load` knows.

    Example:
        >>> "digits" in names()
        True
    """
    return [*_FILES, *_GENERATED]


def options(name: str) -> list[str]:
    """Returns the names of the options that `load` takes for a data set.

    Raises:
        ValueError: if the set's name is not known.

    Example:
        >>> options("moons")
        ['samples', 'noise', 'seed']
    """
    return list(inspect.signature(_function(name)).parameters)


def load(name: str, **options: Any) -> tuple[Part, Part]:
    """Returns a data set by its name, as training and test data.

    A generated set has a quarter of its points, of each class, held out. The gates without noise have nothing
    to hold out: their truth table is both what is trained on and what is tested on.

    Args:
        name: one of `names()`.
        options: what the set's own function takes, such as `noise` and `seed` for "moons", `folder` for
            "fashion_mnist", `path` and `target` for "csv".

    Returns:
        `(x_train, y_train), (x_test, y_test)`, with the shapes and dtypes of the set's own function.

    Raises:
        ValueError: if the name is not known, an option is unknown, missing or out of range, or a file is
            damaged.
        FileNotFoundError: if a file is missing.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load("moons", samples=200, noise=0.1)
        >>> x_train.shape, x_test.shape
        ((150, 2), (50, 2))
    """
    function = _function(name)
    signature = inspect.signature(function)
    try:
        signature.bind(**options)
    except TypeError as error:
        known = ", ".join(signature.parameters) or "none"
        raise ValueError(f"data set {name!r}: {error}; its options are: {known}") from error
    if name in _FILES:
        train, test = function(**options)[:2]
        return train, test
    x, y = function(**options)
    if function in (gates.xor, gates.and_, gates.or_) and not options.get("noise"):
        return (x, y), (x.copy(), y.copy())
    kept, held_out = hold_out_quarter(y)
    return (x[kept], y[kept]), (x[held_out], y[held_out])


def _function(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] | None = _FILES.get(name) or _GENERATED.get(name)
    if function is None:
        raise ValueError(
            f"unknown data set {name!r}{did_you_mean(name, names())}; the known ones are {', '.join(names())}"
        )
    return function
