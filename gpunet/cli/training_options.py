"""The options of `gpunet train`."""

from __future__ import annotations

from .. import datasets
from ..backend import NAMES
from .arguments import (
    Parser,
    deviation,
    names,
    natural_number,
    positive_integer,
    positive_number,
    rate,
    sizes,
    verbosity,
)

EPOCHS, STEPS = 30, 2000  # whichever is more


def add_to(parser: Parser) -> None:
    """Adds all of them, in groups."""
    known = ", ".join(name for name in datasets.names() if name != "csv")
    parser.add_argument("data", metavar="DATA", help=f"a CSV file with a header, or one of {known}")
    parser.add_argument("--save", metavar="PATH", help="where to save; DATA.safetensors if not given")
    parser.add_argument(
        "--seed", metavar="N", type=natural_number, default=0,
        help="of the weights, the shuffles and the dropout (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--backend", choices=NAMES, help="where to compute (default: auto)")
    parser.add_argument(
        "--verbose", choices=("auto", 0, 1, 2), type=verbosity, default="auto",
        help="0 silent, 1 a progress bar, 2 a line an epoch, auto what suits the output (default: %(default)s)",
    )  # fmt: skip
    _add_data(parser)
    _add_network(parser)
    _add_training(parser)


def _add_data(parser: Parser) -> None:
    table = parser.add_argument_group("CSV files")
    table.add_argument("--target", metavar="COLUMN", help="the column to predict")
    table.add_argument(
        "--task", choices=("auto", "classification", "regression"),
        help="auto (the default): text and whole numbers with few different values are classes",
    )  # fmt: skip
    table.add_argument(
        "--ignore",
        metavar="COLUMNS",
        type=names,
        action="extend",
        help="columns to leave out, such as id,name",
    )
    table.add_argument(
        "--categorical", metavar="COLUMNS", type=names, action="extend",
        help="columns of numbers to treat as text, such as postcode",
    )  # fmt: skip
    named = parser.add_argument_group("sets by name")
    named.add_argument("--folder", help="the folder with the four files of fashion_mnist")
    named.add_argument("--samples", metavar="N", type=positive_integer, help="how many points to generate")
    named.add_argument("--noise", metavar="DEVIATION", type=deviation, help="how noisy generated points are")


def _add_network(parser: Parser) -> None:
    network = parser.add_argument_group("network")
    network.add_argument(
        "--hidden", metavar="SIZES", type=sizes, default=[128, 64],
        help="the sizes of the hidden layers, or none (default: 128,64)",
    )  # fmt: skip
    network.add_argument(
        "--activation", metavar="NAME", default="relu", help="of the hidden layers (default: %(default)s)"
    )
    network.add_argument(
        "--dropout", metavar="RATE", type=rate, default=0.2,
        help="the share of each hidden layer that is dropped in a step (default: %(default)s)",
    )  # fmt: skip


def _add_training(parser: Parser) -> None:
    training = parser.add_argument_group("training")
    training.add_argument(
        "--optimizer", metavar="NAME", default="adam", help="such as sgd or rmsprop (default: %(default)s)"
    )
    training.add_argument(
        "--learning-rate", metavar="RATE", type=positive_number, help="(default: the optimizer's own)"
    )
    training.add_argument(
        "--epochs", metavar="N", type=positive_integer,
        help=f"(default: {EPOCHS}, or as many as {STEPS} steps need)",
    )  # fmt: skip
    training.add_argument(
        "--batch-size", metavar="ROWS", type=positive_integer, default=32, help="(default: %(default)s)"
    )
    training.add_argument(
        "--early-stopping", metavar="PATIENCE", type=natural_number,
        help="hold a tenth of the training rows back, and stop when their loss has not improved for so many epochs",
    )  # fmt: skip
