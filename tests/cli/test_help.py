"""What the command line says about itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gpunet
from gpunet.cli import training_options
from gpunet.cli.main import COMMANDS, make_parser

Run = Callable[..., Any]
NAMES = [module.__name__.rpartition(".")[2] for module in COMMANDS]


def test_the_version(run: Run) -> None:
    assert run("--version") == (0, f"gpunet {gpunet.__version__}\n", "")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_help_names_every_command(run: Run, words: list[str]) -> None:
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    for name in ("train", "evaluate", "predict", "summary", "doctor"):
        assert f"    {name} " in out
    assert "examples:\n  gpunet train digits\n" in out


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(run: Run, name: str) -> None:
    code, out, err = run(name, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"usage: gpunet {name}")
    assert f"examples:\n  gpunet {name}" in out


def test_the_help_of_train_names_every_option(run: Run) -> None:
    out = run("train", "--help").out
    options = re.findall(r'"(--[a-z-]+)"', Path(training_options.__file__).read_text())
    assert len(options) == 19
    for option in options:
        assert f"  {option}" in out
    for name in gpunet.datasets.names():
        assert name == "csv" or name in out
    assert "(default: 128,64)" in " ".join(out.split())


def test_the_examples_are_understood(run: Run) -> None:
    lines = [
        line.split()[1:]
        for name in NAMES
        for line in run(name, "--help").out.split("examples:\n")[1].splitlines()
    ]
    assert len(lines) >= len(NAMES)
    for words in lines:
        assert make_parser().parse_strictly(words).run is not None
