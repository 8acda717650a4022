"""Levels of abstraction: edges and clothes.

What the units of a network trained on Fashion-MNIST, 28 × 28 pixels, answer to: edges in the first layer, parts in the
second, clothes in the third. The last row is what the network says about pictures that it hasn't seen. It needs the four
files of Fashion-MNIST in the data folder.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.gallery.data import read

PLACE = 13
NAMES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")


def draw() -> Any:
    """Train on Fashion-MNIST; draw what the units of each layer answer to, and what the network says."""
    load = gpunet.datasets.fashion_mnist.load_data
    (images, y), (test_images, y_test) = read(load, "the four files of Fashion-MNIST")
    x, x_test = (part.reshape(-1, 784).astype("float32") / 255 for part in (images, test_images))
    mean = x.mean()  # subtracted, so that units don't look at what all pictures share
    model = gpunet.Sequential(
        [
            layers.Dense(64, activation="relu", kernel_regularizer=gpunet.regularizers.L2(0.002)),
            layers.Dense(32, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x - mean, y, batch_size=128, epochs=5, verbose=0)
    figure, panels = pyplot.subplots(4, 8, figsize=(7.2, 4.8), layout="constrained")
    plots.levels(model, x[:5000] - mean, names=("edges", "parts", "clothes"), ax=panels[:3])
    plots.predictions(model, x_test[:8] - mean, y_test[:8], NAMES, ax=panels[3])
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "levels_fashion")
