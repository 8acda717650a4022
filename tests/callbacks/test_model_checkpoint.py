"""Which models are saved, and where."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from gpunet.callbacks import ModelCheckpoint


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.rglob("*.safetensors"))}


def test_every_epoch_into_one_file(tmp_path: Path, model: Any) -> None:
    model.fit(ModelCheckpoint(tmp_path / "model.safetensors"), [0.5, 0.75])
    assert files(tmp_path) == {"model.safetensors": "model 1"}


def test_weights_only(tmp_path: Path, model: Any) -> None:
    model.fit(ModelCheckpoint(tmp_path / "w.safetensors", save_weights_only=True), [0.5])
    assert files(tmp_path) == {"w.safetensors": "weights 0"}


def test_fields_and_missing_folders(tmp_path: Path, model: Any) -> None:
    path = tmp_path / "run{epoch}" / "{epoch:02d}-{val_loss:.2f}-{loss}.safetensors"
    model.fit(ModelCheckpoint(path), [0.5, 0.754])
    assert files(tmp_path) == {"01-0.50-0.0.safetensors": "model 0", "02-0.75-0.0.safetensors": "model 1"}
    assert (tmp_path / "run2").is_dir()


@pytest.mark.parametrize(
    ("arguments", "results", "saved"),
    [
        ({}, [0.5, 0.6, 0.4, 0.4, 0.3], [1, 3, 5]),
        ({"mode": "max"}, [0.5, 0.6, 0.4, 0.6, 0.7], [1, 2, 5]),
        ({"monitor": "val_loss", "initial_value_threshold": 0.45}, [0.5, 0.4, 0.6, 0.3], [2, 4]),
        ({"initial_value_threshold": 0.0}, [0.5, 0.4], []),
        ({}, [math.nan, 0.5, math.nan, 0.25], [2, 4]),
    ],
)
def test_only_the_best(
    arguments: dict[str, Any], results: list[float], saved: list[int], tmp_path: Path, model: Any
) -> None:
    path = tmp_path / "{epoch}.safetensors"
    model.fit(ModelCheckpoint(path, save_best_only=True, **arguments), results)
    assert files(tmp_path) == {f"{epoch}.safetensors": f"model {epoch - 1}" for epoch in saved}


def test_the_best_is_that_of_all_trainings(tmp_path: Path, model: Any) -> None:
    """As in Keras: going on with a worse model doesn't replace the better one in the file."""
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.safetensors", save_best_only=True)
    model.fit(checkpoint, [0.5])
    resumed = ModelCheckpoint(tmp_path / "{epoch}.safetensors", save_best_only=True)
    resumed.set_state(json.loads(json.dumps(checkpoint.get_state())))
    for callback in (checkpoint, resumed):
        model.fit(callback, [0.6, 0.55], initial_epoch=1)
    assert list(files(tmp_path)) == ["1.safetensors"]
    model.fit(resumed, [0.4], initial_epoch=3)
    assert list(files(tmp_path)) == ["1.safetensors", "4.safetensors"]


def test_an_epoch_without_the_quantity_is_saved_only_as_long_as_there_is_no_best(
    tmp_path: Path, model: Any
) -> None:
    checkpoint = ModelCheckpoint(tmp_path / "{epoch}.safetensors", save_best_only=True)
    results = [{"loss": 0.5}, {"loss": 0.4, "val_loss": 0.5}, {"loss": 0.3}, {"loss": 0.2, "val_loss": 0.4}]
    with pytest.warns(UserWarning, match='ModelCheckpoint: there is no "val_loss"'):
        model.fit(checkpoint, results)
    assert list(files(tmp_path)) == ["1.safetensors", "2.safetensors", "4.safetensors"]


def test_every_so_many_batches(tmp_path: Path, model: Any) -> None:
    """Three batches an epoch: the 2nd, 4th and 6th of all are the 2nd of epoch 1, the 1st and the 3rd of epoch 2."""
    path = tmp_path / "{epoch}-{batch}.safetensors"
    model.fit(ModelCheckpoint(path, save_freq=2), [0.5, 0.4], batches=3)
    assert list(files(tmp_path)) == ["1-2.safetensors", "2-1.safetensors", "2-3.safetensors"]


def test_batches_are_only_wanted_with_a_frequency_in_batches() -> None:
    assert not ModelCheckpoint("model.safetensors").listens_to("on_train_batch_end")
    assert ModelCheckpoint("model.safetensors", save_freq=10).listens_to("on_train_batch_end")


def test_what_it_says(tmp_path: Path, model: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.safetensors"
    model.fit(ModelCheckpoint(path, save_best_only=True, verbose=1), [0.5, 0.6, 0.25])
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch 1: val_loss improved to 0.50000, saved model to {path}",
        "Epoch 2: val_loss did not improve from 0.50000",
        f"Epoch 3: val_loss improved from 0.50000 to 0.25000, saved model to {path}",
    ]
    model.fit(ModelCheckpoint(path, save_weights_only=True, verbose=1), [0.5])
    assert capsys.readouterr().out == f"Epoch 1: saved weights to {path}\n"


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"filepath": "model.keras"}, 'expected a filepath that ends in ".safetensors", got "model.keras"'),
        ({"filepath": "{epoch.safetensors"}, 'malformed filepath "{epoch.safetensors"'),
        ({"filepath": "m.safetensors", "save_freq": 0}, 'expected save_freq as "epoch" or a positive number'),
        ({"filepath": "m.safetensors", "save_freq": "batch"}, "number of batches, got 'batch'"),
        ({"filepath": "m.safetensors", "initial_value_threshold": "1"}, "_threshold as a number, got '1'"),
        ({"filepath": "m.safetensors", "mode": "best"}, 'unknown mode "best"'),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"ModelCheckpoint: .*{message}"):
        ModelCheckpoint(**arguments)


def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path: Path, model: Any) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(NotADirectoryError, match="is no folder"):
        model.fit(ModelCheckpoint(tmp_path / "file" / "deeper" / "{epoch}.safetensors"), [0.5])
    with pytest.raises(IsADirectoryError, match="is a folder; expected a file"):
        model.fit(ModelCheckpoint(tmp_path / "folder.safetensors"), [0.5])
    assert model.epoch == -1


def test_missing_rights_are_refused_before_training(
    tmp_path: Path, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(PermissionError, match="no right to write"):
        model.fit(ModelCheckpoint(tmp_path / "model.safetensors"), [0.5])
    assert model.epoch == -1


def test_an_unknown_quantity_is_refused_before_training(tmp_path: Path, model: Any) -> None:
    checkpoint = ModelCheckpoint(tmp_path / "m.safetensors", monitor="val_acuracy", save_best_only=True)
    with pytest.raises(ValueError, match='unknown quantity "val_acuracy"'):
        model.fit(checkpoint, [0.5])
    assert model.epoch == -1


@pytest.mark.parametrize("field", ["{val_accuracy}", "{batch}", "{}", "{loss:d}"])
def test_a_field_that_cannot_be_filled_says_what_there_is(field: str, tmp_path: Path, model: Any) -> None:
    with pytest.raises(ValueError, match=r"can't fill .*; there are epoch, loss, val_loss"):
        model.fit(ModelCheckpoint(f"{tmp_path}/{field}.safetensors"), [0.5])
