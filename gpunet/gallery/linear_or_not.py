"""Why activations must not be linear.

Two networks of the same size see the same two kinds of points, the lecture's green and red ones. Without an activation,
layers upon layers are still one linear function, and the boundary is a straight line. With ReLU it bends around the data.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 2


def draw() -> Any:
    """Train the same network with and without a non-linear activation; draw what both say."""
    x, y = gpunet.datasets.moons(samples=400, noise=0.15)
    figure, panels = pyplot.subplots(1, 2, figsize=(7.5, 3.3), layout="constrained")
    for activation, ax in zip((None, "relu"), panels, strict=True):
        model = gpunet.Sequential(
            [
                layers.Dense(16, activation=activation),
                layers.Dense(16, activation=activation),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile(gpunet.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=100, verbose=0)
        _, accuracy = model.evaluate(x, y, verbose=0)
        plots.decision_boundary(model, x, y, ax=ax)
        ax.set_title(f"{activation or 'linear'} activation: {accuracy:.0%} right")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "linear_or_not")
