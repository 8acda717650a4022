"""A single neuron is a line.

The lecture's perceptron has θ₀ = -2 and Θ = (1, 1): y = g(-2 + x₁ + x₂). It says 1 where -2 + x₁ + x₂ ≥ 0, which is one
side of a line, and the sigmoid tells how sure it is.
"""

from typing import Any

import numpy as np
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots

PLACE = 3


def draw() -> Any:
    """Draw what the lecture's perceptron says."""
    model = gpunet.Sequential([layers.Input(shape=(2,)), layers.Dense(1, activation="sigmoid")])
    model.set_weights([np.array([[1.0], [1.0]]), np.array([-2.0])])
    corners = np.array([[-1.0, -1.0], [4.0, 4.0]])
    figure, ax = pyplot.subplots(figsize=(5.5, 4), layout="constrained")
    plots.decision_boundary(model, corners, ax=ax)
    ax.annotate(
        "-2 + x₁ + x₂ = 0",
        (1.5, 0.5),
        (0.2, -1.0),
        arrowprops={"arrowstyle": "->", "color": "black"},
        color="black",
    )
    ax.text(2.4, 2.6, "y = 1", color="black")
    ax.text(-0.8, -0.2, "y = 0", color="black")
    ax.set_title("y = g(-2 + x₁ + x₂)")
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "perceptron")
