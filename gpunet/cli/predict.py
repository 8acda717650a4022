"""`gpunet predict`: a saved model's answers for the rows of a CSV file."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from ..datasets import TableEncoder
from .arguments import Commands, Parser, examples
from .trained import Trained, check_output


def add_to(commands: Commands[Parser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "predict",
        help="use a saved model: CSV in, CSV out",
        description="Writes a saved model's answer for each row of a CSV file: the class and the probability of each\n"
        "class, or the value in the target's own units.",
        epilog=examples(
            "gpunet predict flowers.safetensors new.csv",
            "gpunet predict flowers.safetensors new.csv --out predictions.csv",
        ),
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("model", metavar="MODEL", help="a file that gpunet train saved")
    parser.add_argument(
        "csv", metavar="CSV",
        help="the model's columns, in any order; further ones are ignored. The columns of a set by name are "
        "x1,x2, lectures,hours, or pixel_0,pixel_1,...; a file of numbers without a header holds them in this order",
    )  # fmt: skip
    parser.add_argument("--out", metavar="PATH", help="where to write; the standard output if not given")


def run(arguments: argparse.Namespace) -> int:
    """Writes a header and a line a row; all answers are there before the first is written."""
    if arguments.out is not None:
        check_output(Path(arguments.out), arguments.model, arguments.csv)
    trained = Trained.load(arguments.model)
    x = trained.encoder.transform(trained.read(arguments.csv))
    header, rows = answers(trained.encoder, trained.model.predict(x, verbose=0))
    if arguments.out is None:
        _write(sys.stdout, header, rows)
    else:
        with open(arguments.out, "w", encoding="utf-8", newline="") as file:
            _write(file, header, rows)
        print(f"wrote {len(rows)} predictions to {arguments.out}")
    return 0


def answers(encoder: TableEncoder, outputs: NDArray[np.float32]) -> tuple[list[str], list[list[str]]]:
    """Returns a header and rows of text for the outputs of a network.

    Args:
        encoder: Knows the target.
        outputs: (rows, classes) probabilities, (rows, 1) the probability of the second of two classes, or (rows, 1)
            scaled values.

    Example:
        >>> from gpunet.datasets import Table
        >>> table = Table({"kg": ["4", "25"], "pet": ["cat", "dog"]})
        >>> answers(TableEncoder.fit(table, target="pet"), np.array([[0.75]]))
        (['pet', 'pet=cat', 'pet=dog'], [['dog', '0.25', '0.75']])
    """
    target = encoder.target
    if encoder.task == "regression":
        values = np.asarray(encoder.decode_target(outputs[:, 0]))
        return [target.name], [[_number(value)] for value in values]
    shares = outputs.astype(np.float64)
    if encoder.task == "binary":
        shares = np.concatenate([1.0 - shares, shares], axis=1)
    classes = encoder.decode_target(shares.argmax(axis=1))
    rows = [[str(name), *map(_number, row)] for name, row in zip(classes, shares, strict=True)]
    return [target.name, *target.feature_names], rows


def _number(value: float) -> str:
    return f"{value:.9g}"  # nine digits tell any two float32 numbers apart


def _write(file: TextIO, header: list[str], rows: Iterable[list[str]]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
