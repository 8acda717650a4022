"""The Keras listing.

The lecture's model as it stands there, with gpunet in Keras' place, on handwritten digits. Plain gradient descent on the
squared error of a softmax is slow: after 500 epochs it is right on one digit in five. The same network trained on
cross-entropy shows what that costs.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet as keras
from gpunet import layers, plots

PLACE = 17


def train(loss: str) -> Any:
    """Return the history of the listing's network, trained with this loss."""
    (x_train, labels), _ = keras.datasets.digits.load_data()
    x_train, y_train = x_train[:400], np.eye(10)[labels[:400]]
    model = keras.Sequential(
        [
            layers.Flatten(input_shape=(64,)),
            layers.Dense(128, activation="sigmoid"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss=loss, metrics=["accuracy"])
    return model.fit(x_train, y_train, epochs=500, validation_split=0.2, verbose=0)


def draw() -> Any:
    """Draw the accuracies with the listing's loss and with the one that fits a softmax."""
    figure, panels = pyplot.subplots(1, 2, figsize=(8, 3.5), sharey=True, layout="constrained")
    for loss, ax in zip(("mean_squared_error", "categorical_crossentropy"), panels, strict=True):
        keras.set_random_seed(0)
        plots.history(train(loss), "accuracy", ax=ax)
        ax.set_title(loss)
        ax.set_ylim(0, 1)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "keras_listing")
