"""Hidden layers and the regions they can bound.

Without a hidden layer a network draws a hyperplane, here a line. With one it can bound a convex region. With two, those
of the network on the lower right, it can combine several.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 5


def draw() -> Any:
    """Train networks of no, one and two hidden layers; draw what they say, and the last of them."""
    figure, panels = pyplot.subplots(2, 2, figsize=(7.5, 6), layout="constrained")
    regions = ("a hyperplane", "a convex region", "combinations of regions")
    for hidden, (ax, region) in enumerate(zip(panels.flat, regions, strict=False)):
        x, y = gpunet.datasets.regions(hidden_layers=hidden, samples=600)
        model = gpunet.Sequential([layers.Dense(8, activation="tanh") for _ in range(hidden)])
        model.add(layers.Dense(1, activation="sigmoid"))
        model.compile(gpunet.optimizers.Adam(0.02), "binary_crossentropy")
        model.fit(x, y, epochs=300, verbose=0)
        plots.decision_boundary(model, x, y, ax=ax)
        ax.set_title(f"{hidden} hidden layer{'s' * (hidden != 1)}: {region}", fontsize=10)
        ax.get_legend().remove()  # the colour bar tells as much
    plots.network(model, ax=panels[1, 1])
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "hidden_layers")
