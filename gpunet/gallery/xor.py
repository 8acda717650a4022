"""XOR needs a hidden layer.

No line has (0, 1) and (1, 0) on one side and (0, 0) and (1, 1) on the other: without a hidden layer a network can't do
better than a coin. With one, two lines make a strip, and the strip is the answer. Below, the network that found it and the losses
of both trainings.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 4


def train(hidden: int) -> Any:
    """Return a network with so many hidden units, trained on XOR."""
    x, y = gpunet.datasets.xor()
    model = gpunet.Sequential([layers.Dense(hidden, activation="tanh")] if hidden else [])
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile(gpunet.optimizers.Adam(0.05), "binary_crossentropy")
    model.fit(x, y, batch_size=4, epochs=500, verbose=0)
    return model


def draw() -> Any:
    """Draw what networks without and with a hidden layer say, the second one, and both losses."""
    x, y = gpunet.datasets.xor()
    figure, panels = pyplot.subplots(2, 2, figsize=(7.5, 6), layout="constrained")
    left, right = panels[1]
    for hidden, ax in zip((0, 4), panels[0], strict=True):
        title = f"{hidden} hidden units" if hidden else "no hidden layer"
        model = train(hidden)
        plots.decision_boundary(model, x, y, ax=ax)
        ax.set_title(title)
        ax.get_legend().remove()  # the colour bar tells as much
        plots.history(model.history, ax=right, label=title)
    plots.network(model, ax=left)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "xor")
