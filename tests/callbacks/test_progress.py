"""What is shown: lines where the output is no terminal, bars where it is one."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from typing import Any

import pytest

from gpunet.callbacks import CallbackList, EarlyStopping, LambdaCallback, progress_bar
from gpunet.callbacks.verbosity import formatted, resolve_verbose

RESULTS = [
    {"loss": 0.25, "accuracy": 0.575, "val_loss": 2.0, "val_accuracy": 0.5},
    {"loss": 0.125, "accuracy": 0.6, "val_loss": 1.0, "val_accuracy": 0.625},
]


class Terminal(io.StringIO):
    """A terminal that stdout and stderr go to while it is entered."""

    encoding = "utf-8"

    def __enter__(self) -> Terminal:
        self._streams = ExitStack()
        self._streams.enter_context(redirect_stdout(self))
        self._streams.enter_context(redirect_stderr(self))
        return self

    def __exit__(self, *error: Any) -> None:
        self._streams.close()

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        """What is on the screen at the end: what was drawn over is gone."""
        return [line.split("\r")[-1].rstrip() for line in self.getvalue().split("\n")]


@pytest.fixture
def terminal() -> Terminal:
    return Terminal()


@pytest.fixture
def every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """No epoch is too short for a bar."""
    monkeypatch.setattr(progress_bar, "INTERVAL", 0.0)


@pytest.fixture
def no_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every epoch is too short for a bar."""
    monkeypatch.setattr(progress_bar, "INTERVAL", 1e9)


def masked(text: str) -> str:
    """Hide the times."""
    return re.sub(r"\d+\.\ds|\[\d\d:\d\d<\d\d:\d\d", lambda time: "T" if "s" in time[0] else "[T", text)


# -- lines ---------------------------------------------------------------------------------------------------------


def test_a_line_an_epoch(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model.fit(None, RESULTS, verbose=2)
    out, err = capsys.readouterr()
    assert masked(out) == (
        "Epoch 1/2 - T - loss: 0.2500 - accuracy: 0.5750 - val_loss: 2.0000 - val_accuracy: 0.5000\n"
        "Epoch 2/2 - T - loss: 0.1250 - accuracy: 0.6000 - val_loss: 1.0000 - val_accuracy: 0.6250\n"
    )
    assert err == ""


def test_lines_show_what_callbacks_add_after_what_they_say(
    model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    add = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(learning_rate=1e-5))
    model.fit(
        [add, EarlyStopping("loss", baseline=0.0, verbose=1)], [{"loss": 0.5}, {"loss": 0.5}], verbose=2
    )
    assert masked(capsys.readouterr().out).splitlines() == [
        "Epoch 1/2 - T - loss: 0.5000 - learning_rate: 1.0000e-05",
        "Epoch 2/2 - T - loss: 0.5000 - learning_rate: 1.0000e-05",
        "Epoch 2: early stopping",
    ]


def test_a_line_for_an_evaluation_and_none_for_a_prediction(
    model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with CallbackList(None, model=model, verbose=2, steps=2) as callbacks:
        callbacks.on_test_begin()
        callbacks.on_test_end({"loss": 0.25, "accuracy": 0.575})
    assert masked(capsys.readouterr().out) == "Evaluation - T - loss: 0.2500 - accuracy: 0.5750\n"
    with CallbackList(None, model=model, verbose=2, steps=1) as callbacks:
        callbacks.on_predict_begin()
        callbacks.on_progress(1, 1, None)
        callbacks.on_predict_end()
    assert capsys.readouterr() == ("", "")


def test_silence(model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model.fit(None, RESULTS, verbose=0)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.0000"),
        (0.57349, "0.5735"),
        (0.001, "0.0010"),
        (0.00099, "9.9000e-04"),
        (-0.00099, "-9.9000e-04"),
        (-2.0, "-2.0000"),
        (12345.678, "12345.6780"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        ([0.5, 1e-9], "[0.5000, 1.0000e-09]"),
    ],
)
def test_numbers(value: Any, shown: str) -> None:
    assert formatted({"loss": value}) == f"loss: {shown}"


# -- which of them -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("out", "err", "chosen"), [(True, True, 1), (True, False, 2), (False, True, 2)])
def test_auto_is_a_bar_where_all_output_goes_to_a_terminal(
    out: bool, err: bool, chosen: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal() if out else io.StringIO())
    monkeypatch.setattr(sys, "stderr", Terminal() if err else io.StringIO())
    assert resolve_verbose("auto") == chosen


def test_auto_is_lines_on_a_terminal_without_a_size_and_where_there_is_no_output(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Terminal, "fileno", lambda self: 1)
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setattr(sys, "stderr", Terminal())
    for columns, chosen in ((80, 1), (0, 2)):
        monkeypatch.setattr("os.get_terminal_size", lambda fd, c=columns: type("Size", (), {"columns": c}))
        assert resolve_verbose("auto") == chosen
    monkeypatch.setattr(sys, "stdout", None)
    assert resolve_verbose("auto") == 2


def test_auto_is_a_bar_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", type(sys)("ipykernel.zmqshell"))
    assert resolve_verbose("auto") == 1


# -- bars ----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("every_epoch")
def test_a_bar_an_epoch_with_all_results(model: Any, terminal: Terminal) -> None:
    with terminal:
        model.fit(None, RESULTS, verbose="auto")
    first, second, rest = terminal.lines()
    assert masked(first) == (
        "Epoch 1/2 |██████████| 2/2 [T, "
        "loss: 0.2500 - accuracy: 0.5750 - val_loss: 2.0000 - val_accuracy: 0.5000]"
    )
    assert second.startswith("Epoch 2/2 |██████████| 2/2 [")
    assert second.endswith("val_accuracy: 0.6250]")
    assert rest == ""


def test_fast_epochs_share_bars_and_the_last_one_is_shown(model: Any, terminal: Terminal) -> None:
    """500 epochs of no time at all."""
    with terminal:
        model.fit(None, [{"loss": 0.5}] * 500, verbose=1)
    shown = [int(line.split("/")[0][6:]) for line in terminal.lines() if line]
    assert shown[0] == 1
    assert shown[-1] == 500
    assert shown == sorted(shown)
    assert len(shown) < 100


@pytest.mark.usefixtures("no_epoch")
def test_few_epochs_are_all_shown(model: Any, terminal: Terminal) -> None:
    with terminal:
        model.fit(None, [{"loss": 0.5}] * 50, verbose=1)
    assert [line.split("/")[0] for line in terminal.lines()[:-1]] == [f"Epoch {n}" for n in range(1, 51)]


def test_the_epoch_that_a_callback_stops_at_is_shown(
    model: Any, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_bar, "FEW", 0)
    with terminal:
        model.fit(EarlyStopping("loss"), [{"loss": loss} for loss in (0.5, 0.4, 0.3, 0.6, 0.7)], verbose=1)
    assert [line.split(" |")[0] for line in terminal.lines()] == ["Epoch 1/5", "Epoch 4/5", ""]


@pytest.mark.usefixtures("every_epoch")
def test_progress_within_an_epoch(model: Any, terminal: Terminal) -> None:
    with terminal, CallbackList(None, model=model, verbose=1, epochs=1, steps=4) as callbacks:
        callbacks.on_train_begin()
        callbacks.on_epoch_begin(0)
        assert " 0/4 " in terminal.lines()[-1]
        callbacks.on_progress(2, 4, {"loss": 0.75})
        assert masked(terminal.lines()[-1]) == "Epoch 1/1 |█████     | 2/4 [T, loss: 0.7500]"
        callbacks.on_test_begin()
        callbacks.on_progress(1, 9, {"loss": 0.1})  # the validation has no bar of its own
        callbacks.on_test_end({"loss": 0.1})
        assert masked(terminal.lines()[-1]) == "Epoch 1/1 |█████     | 2/4 [T, loss: 0.7500]"
        callbacks.on_epoch_end(0, {"loss": 0.5, "val_loss": 0.1})
    assert [masked(line) for line in terminal.lines()] == [
        "Epoch 1/1 |██████████| 4/4 [T, loss: 0.5000 - val_loss: 0.1000]",
        "",
    ]


def test_an_epoch_that_turns_out_slow_gets_a_bar_from_its_own_beginning(
    model: Any, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_bar, "FEW", 0)
    ago, clock = [60.0], time.time
    monkeypatch.setattr("time.time", lambda: clock() - ago[0])
    with terminal, CallbackList(None, model=model, verbose=1, epochs=3, steps=10) as callbacks:
        callbacks.on_train_begin()
        callbacks.on_epoch_begin(0)
        callbacks.on_epoch_end(0, {"loss": 0.5})
        callbacks.on_epoch_begin(1)
        assert len(terminal.lines()) == 2  # none for the second epoch yet
        assert terminal.lines()[-1] == ""
        ago[0] = 0.0
        callbacks.on_progress(5, 10, {"loss": 0.25})
    assert re.match(r"Epoch 2/3 \|█████     \| 5/10 \[01:\d\d<01:", terminal.lines()[-2])


@pytest.mark.usefixtures("every_epoch")
def test_steps_of_unknown_number(model: Any, terminal: Terminal) -> None:
    with terminal, CallbackList(None, model=model, verbose=1, epochs=1, steps=None) as callbacks:
        callbacks.on_train_begin()
        callbacks.on_epoch_begin(0)
        callbacks.on_progress(7, None, {"loss": 0.75})
        callbacks.on_epoch_end(0, {"loss": 0.5})
    assert re.match(r"Epoch 1/1 \| +\| 7/\? \[.*, loss: 0.5000\]", terminal.lines()[0])


def test_a_narrow_terminal_wraps_the_results_instead_of_cutting_them(
    model: Any, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "20")
    with terminal:
        model.fit(None, RESULTS[:1], verbose=1)
    drawn = terminal.getvalue().split("\r")
    assert max(len(text) for text in drawn[:-1]) <= 40
    assert drawn[-1].rstrip().endswith("val_accuracy: 0.5000]")


def test_an_evaluation_has_a_bar(model: Any, terminal: Terminal) -> None:
    with terminal, CallbackList(None, model=model, verbose=1, steps=3) as callbacks:
        callbacks.on_test_begin()
        callbacks.on_test_end({"loss": 0.25})
    assert [masked(line) for line in terminal.lines()] == [
        "Evaluation |██████████| 3/3 [T, loss: 0.2500]",
        "",
    ]


@pytest.mark.parametrize(("patience", "shown"), [(1.0, [""]), (0.0, ["Prediction |██████████| 3/3 [T]", ""])])
def test_a_prediction_has_one_if_it_takes_long(
    patience: float, shown: list[str], model: Any, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_bar, "PATIENCE", patience)
    with terminal, CallbackList(None, model=model, verbose=1, steps=3) as callbacks:
        callbacks.on_predict_begin()
        for done in (1, 2, 3):
            callbacks.on_progress(done, 3, None)
        callbacks.on_predict_end()
    assert [masked(line) for line in terminal.lines()] == shown


@pytest.mark.usefixtures("every_epoch")
def test_what_callbacks_say_stands_above_the_bar(model: Any, terminal: Terminal) -> None:
    with terminal:
        model.fit(EarlyStopping("loss", verbose=1), [{"loss": 0.5}, {"loss": 0.5}], verbose=1)
    assert [line.split(" |")[0] for line in terminal.lines()] == [
        "Epoch 1/2",
        "Epoch 2/2",
        "Epoch 2: early stopping",
        "",
    ]


def test_the_bar_is_closed_after_an_interrupt(model: Any, terminal: Terminal) -> None:
    def interrupt(epoch: int, logs: Any) -> None:
        raise KeyboardInterrupt

    watching = LambdaCallback(on_epoch_end=interrupt)
    with terminal, pytest.raises(KeyboardInterrupt):
        model.fit(watching, [{"loss": 0.5}], verbose=1)
    assert terminal.lines()[0].startswith("Epoch 1/1 |          | 0/2 [")
    assert terminal.lines()[1:] == [""]


# -- what is imported ----------------------------------------------------------------------------------------------


def run_python(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_notebooks_bar_is_imported_when_the_first_one_is_drawn() -> None:
    code = "import sys, gpunet; print({'tqdm.auto', 'tqdm.notebook'} & set(sys.modules))"
    assert run_python(code) == "set()\n"


def test_a_notebook_without_widgets_gets_a_bar_of_text_and_no_warning() -> None:
    code = """
import sys, types
for name in ("ipykernel", "ipykernel.zmqshell", "IPython"):
    sys.modules[name] = types.ModuleType(name)
sys.modules["IPython"].get_ipython = lambda: None
sys.modules["ipywidgets"] = None
from gpunet.callbacks.progress_bar import _tqdm
print("tqdm.notebook" in sys.modules, _tqdm().__module__)
"""
    assert run_python(code) == "False tqdm.asyncio\n"
