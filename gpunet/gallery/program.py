"""The programs of the gallery: every module of this folder that has a ``draw`` and a ``PLACE`` in the lecture."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import gpunet

from ..plots.canvas import library


class MissingDataError(RuntimeError):
    """A program needs data that don't come along; the message says where to get them."""


class Program(NamedTuple):
    """A program of the gallery.

    Attributes:
        name: The module's, and the picture's.
        title: The first line of its docstring.
        text: The rest of it, a paragraph or two.
        source: The program without its docstring.
    """

    name: str
    title: str
    text: str
    source: str

    def draw(self) -> Any:
        """Run it, always from the same seed; return the figure.

        Raises:
            MissingDataError: It needs data that aren't here.
            ImportError: matplotlib is missing.
        """
        library("gallery", "matplotlib")
        gpunet.set_random_seed(0)
        return import_module(f"{__package__}.{self.name}").draw()


def programs() -> list[Program]:
    """Return all of them in the order of the lecture, without running any."""
    found = []
    for path in Path(__file__).parent.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        place = re.search(r"^PLACE = (\d+)$", source, re.MULTILINE)
        if place is not None:
            _, docstring, code = source.split('"""', 2)
            title, _, text = inspect.cleandoc(docstring).partition("\n")
            found.append((int(place[1]), Program(path.stem, title, text.strip(), code.strip())))
    return [program for _, program in sorted(found)]


def show(figure: Any, name: str) -> None:
    """Show a figure in a window, or write it to ``name.png`` where there is no screen."""
    if figure.canvas.required_interactive_framework is not None:
        library("gallery", "matplotlib.pyplot").show()
    else:
        figure.savefig(f"{name}.png", dpi=120)
        print(f"{name}.png")
