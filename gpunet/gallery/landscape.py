"""The loss landscape, with and without tricks.

The loss around a trained network, along two random directions. A deep and narrow network of sigmoids that started from
large weights ends in a narrow and crooked valley whose floor is high; the same depth with ReLU, weights scaled to the layers
and a little dropout in a wide and smooth one, ten times as deep. On the right the way of the optimizer into it, in the plane of its two main directions.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 11


def network(activation: str, initializer: Any, rate: float) -> Any:
    gpunet.set_random_seed(0)
    model = gpunet.Sequential()
    for _ in range(6):
        model.add(layers.Dense(24, activation=activation, kernel_initializer=initializer))
        model.add(layers.Dropout(rate))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def draw() -> Any:
    (x, y), _ = gpunet.datasets.digits.load_data()
    rough = network("sigmoid", gpunet.initializers.RandomNormal(stddev=2.0), 0.0)
    smooth, trajectory = network("relu", "he_normal", 0.05), plots.Trajectory()
    rough.fit(x, y, epochs=40, verbose=0)
    smooth.fit(x, y, epochs=40, verbose=0, callbacks=[trajectory])
    figure, panels = pyplot.subplots(1, 3, figsize=(15, 4.3), layout="constrained")
    plots.loss_landscape(rough, x, y, ax=panels[0])
    panels[0].set_title("sigmoids, large weights")
    plots.loss_landscape(smooth, x, y, ax=panels[1])
    panels[1].set_title("ReLU, scaled weights, dropout")
    plots.loss_landscape(smooth, x, y, trajectory=trajectory, ax=panels[2])
    panels[2].set_title("the way of Adam")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "landscape")
