"""Levels of abstraction: strokes and digits.

What the units of a network trained on handwritten digits answer to. The first layer looks at single strokes: orange
pixels speak for them, purple ones against. For the deeper layers the mean of the digits that excite a unit most, less the
mean of all: parts of digits, then whole digits, from 0 to 9.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 12


def draw() -> Any:
    (x, y), _ = gpunet.datasets.digits.load_data()
    model = gpunet.Sequential(
        [
            layers.Dense(32, activation="relu", kernel_regularizer=gpunet.regularizers.L2(0.002)),
            layers.Dense(16, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(gpunet.optimizers.Adam(0.003), "sparse_categorical_crossentropy")
    model.fit(x, y, epochs=60, verbose=0)
    figure, panels = pyplot.subplots(3, 10, figsize=(7.5, 3), layout="constrained")
    for layer, row in enumerate(panels):
        plots.weights(model, layer, units=range(10), x=x, ax=row)
        row[0].set_ylabel(("strokes", "parts", "digits")[layer])
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "levels_digits")
