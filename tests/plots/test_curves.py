"""History, live or afterwards, and activations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot

import gpunet
from gpunet import layers, plots


def lines(ax: Any) -> dict[str, list[float]]:
    return {line.get_label(): line.get_ydata().tolist() for line in ax.lines}


def test_curves_and_the_first_best_epoch() -> None:
    ax = plots.history({"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 1.5, 1.5]})
    assert lines(ax) == {"loss": [3, 2, 1], "val_loss": [3, 1.5, 1.5], "best val_loss: 1.5 in epoch 2": [1.5]}
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert [line.get_linestyle() for line in ax.lines[:2]] == ["-", "--"]
    assert ax.get_xlabel() == "epoch"


def test_of_an_accuracy_more_is_better_and_nan_is_never_best() -> None:
    ax = plots.history({"accuracy": [0.1] * 3, "val_accuracy": [float("nan"), 0.9, 0.5]}, "accuracy")
    assert "best val_accuracy: 0.9 in epoch 2" in lines(ax)


def test_of_an_unknown_metric_nothing_is_best() -> None:
    ax = plots.history({"mine": [1.0, 2.0], "val_mine": [2.0, 1.0]}, "mine")
    assert list(lines(ax)) == ["mine", "val_mine"]


def test_several_trainings_share_axes() -> None:
    ax = plots.history({"loss": [1.0]}, label="first")
    plots.history({"loss": [2.0]}, label="second", ax=ax)
    assert list(lines(ax)) == ["first: loss", "second: loss"]
    assert ax.lines[0].get_color() != ax.lines[1].get_color()


def test_a_learning_rate_has_its_own_axis() -> None:
    ax = plots.history({"loss": [1.0, 0.5], "learning_rate": [0.1, 0.01]}, ["loss", "learning_rate"])
    left, right = ax.figure.axes
    assert left is ax
    assert right.get_yscale() == "log"
    assert right.lines[0].get_ydata().tolist() == [0.1, 0.01]


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"accuracy": [1.0]}])
def test_what_is_not_in_the_history(history: Any) -> None:
    with pytest.raises(ValueError, match='there is no "loss" in the history'):
        plots.history(history)
    assert pyplot.get_fignums() == []


def train(callback: Any, epochs: int = 3) -> Any:
    model = gpunet.Sequential([layers.Dense(1)])
    model.compile("sgd", "mean_squared_error")
    return model.fit([[0.0], [1.0]], [[0.0], [1.0]], epochs=epochs, verbose=0, callbacks=[callback])


def test_a_live_picture_is_written_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "loss.png"
    train(plots.LiveHistory(path=path))
    assert pyplot.imread(path).shape[2] == 4
    assert [file.name for file in tmp_path.iterdir()] == ["loss.png"]
    assert pyplot.get_fignums() == []


def test_a_live_picture_is_written_while_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpunet.plots.live.PAUSE", 0.0)
    live, seen = plots.LiveHistory(path=tmp_path / "loss.png"), []
    draw = live._draw
    monkeypatch.setattr(live, "_draw", lambda: (draw(), seen.append(len(live._curves["loss"]))))
    train(live)
    assert seen == [1, 2, 3, 3]


def test_without_a_screen_a_live_picture_needs_a_path() -> None:
    with pytest.raises(ValueError, match="there is no screen here; give path="):
        train(plots.LiveHistory())
    assert pyplot.get_fignums() == []


def test_an_activation_and_its_derivative() -> None:
    ax = plots.activation("relu", low=-1, high=1)
    curves = {line.get_label(): line for line in ax.lines}
    z = curves["g(z)"].get_xdata()
    np.testing.assert_array_equal(curves["g(z)"].get_ydata(), np.maximum(z, 0))
    np.testing.assert_array_equal(curves["g'(z)"].get_ydata(), z > 0)


def test_an_activation_that_isn_t_there() -> None:
    with pytest.raises(ValueError, match='Did you mean "relu"'):
        plots.activation("rellu")
    with pytest.raises(ValueError, match="expected low < high, got 1 and 1"):
        plots.activation("relu", low=1, high=1)
