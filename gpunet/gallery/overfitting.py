"""Dropout and early stopping against overfitting.

A large network learns 300 digits by heart, with the random names that 60 of them got here: its own loss goes to 0 while
that of digits it hasn't seen turns up again. Dropout switches half of the hidden units off at each step, so that none can
rely on another. Early stopping ends the training when the validation loss (dashed) has not improved for some epochs, and
goes back to the best weights.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 10


def train(rate: float, callbacks: list[Any]) -> Any:
    """Return the history of a training on few digits, some of them with random names."""
    (x, y), validation = gpunet.datasets.digits.load_data()
    y[:60] = np.random.default_rng(0).integers(0, 10, 60)
    gpunet.set_random_seed(0)
    model = gpunet.Sequential()
    for _ in range(2):
        model.add(layers.Dense(256, activation="relu"))
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(gpunet.optimizers.Adam(0.002), "sparse_categorical_crossentropy")
    return model.fit(x[:300], y[:300], epochs=80, validation_data=validation, verbose=0, callbacks=callbacks)


def draw() -> Any:
    """Draw trainings with neither remedy, with dropout, and with early stopping."""
    stopping = gpunet.callbacks.EarlyStopping(patience=8, restore_best_weights=True)
    runs = {
        "neither": train(0.0, []),
        "dropout of one half": train(0.5, []),
        "early stopping": train(0.0, [stopping]),
    }
    figure, panels = pyplot.subplots(1, 3, figsize=(7, 3), sharey=True, layout="constrained")
    for ax, (title, run) in zip(panels, runs.items(), strict=True):
        plots.history(run, ax=ax)
        lines, labels = ax.get_legend_handles_labels()
        ax.get_legend().remove()  # one for all panels
        ax.set_title(f"{title}\n{labels[-1].removeprefix('best ')}", fontsize=9)
        ax.set_xlim(0, 81)
    figure.legend(lines, ["loss", "val_loss", "best val_loss"], loc="outside lower center", ncols=3)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "overfitting")
