"""`gpunet summary`: what is in a saved model."""

from __future__ import annotations

import argparse

from ..datasets.table import listing
from ..models.saving import load_model, read_extra
from .arguments import Commands, Parser, examples
from .trained import Trained


def add_to(commands: Commands[Parser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "summary",
        help="show the layers of a saved model",
        description="Shows a saved model's layers, how it was trained, and on what.",
        epilog=examples("gpunet summary digits.safetensors"),
    )
    parser.set_defaults(run=run, parser=parser)
    parser.add_argument("model", metavar="MODEL", help="a file that gpunet saved")


def run(arguments: argparse.Namespace) -> int:
    """Prints the table of layers and what else the file knows; a model saved from Python knows no data."""
    model = load_model(arguments.model)
    model.summary()
    if model.optimizer is not None and model.loss is not None:
        print(
            f"Training: {model.loss.name}, {model.optimizer.name}, {model.optimizer.iterations:,} steps so far"
        )
    if read_extra(arguments.model) is not None:
        trained = Trained.load(arguments.model)
        encoder, source = trained.encoder, trained.source
        options = [f"{name} {_in_words(value)}" for name, value in source.options.items() if name != "target"]
        print(f"Data: {', '.join([source.name, *options])}")
        print(f"Features: {listing(encoder.feature_names)}")
        classes = encoder.classes
        kind = "a number" if classes is None else f"one of {listing(classes)}"
        print(f"Target: {encoder.target.name!r}, {kind}")
    return 0


def _in_words(value: object) -> object:
    return listing(value) if isinstance(value, list) else value
