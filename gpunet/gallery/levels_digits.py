"""Levels of abstraction: strokes and digits.

What the units of a network trained on handwritten digits answer to. The first layer looks at single strokes: orange
pixels speak for them, purple ones against. For the deeper layers the mean of the digits that excite a unit most, less the
mean of all: parts of digits, then whole digits, from 0 to 9.
"""

from typing import Any

import gpunet
from gpunet import layers, plots

PLACE = 12


def draw() -> Any:
    """Train on digits; draw what the units of each layer answer to."""
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
    return plots.levels(model, x, units=10, names=("strokes", "parts", "digits"))[0, 0].figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "levels_digits")
