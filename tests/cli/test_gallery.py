"""`gpunet gallery`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpunet.gallery.data import VARIABLE
from gpunet.gallery.program import programs

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "")  # so that what a command sets is undone


def test_the_list(run: Run) -> None:
    code, out, _ = run("gallery", "--list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [program.name for program in programs()]


def test_pictures_and_a_page(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("gallery", "perceptron", "levels_faces", "--out", tmp_path / "new", "--data", tmp_path)
    assert code == 1  # one of two that were asked for is missing
    assert {path.name for path in (tmp_path / "new").iterdir()} == {"perceptron.png", "index.html"}
    assert "left out: levels_faces: needs faces.npz with x and y" in out
    assert out.splitlines()[-1] == f"1 picture, shown by {tmp_path / 'new' / 'index.html'}"
    page = (tmp_path / "new" / "index.html").read_text(encoding="utf-8")
    assert "A single neuron is a line." in page
    assert "<li>levels_faces: " in page


def test_without_a_picture_there_is_no_page(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("gallery", "levels_faces", "--out", tmp_path / "new", "--data", tmp_path)
    assert (code, len(out.splitlines())) == (1, 1)
    assert list((tmp_path / "new").iterdir()) == []


def test_the_page_keeps_the_pictures_of_earlier_runs(run: Run, tmp_path: Path) -> None:
    run("gallery", "perceptron", "--out", tmp_path)
    out = run("gallery", "activations", "--out", tmp_path).out
    assert out.splitlines() == [
        str(tmp_path / "activations.png"),
        f"2 pictures, shown by {tmp_path / 'index.html'}",
    ]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.count("<img ") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("xorr",), 'Unknown picture "xorr". Did you mean "xor"?'),
        (("xor", "--data", "nowhere"), "--data: there is no folder nowhere."),
        (("xor", "--output", "x"), 'Unknown option "--output"'),
    ],
)
def test_mistakes(run: Run, arguments: tuple[str, ...], message: str) -> None:
    code, _, err = run("gallery", *arguments)
    assert code == 2
    assert message in err


def test_a_file_in_the_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    code, _, err = run("gallery", "perceptron", "--out", tmp_path / "taken")
    assert code == 2
    assert "taken" in err


def test_without_matplotlib_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = run("gallery", "xor")
    assert code == 2
    assert (
        err.strip() == "gpunet: error: plots.gallery: needs matplotlib; pip install 'gpunet[plot]' brings it."
    )
