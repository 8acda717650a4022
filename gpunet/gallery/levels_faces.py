"""Levels of abstraction: edges, parts and faces.

The lecture's example: a network that tells people apart by their faces. It needs a file "faces.npz" in the data folder
with images x (count, height, width) and people y (count,), numbered from 0: the Olivetti faces, for instance, as
scikit-learn fetches them.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.gallery.data import data

PLACE = 14


def draw() -> Any:
    file = np.load(data("faces.npz", "x (count, height, width) and y (count,), such as the Olivetti faces"))
    shape, people = file["x"].shape[1:], int(file["y"].max()) + 1
    x = file["x"].reshape(len(file["x"]), -1).astype("float32")
    x /= x.max()
    x -= x.mean(axis=0)  # without it, units look at what all faces share, or die
    model = gpunet.Sequential(
        [
            layers.Dense(32, activation="relu", kernel_regularizer=gpunet.regularizers.L2(0.003)),
            layers.Dense(32, activation="relu"),
            layers.Dense(people, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, file["y"], epochs=100, verbose=0)
    figure, panels = pyplot.subplots(3, 8, figsize=(7.5, 3.8), layout="constrained")
    for layer, row in enumerate(panels):
        plots.weights(model, layer, units=range(min(8, people)), shape=shape, x=x, ax=row)
        row[0].set_ylabel(("edges", "parts", "faces")[layer])
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "levels_faces")
