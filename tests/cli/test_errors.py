"""What goes wrong is one line on stderr, exit code 2, and changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpunet import backend
from gpunet.backend import cupy_backend

Refused = Callable[..., str]
TRAIN = ("train", "flowers.csv", "--target", "species")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], 'Unknown command "trian". Did you mean "train"?'),
        (["train"], "the following arguments are required: DATA"),
        (["train", "digit"], "unknown data set 'digit' (did you mean 'digits'?)"),
        (["train", "csv"], "unknown data set 'csv'"),
        (["train", "missing.csv", "--target", "y"], "no file missing.csv"),
        (["train", "."], ".: Is a directory"),
        (["train", "flowers.csv"], "--target says which column to predict; the columns are 'id', 'length'"),
        (["train", "flowers.csv", "--target", "specis"], "no column 'specis' (did you mean 'species'?)"),
        (["train", "digits", "--target", "digit"], "--target does not apply here: digits is no CSV file"),
        ([*TRAIN, "--noise", "0.1"], "--noise does not apply here: flowers.csv is a CSV file"),
        (
            ["train", "digits", "--noise", "1"],
            "--noise does not apply here: digits takes no options of its own",
        ),
        (
            ["train", "moons", "--folder", "."],
            "--folder does not apply here: moons takes --samples and --noise",
        ),
        (["train", "fashion_mnist"], "fashion_mnist: --folder says in which folder its files are"),
        (["train", "fashion_mnist", "--folder", "nowhere"], "no folder nowhere"),
        (["train", "moons", "--samples", "0"], "--samples: expected a whole number of at least 1, got '0'"),
        (["train", "moons", "--samples", "3"], "at least four rows"),
        (["train", "moons", "--noise", "-1"], "--noise: expected a number of at least 0, got '-1'"),
        ([*TRAIN, "--task", "clustering"], "--task: invalid choice: 'clustering'"),
        ([*TRAIN, "--ignore", "colr"], "no column 'colr' (did you mean 'colour'?)"),
        (
            [*TRAIN, "--ignore", "species"],
            "column 'species' is to be predicted and to be ignored; choose one",
        ),
        ([*TRAIN, "--hidden", "abc"], "--hidden: expected the sizes of the hidden layers such as 128,64"),
        ([*TRAIN, "--hidden", "8,0"], "--hidden: expected the sizes"),
        ([*TRAIN, "--hidden", ""], "--hidden: expected the sizes"),
        ([*TRAIN, "--epochs", "0"], "--epochs: expected a whole number of at least 1, got '0'"),
        ([*TRAIN, "--batch-size", "1.5"], "--batch-size: expected a whole number of at least 1, got '1.5'"),
        ([*TRAIN, "--dropout", "1.5"], "--dropout: expected a number from 0 to below 1, got '1.5'"),
        ([*TRAIN, "--dropout", "nan"], "--dropout: expected a number from 0 to below 1, got 'nan'"),
        ([*TRAIN, "--learning-rate", "0"], "--learning-rate: expected a number above 0, got '0'"),
        ([*TRAIN, "--learning-rate", "inf"], "--learning-rate: expected a number above 0, got 'inf'"),
        ([*TRAIN, "--early-stopping", "-1"], "--early-stopping: expected a whole number of at least 0"),
        ([*TRAIN, "--seed", "-1"], "--seed: expected a whole number of at least 0, got '-1'"),
        ([*TRAIN, "--verbose", "3"], "--verbose: invalid choice: 3"),
        ([*TRAIN, "--activation", "rellu"], 'Unknown activation "rellu". Did you mean "relu"?'),
        ([*TRAIN, "--activation", "step"], "can't be trained through"),
        ([*TRAIN, "--optimizer", "adm"], 'Unknown optimizer "adm". Did you mean "adam"?'),
        ([*TRAIN, "--backend", "cuda"], "--backend: invalid choice: 'cuda'"),
        ([*TRAIN, "--save", "nowhere/model"], "no folder nowhere to write model into"),
        ([*TRAIN, "--save", "."], ". is a folder"),
        ([*TRAIN, "--save", os.devnull], "is no plain file"),
        ([*TRAIN, "--save", "flowers.csv"], "flowers.csv would be overwritten, but it is an input"),
        ([*TRAIN, "--hiden", "8"], 'Unknown option "--hiden". Did you mean "--hidden"?'),
        ([*TRAIN, "--epoch=8"], 'Unknown option "--epoch". Did you mean "--epochs"?'),
        ([*TRAIN, "more", "words"], "Unexpected arguments: more words."),
        ([*TRAIN, "--hidden", "1,100000000000000"], "Unable to allocate"),
        (["evaluate", "none.safetensors"], "none.safetensors: no such file"),
        (["evaluate", "flowers.csv"], "flowers.csv: not a safetensors file"),
        (["predict", "flowers.csv", "flowers.csv"], "flowers.csv: not a safetensors file"),
        (["predict", "none.safetensors"], "the following arguments are required: CSV"),
        (["predict", "m", "n.csv", "--out", "nowhere/p.csv"], "no folder nowhere to write p.csv into"),
        (["predict", "m", "flowers.csv", "--out", "./flowers.csv"], "would be overwritten"),
        (["summary", "none.safetensors"], "none.safetensors: no such file"),
        (["summary", "."], ".: no such file"),
        (["doctor", "now"], "Unexpected arguments: now."),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    refused: Refused, flowers: Path, words: list[str], message: str
) -> None:
    assert message in refused(*words)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a header row and rows below it"),
        ("x,y\n", "expected a header row and rows below it"),
        ("x,y\n" + 8 * "1,a\n", "expected at least two classes in target column 'y', got only 'a'"),
        ("x,y\n1,a\n2,b\n", "data.csv: expected at least four rows of a class"),
        ("y\n" + 4 * "a\nb\n", "expected a column to learn from beside the target 'y'"),
        ("x,y\n" + 4 * "1,a\n2,b\n" + ",a\n", "data.csv, line 10, column 'x': the number is missing"),
        ("x,y\n" + 4 * "1,a\n2,b\n" + "inf,a\n", "data.csv, line 10, column 'x': expected a number"),
        ("x,y\n" + 4 * "1,a\n2,b\n" + "3,\n", "data.csv, line 10, column 'y': the target is missing"),
        ("x,y\n1,a\n2,b,c\n", "data.csv, line 3: expected 2 fields as in the header, got 3"),
        ("x,x,y\n1,1,a\n", "the header names column 'x' twice"),
        ('x,y\n1,"a\n', "not a CSV file"),
    ],
)
def test_tables_that_cannot_be_trained_on(refused: Refused, folder: Path, text: str, message: str) -> None:
    (folder / "data.csv").write_text(text)
    assert message in refused("train", "data.csv", "--target", "y")


def test_other_bytes_than_utf_8(refused: Refused, folder: Path) -> None:
    (folder / "data.csv").write_bytes("größe,y\n1,a\n".encode("latin-1"))
    assert "expected UTF-8" in refused("train", "data.csv", "--target", "y")


def test_damaged_models(run: Callable[..., Any], refused: Refused, flowers: Path) -> None:
    run("train", "moons", "--epochs", 1, "--hidden", 4, "--verbose", 0)
    whole = Path("moons.safetensors").read_bytes()
    Path("short").write_bytes(whole[:-8])
    Path("flipped").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "short: not a safetensors file, or a damaged one" in refused("evaluate", "short")
    assert "flipped: the file is damaged" in refused("predict", "flipped", "flowers.csv")
    assert "flipped: the file is damaged" in refused("summary", "flipped")


def test_a_missing_backend(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.setattr(backend, "_cupy", cupy_backend.load)
    assert "CuPy is not installed" in refused("train", "moons", "--backend", "cupy")


def test_what_nobody_foresaw_is_one_line_too(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise KeyError("two\nlines")

    monkeypatch.setattr("gpunet.cli.data.load", fail)
    assert refused("train", "moons") == r"KeyError('two\nlines')"
