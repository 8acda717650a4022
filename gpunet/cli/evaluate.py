"""`gpunet evaluate`: how good a saved model is."""

from __future__ import annotations

import argparse

from . import data
from .arguments import Commands, Parser, examples
from .trained import Trained


def add_to(commands: Commands[Parser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "evaluate",
        help="test a saved model",
        description="Tests a saved model on the part of its own data that was held out, or on all rows of a CSV file.",
        epilog=examples(
            "gpunet evaluate digits.safetensors",
            "gpunet evaluate flowers.safetensors more-flowers.csv",
        ),
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("model", metavar="MODEL", help="a file that gpunet train saved")
    parser.add_argument(
        "csv", metavar="CSV", nargs="?", help="the model's columns and its target, in any order"
    )


def run(arguments: argparse.Namespace) -> int:
    """Prints the loss and what else is measured."""
    trained = Trained.load(arguments.model)
    if arguments.csv is None:
        x, y = data.load(trained.source).test
        what = f"{trained.source.name}, test part"
    else:
        table = trained.read(arguments.csv)
        x, y = trained.encoder.transform(table), trained.encoder.transform_target(table)
        what = str(arguments.csv)
    print(f"{what}, {len(x)} rows: {trained.in_words(trained.scores(x, y))}")
    return 0
