"""`gpunet train`: a network from data."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

from .. import config, optimizers
from ..backend import get_backend
from ..callbacks import EarlyStopping
from . import data, network, training_options
from .arguments import Commands, Parser, examples
from .trained import Trained, check_output

VALIDATION = 0.1  # of the training rows, for early stopping
GATES = ("xor", "and", "or")
REPEATED = 400  # rows of a gate: its truth table again and again, so that an epoch is more than one step


def add_to(commands: Commands[Parser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "train",
        help="train a network and save it",
        description="Trains a network on three quarters of the data, tests it on the rest and saves it.\n"
        "On one machine the same seed gives the same file, bit for bit. Ctrl-C ends the training and saves what was\n"
        "learned.",
        epilog=examples(
            "gpunet train digits",
            "gpunet train moons --noise 0.2 --hidden 16,16 --activation tanh",
            "gpunet train flowers.csv --target species --dropout 0.2 --early-stopping 5",
            "gpunet train houses.csv --target price --ignore id,street --categorical postcode",
        ),
    )
    parser.set_defaults(run=run, parser=parser)
    training_options.add_to(parser)


def run(arguments: argparse.Namespace) -> int:
    """Trains, tests, saves and says so; what can be checked is checked before the training."""
    set_options = _given(arguments, "folder", "samples", "noise")
    if arguments.data in GATES:
        set_options.setdefault("samples", REPEATED)
    source = data.find_source(
        arguments.data, set_options, _given(arguments, "target", "task", "ignore", "categorical")
    )
    path = Path(arguments.save or f"{source.title}.safetensors")
    check_output(path, *([source.name] if source.is_csv else []))
    if arguments.backend is not None:
        get_backend(arguments.backend)
    optimizer = optimizers.get(
        {"class_name": arguments.optimizer, "config": _given(arguments, "learning_rate")}
    )
    config.set_random_seed(arguments.seed)
    found = data.load(source)
    model = network.build(
        found.encoder, arguments.hidden, arguments.activation, arguments.dropout, optimizer, arguments.backend
    )
    print(f"{found}; seed {arguments.seed}", flush=True)

    trained = Trained(model, found.encoder, source)
    interrupted = _fit(trained, found.train, arguments)
    if interrupted and not optimizer.iterations:
        raise KeyboardInterrupt
    scores = trained.scores(*found.test)
    if not math.isfinite(scores["loss"]):
        raise ValueError(
            f"the training diverged (the test loss is {scores['loss']}) and nothing was saved; "
            "try a smaller --learning-rate"
        )
    trained.save(path)
    print(f"test: {trained.in_words(scores)}")
    print(f"saved {path}")
    if interrupted:
        raise KeyboardInterrupt
    return 0


def _fit(trained: Trained, part: data.Part, arguments: argparse.Namespace) -> bool:
    """Trains; tells whether Ctrl-C ended it."""
    x, y = part
    patience = arguments.early_stopping
    stopping = []
    if patience is not None:
        said = int(arguments.verbose != 0)
        stopping.append(EarlyStopping(patience=patience, verbose=said, restore_best_weights=True))
    steps = math.ceil(len(x) / arguments.batch_size)
    epochs = arguments.epochs or max(training_options.EPOCHS, math.ceil(training_options.STEPS / steps))
    try:
        trained.model.fit(
            x,
            y,
            batch_size=arguments.batch_size,
            epochs=epochs,
            verbose=arguments.verbose,
            callbacks=stopping,
            validation_split=VALIDATION if stopping else 0.0,
        )
    except KeyboardInterrupt:
        return True
    return False


def _given(arguments: argparse.Namespace, *options: str) -> dict[str, Any]:
    """Returns those options that stood on the command line."""
    chosen = {option: getattr(arguments, option) for option in options}
    return {option: value for option, value in chosen.items() if value is not None}
