"""A learning rate too small, too large, and adapted.

Too small a step, and training takes for ever; too large, and it leaps over the minimum and diverges. The range test on the
right raises the rate at each step and suggests one before the loss stops falling. Adam adapts the step of each weight.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.optimizers import SGD, Adam

PLACE = 8


def network(optimizer: Any) -> Any:
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def draw() -> Any:
    (x, y), _ = gpunet.datasets.digits.load_data()
    sweep = network("sgd").find_learning_rate(x, y, minimum=1e-4, steps=200, verbose=False)
    optimizers = {
        "SGD, too small: 0.0005": SGD(0.0005),
        f"SGD, as suggested: {sweep.suggestion:.2f}": SGD(sweep.suggestion),
        "SGD, too large: 5": SGD(5.0),
        "Adam, adaptive": Adam(),
    }
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for name, optimizer in optimizers.items():
        trained = network(optimizer).fit(x, y, epochs=30, verbose=0)
        plots.history(trained, ax=left, label=name)
    left.set_yscale("log")
    plots.learning_rate_finder(sweep, ax=right)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "learning_rates")
