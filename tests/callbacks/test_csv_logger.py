"""The log file. Columns, order and NA are those of Keras 3.15.1 for the same results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpunet.callbacks import CSVLogger, EarlyStopping, LambdaCallback


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ([{"loss": 0.5, "accuracy": 0.25}], "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.25,0.5,NA,NA\n"),
        ([{"loss": 0.5}, {"loss": 0.4, "val_loss": 0.6}], "epoch,loss,val_loss\n0,0.5,NA\n1,0.4,0.6\n"),
        ([{"loss": 0.5, "val_loss": 1.0}, {"loss": 0.4}], "epoch,loss,val_loss\n0,0.5,1.0\n1,0.4,NA\n"),
        ([{"loss": float("nan")}], "epoch,loss,val_loss\n0,nan,NA\n"),
        ([{"val_loss": 1.0, "f": np.array([0.5, 0.25])}], 'epoch,f,val_loss\n0,"[0.5, 0.25]",1.0\n'),
    ],
)
def test_a_line_an_epoch(results: list[Any], text: str, path: Path, model: Any) -> None:
    model.fit(CSVLogger(path), results)
    assert path.read_bytes() == text.encode()


def test_another_separator(path: Path, model: Any) -> None:
    model.fit(CSVLogger(str(path), separator=";"), [{"loss": 0.5, "val_loss": 1.0}])
    assert path.read_text() == "epoch;loss;val_loss\n0;0.5;1.0\n"


def test_appending_goes_on_without_a_second_header(path: Path, model: Any) -> None:
    logger = CSVLogger(path, append=True)
    model.fit(logger, [0.5])
    model.fit(logger, [0.25], initial_epoch=1)
    model.fit(CSVLogger(path, append=True), [0.125], initial_epoch=2)
    assert path.read_text() == "epoch,loss,val_loss\n0,0.0,0.5\n1,0.0,0.25\n2,0.0,0.125\n"


def test_appending_keeps_to_the_columns_of_the_file(path: Path, model: Any) -> None:
    path.write_text("epoch;val_loss;accuracy;loss\n0;0.5;1.0;0.25\n")
    logger = CSVLogger(path, separator=";", append=True)
    model.fit(logger, [{"loss": 0.125, "val_loss": 0.75}], initial_epoch=1)
    model.fit(logger, [{"loss": 0.0, "accuracy": 0.5}], initial_epoch=2)
    expected = "epoch;val_loss;accuracy;loss\n0;0.5;1.0;0.25\n1;0.75;NA;0.125\n2;NA;0.5;0.0\n"
    assert path.read_text() == expected
    with pytest.raises(
        ValueError, match="has no column for mae, val_mae, only epoch, val_loss, accuracy, loss"
    ):
        model.fit(logger, [{"loss": 0.0, "mae": 0.0, "val_mae": 0.0}], initial_epoch=3)
    with pytest.raises(ValueError, match="has no column for epoch, loss, only epoch;val_loss;accuracy;loss"):
        model.fit(CSVLogger(path, append=True), [{"loss": 0.0}], initial_epoch=3)
    assert path.read_text() == expected


def test_a_new_training_replaces_the_file(path: Path, model: Any) -> None:
    logger = CSVLogger(path)
    model.fit(logger, [0.5, 0.25])
    model.fit(logger, [{"loss": 0.125, "accuracy": 1.0, "val_loss": 2.0}])
    assert path.read_text() == "epoch,accuracy,loss,val_loss\n0,1.0,0.125,2.0\n"


def test_a_training_that_does_not_begin_leaves_the_file(path: Path, model: Any) -> None:
    path.write_text("of yesterday\n")
    with pytest.raises(ValueError, match="unknown quantity"):
        model.fit([CSVLogger(path), EarlyStopping("typo")], [0.5])
    assert path.read_text() == "of yesterday\n"


def test_after_an_error_the_file_is_complete_and_closed(path: Path, model: Any) -> None:
    def fail(epoch: int, logs: Any) -> None:
        assert path.read_text().count("\n") == (0 if epoch == 0 else 2)  # each line is there at once
        if epoch == 1:
            raise KeyboardInterrupt

    logger = CSVLogger(path)
    with pytest.raises(KeyboardInterrupt):
        model.fit([logger, LambdaCallback(on_epoch_begin=fail)], [0.5, 0.25])
    assert path.read_text() == "epoch,loss,val_loss\n0,0.0,0.5\n"
    assert logger._file is None


def test_numbers_read_back_are_the_same(path: Path, model: Any) -> None:
    losses = np.random.default_rng(0).random(20).tolist()
    model.fit(CSVLogger(path), losses)
    assert [float(line.split(",")[2]) for line in path.read_text().splitlines()[1:]] == losses


def test_what_is_refused(tmp_path: Path, model: Any) -> None:
    with pytest.raises(ValueError, match="CSVLogger: expected a separator of one character, got '::'"):
        CSVLogger(tmp_path / "log.csv", separator="::")
    with pytest.raises(FileNotFoundError):
        model.fit(CSVLogger(tmp_path / "missing" / "log.csv"), [0.5])
    assert model.epoch == -1
