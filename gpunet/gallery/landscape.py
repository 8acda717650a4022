"""The loss landscape, with and without tricks.

The loss around a trained network, along two random directions. A deep and narrow network of sigmoids that started from
large weights ends in a narrow and crooked valley whose floor is high; the same depth with ReLU, weights scaled to the
layers and a little dropout in a wide and smooth one, ten times as deep. Below, the way of the optimizer into it, in the
plane of its two main directions, and the losses of both trainings.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 11


def network(activation: str, initializer: Any, rate: float) -> Any:
    """Return six hidden layers of this kind, with dropout at this rate."""
    gpunet.set_random_seed(0)
    model = gpunet.Sequential()
    for _ in range(6):
        model.add(layers.Dense(24, activation=activation, kernel_initializer=initializer))
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def draw() -> Any:
    """Train both networks; draw the losses around them, the way into one, and the losses of the trainings."""
    (x, y), _ = gpunet.datasets.digits.load_data()
    rough = network("sigmoid", gpunet.initializers.RandomNormal(stddev=2.0), 0.0)
    smooth, trajectory = network("relu", "he_normal", 0.05), plots.Trajectory()
    rough.fit(x, y, epochs=40, verbose=0)
    smooth.fit(x, y, epochs=40, verbose=0, callbacks=[trajectory])
    figure, panels = pyplot.subplots(2, 2, figsize=(7.5, 6), layout="constrained")
    for ax, name, model in zip(panels[0], ("without tricks", "with tricks"), (rough, smooth), strict=True):
        plots.loss_landscape(model, x, y, ax=ax)
        ax.set_title(name)
        plots.history(model.history, ax=panels[1, 1], label=name)
    plots.loss_landscape(smooth, x, y, trajectory=trajectory, ax=panels[1, 0])
    panels[1, 0].set_title("the way of Adam, with tricks")
    panels[1, 1].set_title("while training")
    panels[1, 1].legend(["without tricks", "with tricks"], loc="upper right")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "landscape")
