"""History, live or afterwards, and activations."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib import backend_bases, pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg

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


def test_several_trainings_by_name() -> None:
    ax = plots.history({"slow": {"loss": [3.0, 2.0]}, "fast": {"loss": [3.0, 1.0]}})
    assert lines(ax) == {"slow: loss": [3, 2], "fast: loss": [3, 1]}


def trained(**options: Any) -> Any:
    model = gpunet.Sequential([layers.Dense(1)])
    model.compile("sgd", "mean_squared_error")
    data = [[0.0], [1.0]], [[0.0], [1.0]]
    return model.fit(*data, validation_data=data, verbose=0, **options)


@pytest.mark.parametrize(
    ("options", "training", "validation"),
    [
        ({"epochs": 7, "validation_freq": 3}, range(1, 8), [3, 6]),
        ({"epochs": 4, "validation_freq": 2}, range(1, 5), [2, 4]),
        ({"epochs": 6, "initial_epoch": 3}, range(4, 7), [4, 5, 6]),
        ({"epochs": 8, "initial_epoch": 3, "validation_freq": 2}, range(4, 9), [4, 6, 8]),
    ],
)
def test_curves_are_drawn_at_their_epochs(options: Any, training: Any, validation: Any) -> None:
    ax = plots.history(trained(**options))
    places = {line.get_label(): line.get_xdata().tolist() for line in ax.lines[:2]}
    assert places == {"loss": list(training), "val_loss": validation}


@pytest.mark.parametrize("history", [None, [1.0, 2.0], 3])
def test_what_is_no_history(history: Any) -> None:
    with pytest.raises(TypeError, match="expected what fit returns"):
        plots.history(history)
    with pytest.raises(ValueError, match="at least one metric"):
        plots.history({"loss": [1.0]}, [])
    assert pyplot.get_fignums() == []


def test_a_learning_rate_alone_needs_no_second_axis() -> None:
    ax = plots.history({"learning_rate": [0.1, 0.01]}, "learning_rate")
    assert ax.figure.axes == [ax]
    assert (ax.get_yscale(), ax.lines[0].get_ydata().tolist()) == ("log", [0.1, 0.01])


def test_a_learning_rate_has_its_own_axis() -> None:
    ax = plots.history({"loss": [1.0, 0.5], "learning_rate": [0.1, 0.01]}, ["loss", "learning_rate"])
    left, right = ax.figure.axes
    assert left is ax
    assert right.get_yscale() == "log"
    assert right.lines[0].get_ydata().tolist() == [0.1, 0.01]


def test_learning_rates_of_several_trainings_share_an_axis_and_can_be_told_apart() -> None:
    slow, fast = ({"loss": [1.0, 0.5], "learning_rate": rates} for rates in ([0.1, 0.01], [1.0, 0.1]))
    ax = plots.history(slow, ["loss", "learning_rate"], label="slow")
    plots.history(fast, ["loss", "learning_rate"], ax=ax, label="fast")
    left, right = ax.figure.axes
    assert left is ax
    for losses, rates in zip(left.lines, right.lines, strict=True):
        assert losses.get_color() == rates.get_color()
    told = [text.get_text() for text in right.get_legend().get_texts()]
    assert told == ["slow: loss", "fast: loss", "slow: learning_rate", "fast: learning_rate"]

    alone = plots.history({"slow": slow, "fast": fast}, "learning_rate")
    assert len({line.get_color() for line in alone.lines}) == 2
    assert len(alone.get_legend().get_texts()) == 2


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
    monkeypatch.setattr(live, "_draw", lambda: (draw(), seen.append(len(live._seen.epoch))))
    train(live)
    assert seen == [1, 2, 3, 3]


def test_a_live_picture_keeps_one_axis_a_metric(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gpunet.plots.live.PAUSE", 0.0)
    live, seen = plots.LiveHistory(["loss", "learning_rate"], path=tmp_path / "loss.png"), []
    save = live._save
    monkeypatch.setattr(live, "_save", lambda path: (save(path), seen.append(len(live.figure.axes))))
    model = gpunet.Sequential([layers.Dense(1)])
    model.compile("sgd", "mean_squared_error")
    scheduler = gpunet.callbacks.LearningRateScheduler(lambda epoch: 0.1)
    model.fit([[0.0]], [[1.0]], epochs=3, verbose=0, callbacks=[scheduler, live])
    assert seen == [2, 2, 2, 2]


def test_a_training_goes_on_without_a_picture_that_fails(tmp_path: Path) -> None:
    with pytest.warns(RuntimeWarning, match='no "accuracy".*it has loss. The training goes on') as told:
        history = train(plots.LiveHistory("accuracy", path=tmp_path / "loss.png"))
    assert len(told) == 1
    assert len(history.history["loss"]) == 3


def test_what_is_left_of_a_picture_that_can_t_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*paths: Any) -> None:
        raise OSError("No space left on device.")

    monkeypatch.setattr("os.replace", full)
    with pytest.warns(RuntimeWarning, match="No space left on device"):
        train(plots.LiveHistory(path=tmp_path / "loss.png"))
    assert list(tmp_path.iterdir()) == []


def test_what_can_t_work_is_refused_before_the_training(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing" / "loss.png", tmp_path / "loss.jpg"):
        with pytest.raises(ValueError, match="expected a PNG in a folder that exists as path"):
            train(plots.LiveHistory(path=path))
    with pytest.raises(ValueError, match="at least one metric"):
        plots.LiveHistory([])


def test_a_window_is_drawn_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(FigureCanvasAgg, "required_interactive_framework", "tk")
    monkeypatch.setattr(FigureCanvasAgg, "flush_events", lambda canvas: calls.append("flush"))
    monkeypatch.setattr(backend_bases.FigureManagerBase, "show", lambda manager: calls.append("show"))
    train(plots.LiveHistory())
    assert calls == ["show", "flush", "flush"]
    assert lines(pyplot.gcf().axes[0]).keys() == {"loss"}


def test_a_notebook_shows_one_picture_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    handle = SimpleNamespace(update=lambda picture: shown.append("update"))

    def display(picture: Any, display_id: bool) -> Any:
        assert picture.data.startswith(b"\x89PNG")
        shown.append("display")
        return handle

    shell = SimpleNamespace(config={"IPKernelApp": {}})
    pictures = SimpleNamespace(Image=lambda data: SimpleNamespace(data=data), display=display)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", pictures)
    monkeypatch.setattr("gpunet.plots.live.PAUSE", 0.0)
    train(plots.LiveHistory())
    assert shown == ["display", "update", "update", "update"]
    assert pyplot.get_fignums() == []


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


def test_a_step_has_no_derivative_to_draw() -> None:
    ax = plots.activation("step", low=-1, high=1)
    (curve,) = [line for line in ax.lines if line.get_label() in ("g(z)", "g'(z)")]
    z = curve.get_xdata()
    np.testing.assert_array_equal(curve.get_ydata(), np.where(z >= 0, 1, -1))


def test_what_is_no_curve() -> None:
    with pytest.raises(ValueError, match="softmax needs a whole row"):
        plots.activation("softmax")
    with pytest.raises(TypeError, match="expected the name of an activation or an Activation, got <ufunc"):
        plots.activation(np.tanh)
    with pytest.raises(ValueError, match=r"expected low < high, got -4\.0 and inf"):
        plots.activation("relu", high=np.inf)
    assert pyplot.get_fignums() == []


def test_an_activation_that_isn_t_there() -> None:
    with pytest.raises(ValueError, match='Did you mean "relu"'):
        plots.activation("rellu")
    with pytest.raises(ValueError, match="expected low < high, got 1 and 1"):
        plots.activation("relu", low=1, high=1)
