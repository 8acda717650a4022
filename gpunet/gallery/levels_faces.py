"""Levels of abstraction: edges, parts and faces.

The lecture's example: a network that tells people apart by their faces. It needs a file "faces.npz" in the data folder
with images x (count, height, width) and people y (count,), numbered from 0: the Olivetti faces, for instance, as
scikit-learn fetches them.
"""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

import gpunet
from gpunet import layers, plots
from gpunet.gallery.data import read

PLACE = 14


def faces(folder: Path) -> tuple[Any, Any]:
    """Return the pictures and the people of ``faces.npz``."""
    with open(folder / "faces.npz", "rb") as file:
        if not zipfile.is_zipfile(file):
            raise ValueError("faces.npz is no npz file.")
        try:
            parts = dict(np.load(folder / "faces.npz"))
        except zipfile.BadZipFile as error:
            raise ValueError(f"faces.npz is damaged ({error}).") from error
    x, y = (parts.get(name, np.zeros(0)) for name in "xy")
    if x.ndim != 3 or y.shape != x.shape[:1] or y.dtype.kind not in "iu" or not y.size or not x.max() > 0:
        raise ValueError(
            f"expected x (count, height, width) and whole y (count,), got {x.shape} and {y.shape}."
        )
    return x, y


def draw() -> Any:
    """Train on faces; draw what the units of each layer answer to."""
    images, y = read(faces, "faces.npz with x and y, such as the Olivetti faces,")
    people = int(y.max()) + 1
    x = images.reshape(len(images), -1).astype("float32") / images.max()
    x -= x.mean(axis=0)  # without it, units look at what all faces share, or die
    model = gpunet.Sequential(
        [
            layers.Dense(32, activation="relu", kernel_regularizer=gpunet.regularizers.L2(0.003)),
            layers.Dense(32, activation="relu"),
            layers.Dense(people, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=100, verbose=0)
    return plots.levels(model, x, names=("edges", "parts", "faces"), shape=images.shape[1:])[0, 0].figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "levels_faces")
