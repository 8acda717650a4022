"""The network that a data set and the options of `gpunet train` ask for."""

from __future__ import annotations

from collections.abc import Sequence

from ..datasets import TableEncoder
from ..layers import Dense, Dropout, Input, Layer
from ..models import Sequential
from ..optimizers import Optimizer


def build(
    encoder: TableEncoder,
    hidden: Sequence[int],
    activation: str,
    dropout: float,
    optimizer: Optimizer,
    backend: str | None,
) -> Sequential:
    """Returns a compiled network for the encoder's task.

    Two classes end in one sigmoid unit and binary cross-entropy, more in softmax and sparse categorical cross-entropy,
    a regression in one linear unit and the mean squared error.

    Args:
        encoder: Knows the number of features and the task.
        hidden: The sizes of the hidden layers.
        activation: Of the hidden layers.
        dropout: The rate after each hidden layer; 0 for none.
        optimizer: Trains it.
        backend: Where it computes; `None` takes the process' default.

    Raises:
        ValueError: The activation or the backend is unknown.
    """
    layers: list[Layer] = [Input(shape=(len(encoder.feature_names),))]
    for units in hidden:
        layers.append(Dense(units, activation=activation))
        if dropout:
            layers.append(Dropout(dropout))
    if encoder.task == "regression":
        layers.append(Dense(1))
        loss, metrics = "mean_squared_error", ["mean_absolute_error", "r2_score"]
    elif encoder.task == "binary":
        layers.append(Dense(1, activation="sigmoid"))
        loss, metrics = "binary_crossentropy", ["accuracy"]
    else:
        layers.append(Dense(len(encoder.classes or ()), activation="softmax"))
        loss, metrics = "sparse_categorical_crossentropy", ["accuracy"]
    model = Sequential(layers, backend=backend)
    model.compile(optimizer=optimizer, loss=loss, metrics=metrics)
    return model
