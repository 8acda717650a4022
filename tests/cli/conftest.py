"""Small tables, an empty folder, and the command line called in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from gpunet.cli import main


class Answer(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GPUNET_BACKEND", raising=False)
    return tmp_path


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command line, in this process."""

    def answer(*words: object) -> Answer:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return Answer(code, *capsys.readouterr())

    return answer


@pytest.fixture
def refused(run: Run, folder: Path) -> Callable[..., str]:
    """Runs a command line that must fail, and returns the one line that says why; no file may have changed."""

    def contents() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def answer(*words: object) -> str:
        before = contents()
        code, _, err = run(*words)
        assert code == 2
        assert err.startswith("gpunet: error: ")
        assert err.count("\n") == 1
        assert err.endswith("\n")
        assert "Traceback" not in err
        assert contents() == before
        return err.removeprefix("gpunet: error: ").rstrip("\n")

    return answer


@pytest.fixture
def flowers(folder: Path) -> Path:
    """Three classes that two numbers and a text tell apart, 40 rows each, with a serial number in front."""
    random = np.random.default_rng(0)
    lines = ["id,length,width,colour,species"]
    for row in range(120):
        species = ("aster", "bellis", "crocus")[row % 3]
        length, width = random.normal((2.0, 6.0, 6.0)[row % 3], 0.4), random.normal(3.0, 0.4)
        colour = ("white", "white", "blue")[row % 3]
        lines.append(f"{row},{length:.3f},{width:.3f},{colour},{species}")
    path = folder / "flowers.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def houses(folder: Path) -> Path:
    """Prices that are 3000 · area, and 50000 more in Rome, of 80 houses."""
    random = np.random.default_rng(0)
    lines = ["area,city,price"]
    for row in range(80):
        area, city = random.uniform(40, 160), ("Oslo", "Rome")[row % 2]
        lines.append(f"{area:.1f},{city},{3000 * round(area, 1) + 50_000 * (row % 2) + 0.5:.2f}")
    path = folder / "houses.csv"
    path.write_text("\n".join(lines) + "\n")
    return path
