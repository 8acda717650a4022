"""`gpunet gallery`: the lecture in pictures, and a page that shows them."""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from ..gallery.data import VARIABLE
from ..gallery.page import page
from ..gallery.program import MissingDataError, Program, programs
from ..plots.canvas import library
from ..registry import suggest
from .arguments import Commands, Parser, examples

RESOLUTION = 110  # dots an inch


def add_to(commands: Commands[Parser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "gallery",
        help="draw the lecture's pictures from real trainings",
        description="Trains what each picture of the lecture shows, draws it, and writes PNGs and a page of all of them.",
        epilog=examples(
            "gpunet gallery --out pictures", "gpunet gallery xor landscape", "gpunet gallery --list"
        ),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which pictures; by default all of them")
    parser.add_argument(
        "--out", default="gallery", metavar="FOLDER", help="where to write them (default: gallery)"
    )
    parser.add_argument(
        "--data",
        metavar="FOLDER",
        help="where the four files of Fashion-MNIST and faces.npz are, if anywhere",
    )
    parser.add_argument("--list", action="store_true", help="only say which pictures there are")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Draws the pictures, says what was left out, and writes the page of all that the folder has.

    The exit status is 1 where a picture that was asked for was left out.
    """
    chosen = _chosen(arguments.names)
    if arguments.list:
        for program in chosen:
            print(f"{program.name:<16} {program.title}")
        return 0
    if arguments.data is not None:
        if not Path(arguments.data).is_dir():
            raise ValueError(f"--data: there is no folder {arguments.data}.")
        os.environ[VARIABLE] = arguments.data
    library("gallery", "matplotlib").use("Agg")
    folder = Path(arguments.out)
    folder.mkdir(parents=True, exist_ok=True)
    left_out: dict[str, str] = {}
    bar = tqdm(chosen, unit="picture", disable=None)
    for program in bar:
        bar.set_postfix_str(program.name)
        try:
            _write(folder / f"{program.name}.png", _drawn(program))
        except MissingDataError as error:
            left_out[program.name] = str(error)
            tqdm.write(f"left out: {program.name}: {error}")
        else:
            tqdm.write(str(folder / f"{program.name}.png"))
    pictures = list(_pictures(folder))
    if pictures:
        _write(folder / "index.html", page(pictures, left_out).encode("utf-8"))
        print(f"{len(pictures)} picture{'s' * (len(pictures) != 1)}, shown by {folder / 'index.html'}")
    return 1 if arguments.names and left_out else 0


def _pictures(folder: Path) -> Iterator[tuple[Program, bytes]]:
    """Yields what the folder has, also of earlier runs."""
    for program in programs():
        path = folder / f"{program.name}.png"
        if path.is_file():
            yield program, path.read_bytes()


def _chosen(names: Sequence[str]) -> list[Program]:
    known = {program.name: program for program in programs()}
    for name in names:
        if name not in known:
            raise ValueError(f'Unknown picture "{name}". {suggest(name, known)}')
    return [known[name] for name in dict.fromkeys(names) or known]


def _drawn(program: Program) -> bytes:
    figure, file = program.draw(), io.BytesIO()
    figure.savefig(file, format="png", dpi=RESOLUTION)
    library("gallery", "matplotlib.pyplot").close(figure)
    return file.getvalue()


def _write(path: Path, contents: bytes) -> None:
    """Writes a file that is whole at every moment."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_bytes(contents)
    os.replace(unfinished, path)
