"""The command `gpunet`: its parser, and what becomes of errors."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from .._version import __version__
from ..registry import suggest
from . import doctor, evaluate, gallery, predict, summary, train
from .arguments import Parser, examples

COMMANDS = (train, evaluate, predict, summary, gallery, doctor)

# Their messages were written for people; any other exception is shown with its type.
_EXPLAINED = (ValueError, TypeError, OSError, RuntimeError, MemoryError, ImportError)
_FAILED, _INTERRUPTED, _PIPE_CLOSED = 2, 130, 141  # the latter two: 128 + the signal, as shells count


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code.

    Args:
        argv: The arguments without the program's name; those of the process if not given.

    Returns:
        0, or 2 after an error (one line on stderr), 130 after Ctrl-C, 141 where nobody reads the output any more.
    """
    try:
        code = _run(sys.argv[1:] if argv is None else argv)
        sys.stdout.flush()
    except BrokenPipeError:
        code = _PIPE_CLOSED
    except KeyboardInterrupt:
        code = _complain("interrupted", _INTERRUPTED)
    except Exception as error:
        code = _complain(f"error: {_in_one_line(error)}", _FAILED)
    _drop_unwritable_output()
    return code


def _run(argv: Sequence[str]) -> int:
    parser = make_parser()
    commands = [module.__name__.rpartition(".")[2] for module in COMMANDS]
    if argv and not argv[0].startswith("-") and argv[0] not in commands:
        raise ValueError(f'Unknown command "{argv[0]}". {suggest(argv[0], commands)}')
    try:
        arguments = parser.parse_strictly(argv)
    except SystemExit:  # after --help and --version
        return 0
    code: int = arguments.run(arguments)
    return code


def make_parser() -> Parser:
    """Returns the parser of the whole command line."""
    parser = Parser(
        prog="gpunet",
        description="Trains neural networks, and uses those that it trained.",
        epilog=examples(
            "gpunet train digits",
            "gpunet train flowers.csv --target species",
            "gpunet predict flowers.safetensors new.csv --out predictions.csv",
            "gpunet COMMAND --help",
        ),
    )
    parser.add_argument("--version", action="version", version=f"gpunet {__version__}")
    parser.set_defaults(run=_print_help, parser=parser)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for module in COMMANDS:
        module.add_to(commands)
    return parser


def _print_help(arguments: argparse.Namespace) -> int:
    arguments.parser.print_help()
    return 0


def _complain(message: str, code: int) -> int:
    print(f"gpunet: {message}", file=sys.stderr)
    return code


def _in_one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror is not None and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    message = str(error) if isinstance(error, _EXPLAINED) else ""
    return " ".join(message.split()) or repr(error)


def _drop_unwritable_output() -> None:
    """Sends what could not be written nowhere; Python would complain about it at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
