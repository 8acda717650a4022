"""The gallery's programs: what they trained is what their pictures say."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest

import gpunet
from gpunet.gallery import from_scratch, xor
from gpunet.gallery.data import VARIABLE, read
from gpunet.gallery.page import page
from gpunet.gallery.program import MissingDataError, Program, programs

matplotlib.use("Agg")
from matplotlib import pyplot

QUICK = ("activations", "perceptron", "xor", "passing", "optimizers")
BY_NAME = {program.name: program for program in programs()}


@pytest.fixture(autouse=True)
def _close_figures() -> Any:
    yield
    pyplot.close("all")


def test_the_programs_are_the_modules_of_the_folder_in_the_order_of_the_lecture() -> None:
    modules = {path.stem for path in Path(xor.__file__).parent.glob("*.py")} - {
        "__init__",
        "program",
        "page",
        "data",
    }
    assert set(BY_NAME) == modules
    places = [import_module(f"gpunet.gallery.{name}").PLACE for name in BY_NAME]
    assert places == list(range(1, len(BY_NAME) + 1))


@pytest.mark.parametrize("name", BY_NAME)
def test_a_program_is_short_and_says_what_it_shows(name: str) -> None:
    program = BY_NAME[name]
    assert program.title.endswith(".") or program.title.endswith("?")
    assert len(program.text) > 100
    text = Path(xor.__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    assert 30 <= len(text.splitlines()) <= 80
    assert re.search(rf'show\(draw\(\), "{name}"\)$', program.source)


@pytest.mark.parametrize("name", QUICK)
def test_a_picture_has_panels_with_labels(name: str) -> None:
    figure = BY_NAME[name].draw()
    assert figure.axes
    for ax in figure.axes:
        assert not ax.axison or ax.get_xlabel() or ax.get_ylabel() or ax.get_title()


def test_xor_is_solved_with_a_hidden_layer_and_not_without() -> None:
    x, y = gpunet.datasets.xor()
    gpunet.set_random_seed(0)
    assert (xor.train(4).predict(x, verbose=0)[:, 0].round() == y).all()
    gpunet.set_random_seed(0)
    np.testing.assert_allclose(xor.train(0).predict(x, verbose=0), 0.5, atol=0.01)


def test_the_perceptron_s_line() -> None:
    figure = BY_NAME["perceptron"].draw()
    line = figure.axes[0].collections[-1].get_paths()[0].vertices
    np.testing.assert_allclose(line.sum(axis=1), 2, atol=0.01)


def test_the_network_from_scratch_is_the_same_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(from_scratch, "ITERATIONS", 4)
    monkeypatch.setattr(from_scratch, "SAMPLES", 60)
    scratch, ours = from_scratch.curves()
    assert len(scratch) == 4
    np.testing.assert_allclose(ours, scratch, rtol=1e-9)
    assert scratch[-1] < scratch[0]


def test_the_same_picture_each_time() -> None:
    first, second = (BY_NAME["passing"].draw() for _ in range(2))
    heights = [[bar.get_height() for bar in figure.axes[1].patches] for figure in (first, second)]
    assert heights[0] == heights[1]


def test_a_program_runs_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "gpunet.gallery.perceptron"]
    root = str(Path(gpunet.__file__).parent.parent)
    done = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"MPLBACKEND": "Agg", "PYTHONPATH": root, "HOME": str(tmp_path), "GPUNET_BACKEND": "numpy"},
    )
    assert done.stdout == "perceptron.png\n"
    assert pyplot.imread(tmp_path / "perceptron.png").ndim == 3


@pytest.mark.parametrize(
    ("name", "missing"), [("levels_fashion", "Fashion-MNIST"), ("levels_faces", "Olivetti faces")]
)
def test_data_that_aren_t_here(
    name: str, missing: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(MissingDataError, match=missing):
        BY_NAME[name].draw()


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (None, "faces.npz is no npz file"),
        ({"people": np.arange(3)}, r"got \(0,\) and \(0,\)"),
        (
            {"x": np.ones((3, 4)), "y": np.arange(3)},
            r"expected x \(count, height, width\) .* got \(3, 4\) and \(3,\)",
        ),
        ({"x": np.ones((3, 4, 4)), "y": np.ones(3)}, "whole y"),
        ({"x": np.zeros((3, 4, 4)), "y": np.arange(3)}, "expected x"),
    ],
)
def test_faces_that_are_none(
    parts: Any, message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    if parts is None:
        (tmp_path / "faces.npz").write_text("junk")
    else:
        np.savez(tmp_path / "faces.npz", **parts)
    with pytest.raises(MissingDataError, match=message):
        BY_NAME["levels_faces"].draw()


def test_a_file_of_faces_that_is_damaged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    np.savez(tmp_path / "faces.npz", x=np.ones((3, 4, 4)), y=np.arange(3))
    content = bytearray((tmp_path / "faces.npz").read_bytes())
    content[200] ^= 1
    (tmp_path / "faces.npz").write_bytes(content)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(MissingDataError, match=r"faces\.npz is damaged"):
        BY_NAME["levels_faces"].draw()


def test_what_is_read_comes_from_the_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert read(lambda folder: folder, "anything") == tmp_path


def test_faces_that_are_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    people = np.arange(40) % 8
    x = generator.random((8, 5, 4))[people] + 0.1 * generator.random((40, 5, 4))
    np.savez(tmp_path / "faces.npz", x=x, y=people)
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    figure = BY_NAME["levels_faces"].draw()
    assert figure.axes[0].images[0].get_array().shape == (5, 4)


def test_without_parselmouth_the_vowels_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parselmouth", None)
    monkeypatch.setitem(sys.modules, "parselmouth.praat", None)
    with pytest.raises(MissingDataError, match="pip install praat-parselmouth"):
        BY_NAME["vowels"].draw()


def test_the_page_holds_everything_and_escapes_it() -> None:
    program = Program("less", "a < b", "if a & b", 'print("<b>")')
    text = page([(program, b"png")], {"vowels": "needs <praat>"})
    assert "<h2>a &lt; b</h2>" in text
    assert "if a &amp; b" in text
    assert "print(&quot;&lt;b&gt;&quot;)" in text
    assert "data:image/png;base64,cG5n" in text
    assert "<li>vowels: needs &lt;praat&gt;</li>" in text
    assert not re.search(r'(src|href)="http', text)
