"""Axes, new or the caller's; what happens without matplotlib."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb

import gpunet
from gpunet import layers, plots
from gpunet.plots import canvas


def network() -> Any:
    gpunet.set_random_seed(0)
    model = gpunet.Sequential(
        [layers.Input(shape=(2,)), layers.Dense(3, "tanh"), layers.Dense(1, "sigmoid")], backend="numpy"
    )
    model.compile("sgd", "binary_crossentropy")
    return model


X, Y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
DRAWN = {
    "history": lambda ax: plots.history({"loss": [2.0, 1.0]}, ax=ax),
    "activation": lambda ax: plots.activation("relu", ax=ax),
    "confusion_matrix": lambda ax: plots.confusion_matrix([0, 1], [1, 1], ax=ax),
    "decision_boundary": lambda ax: plots.decision_boundary(network(), X, Y, ax=ax, resolution=5),
    "network": lambda ax: plots.network(network(), ax=ax),
    "loss_landscape": lambda ax: plots.loss_landscape(network(), X, Y, ax=ax, points=3),
    "optimizer_paths": lambda ax: plots.optimizer_paths(ax=ax, steps=2),
}


@pytest.mark.parametrize("name", DRAWN)
def test_the_axes_given_are_drawn_on_and_returned(name: str) -> None:
    figure, ax = pyplot.subplots()
    assert DRAWN[name](ax) is ax
    assert pyplot.get_fignums() == [figure.number]
    assert ax.has_data() or ax.texts


@pytest.mark.parametrize("name", DRAWN)
def test_without_axes_a_figure_is_made(name: str) -> None:
    ax = DRAWN[name](None)
    assert pyplot.get_fignums() == [ax.figure.number]


def test_importing_the_plots_imports_no_matplotlib() -> None:
    code = "import sys, gpunet.plots; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"


@pytest.mark.parametrize("name", DRAWN)
def test_without_matplotlib_the_extra_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [module for module in sys.modules if module.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"plots\.{name}: needs matplotlib; pip install 'gpunet\[plot\]'"):
        DRAWN[name](None)


def test_images_are_square_unless_told_otherwise() -> None:
    assert canvas.image_shape(64, None, "weights") == (8, 8)
    assert canvas.image_shape(6, (2, 3), "weights") == (2, 3)
    with pytest.raises(ValueError, match="an image has 6 pixels, which is no square; give"):
        canvas.image_shape(6, None, "weights")
    with pytest.raises(ValueError, match=r"which is not \(2, 2\)"):
        canvas.image_shape(6, (2, 2), "weights")


def test_too_few_axes() -> None:
    _, ax = pyplot.subplots(1, 2)
    with pytest.raises(ValueError, match="expected at least 3 axes, got 2"):
        canvas.grid_of_axes(ax, "weights", 3, 8)
    assert len(canvas.grid_of_axes(ax, "weights", 1, 8)) == 1
    assert not ax[1].axison


def test_ten_classes_have_ten_colours_and_markers() -> None:
    assert len({canvas.colour(index) for index in range(10)}) == len(canvas.MARKERS) == 10


def luminance(tone: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(tone)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("index", range(10))
def test_each_colour_is_seen_on_white_and_on_black(index: int) -> None:
    """The contrast of WCAG 2, ``(L₁ + 0.05) / (L₂ + 0.05)``, is that of Okabe and Ito's orange on white at least."""
    light = luminance(canvas.colour(index))
    assert min(1.05 / (light + 0.05), (light + 0.05) / 0.05) > 2.1
