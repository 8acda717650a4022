"""Levels of abstraction: edges and clothes.

What the units of a network trained on Fashion-MNIST, 28 × 28 pixels, answer to: edges in the first layer, parts in the
second, clothes in the third. The last row is what the network says about pictures that it hasn't seen. It needs the four
files of Fashion-MNIST in a folder "fashion" of the data folder.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.gallery.data import data

PLACE = 13
NAMES = ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot")


def draw() -> Any:
    folder = data("fashion", "the four files of Fashion-MNIST, from github.com/zalandoresearch/fashion-mnist")
    (images, y), (test_images, y_test) = gpunet.datasets.fashion_mnist.load_data(folder)
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
    figure, panels = pyplot.subplots(4, 10, figsize=(8.5, 4.6), layout="constrained")
    for layer, row in enumerate(panels[:3]):
        plots.weights(model, layer, units=range(10), x=x[:5000] - mean, ax=row)
        row[0].set_ylabel(("edges", "parts", "clothes")[layer])
    plots.predictions(model, x_test[:10] - mean, y_test[:10], NAMES, ax=panels[3])
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "levels_fashion")
