"""The parser of the command line, and the kinds of values that its options take."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar

from ..registry import suggest

Number = TypeVar("Number", int, float)

Commands = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns


class Parser(argparse.ArgumentParser):
    """A parser that raises its errors, takes no abbreviations and shows examples as they were written."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, **options)  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Raises ValueError instead of printing the usage and ending the process."""
        raise ValueError(message)

    def parse_strictly(self, argv: Sequence[str]) -> argparse.Namespace:
        """Returns the arguments; raises ValueError where one is unknown, with the closest known option."""
        arguments, unknown = self.parse_known_args(argv)
        for text in unknown:
            if text.startswith("--"):
                option = text.partition("=")[0]
                known = set(re.findall(r"--[a-z][a-z-]*", arguments.parser.format_help()))
                raise ValueError(f'Unknown option "{option}". {suggest(option, known)}')
        if unknown:
            raise ValueError(f"Unexpected arguments: {' '.join(unknown)}.")
        return arguments


def examples(*lines: str) -> str:
    """Returns the end of a help text."""
    return "examples:\n" + "\n".join(f"  {line}" for line in lines)


def positive_integer(text: str) -> int:
    """Returns a whole number of at least 1."""
    return _checked(text, int, lambda value: value >= 1, "a whole number of at least 1")


def natural_number(text: str) -> int:
    """Returns a whole number of at least 0."""
    return _checked(text, int, lambda value: value >= 0, "a whole number of at least 0")


def positive_number(text: str) -> float:
    """Returns a finite number above 0."""
    return _checked(text, float, lambda value: 0 < value < math.inf, "a number above 0")


def deviation(text: str) -> float:
    """Returns a finite number of at least 0."""
    return _checked(text, float, lambda value: 0 <= value < math.inf, "a number of at least 0")


def rate(text: str) -> float:
    """Returns a number from 0 to below 1."""
    return _checked(text, float, lambda value: 0 <= value < 1, "a number from 0 to below 1")


def sizes(text: str) -> list[int]:
    """Returns the sizes of layers.

    Example:
        >>> sizes("128,64"), sizes("none")
        ([128, 64], [])
    """
    if text == "none":
        return []
    try:
        return [positive_integer(size) for size in text.split(",")]
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expected the sizes of the hidden layers such as 128,64, or none, got {text!r}"
        ) from None


def names(text: str) -> list[str]:
    """Returns names that commas separate.

    Example:
        >>> names("id, street")
        ['id', 'street']
    """
    return [name.strip() for name in text.split(",") if name.strip()]


def verbosity(text: str) -> int | str:
    """Returns a digit as a number and anything else as it is."""
    return int(text) if text.isdecimal() else text


def _checked(text: str, kind: Callable[[str], Number], fits: Callable[[Number], bool], wanted: str) -> Number:
    try:
        value = kind(text)
    except ValueError:
        value = None
    if value is None or not fits(value):
        raise argparse.ArgumentTypeError(f"expected {wanted}, got {text!r}")
    return value
