"""A learning rate too small, too large, and adapted.

Too small a step, and training takes for ever; too large, and it leaps so far over the minimum that it never finds back.
The range test raises the rate at each step until the loss diverges, and suggests one where it falls fastest. Adam adapts
the step of each weight.
"""

from typing import Any

from matplotlib import pyplot

import gpunet
from gpunet import layers, plots
from gpunet.optimizers import SGD, Adam

PLACE = 8


def network(optimizer: Any) -> Any:
    """Return a network for the digits with this optimizer."""
    gpunet.set_random_seed(0)
    model = gpunet.Sequential([layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy")
    return model


def draw() -> Any:
    """Draw trainings with different learning rates, and the range test that suggests one."""
    (x, y), _ = gpunet.datasets.digits.load_data()
    sweep = network("sgd").find_learning_rate(x, y, minimum=1e-4, steps=200, verbose=False)
    optimizers = {
        "SGD, too small: 0.0005": SGD(0.0005),
        f"SGD, as suggested: {sweep.suggestion:.2f}": SGD(sweep.suggestion),
        "SGD, too large: 5": SGD(5.0),
        "Adam, adaptive": Adam(),
    }
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
    for optimizer in optimizers.values():
        trained = network(optimizer).fit(x, y, epochs=30, verbose=0)
        plots.history(trained, ax=left)
    left.legend(left.lines, optimizers)
    left.set_yscale("log")
    left.set_ylim(top=300)  # room for the legend
    left.set_title("four trainings")
    plots.learning_rate_finder(sweep, ax=right)
    right.set_title("the range test")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "learning_rates")
