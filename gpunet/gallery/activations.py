"""Activation functions and their derivatives.

A neuron computes a weighted sum z and passes it through an activation g(z). Backpropagation multiplies by the
derivative g'(z), dashed here. Where it is nearly 0, on the flat ends of the sigmoid and of tanh and on the left side of
ReLU, a neuron hardly learns.
"""

from typing import Any

from matplotlib import pyplot

from gpunet import plots

PLACE = 1
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu")


def draw() -> Any:
    """Draw six activations, each beside its derivative."""
    figure, panels = pyplot.subplots(2, 3, figsize=(7.5, 5), layout="constrained")
    for name, ax in zip(NAMES, panels.flat, strict=True):
        plots.activation(name, ax=ax)
        # The same in all panels, so that slopes can be compared.
        ax.set_ylim(-1.2, 2.2)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "activations")
