"""Gradient descent on a surface, and its adaptive kin.

All start at the star and follow the gradient downhill. In a valley that is steep across and flat along, plain descent
crawls; momentum gathers speed, and the adaptive methods give each parameter a step of its own. At a saddle the gradient
vanishes although there is a way down. The last surface is the loss of a logistic regression with two parameters.
"""

from typing import Any

from matplotlib import pyplot

from gpunet import plots

PLACE = 7


def draw() -> Any:
    """Draw the ways of six optimizers on three surfaces."""
    figure, panels = pyplot.subplots(2, 2, figsize=(7.5, 6), layout="constrained")
    titles = {"valley": "a valley", "saddle": "a saddle", "logistic": "a logistic regression"}
    for (surface, title), ax in zip(titles.items(), panels.flat, strict=False):
        plots.optimizer_paths(surface, ax=ax)
        ax.set_title(title)
        ax.get_legend().remove()
    panels[1, 1].set_axis_off()
    panels[1, 1].legend(*ax.get_legend_handles_labels(), loc="center", fontsize=12)
    return figure


if __name__ == "__main__":
    from gpunet.gallery.program import show

    show(draw(), "optimizers")
