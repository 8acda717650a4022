"""`gpunet train`."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gpunet.callbacks import EarlyStopping
from gpunet.cli import train
from gpunet.models.saving import load_model, read_extra

Run = Callable[..., Any]
QUICK = ("--epochs", 2, "--hidden", 8, "--verbose", 0)


def accuracy(text: str) -> float:
    return float(re.search(r"accuracy (\d\.\d+)", text)[1])  # type: ignore[index]


def test_digits_with_the_defaults(run: Run, folder: Path) -> None:
    code, out, _ = run("train", "digits")
    assert code == 0
    first, *epochs, scores, saved = out.splitlines()
    assert first == "digits: 1352 rows to train on, 445 to test on, 64 features, 10 classes; seed 0"
    assert len(epochs) == 47  # of 43 steps: the first number of epochs that makes 2000
    assert epochs[0].startswith("Epoch 1/47")
    assert accuracy(scores) >= 0.97
    assert saved == "saved digits.safetensors"
    assert [path.name for path in folder.iterdir()] == ["digits.safetensors"]
    evaluated = run("evaluate", "digits.safetensors").out
    assert evaluated.split(": ", 1)[1] == scores.split(": ", 1)[1] + "\n"


@pytest.mark.parametrize(
    ("words", "least"),
    [
        (["xor"], 1.0),
        (["and"], 1.0),
        (["or"], 1.0),
        (["moons"], 0.98),
        (["students"], 0.9),
        (["clouds"], 0.98),
    ],
)
def test_the_lectures_sets_with_the_defaults(run: Run, words: list[str], least: float) -> None:
    code, out, _ = run("train", *words, "--verbose", 0)
    assert code == 0
    assert accuracy(out) >= least
    assert Path(f"{words[0]}.safetensors").is_file()


def test_the_same_seed_gives_the_same_file(run: Run, flowers: Path) -> None:
    words = ("train", flowers.name, "--target", "species", "--dropout", 0.3, *QUICK)
    run(*words, "--save", "first", "--seed", 5)
    run(*words, "--save", "second", "--seed", 5)
    run(*words, "--save", "third", "--seed", 6)
    first, second, third = (Path(name).read_bytes() for name in ("first", "second", "third"))
    assert first == second
    assert first != third


def test_the_default_seed_is_0(run: Run) -> None:
    run("train", "moons", *QUICK, "--save", "first")
    run("train", "moons", *QUICK, "--save", "second", "--seed", 0)
    assert Path("first").read_bytes() == Path("second").read_bytes()


def test_options_reach_the_model(run: Run, flowers: Path) -> None:
    options = "--hidden 7,5 --activation tanh --dropout 0.25 --optimizer sgd --learning-rate 0.5 --epochs 3"
    words = (*options.split(), "--batch-size", 45, "--backend", "numpy", "--ignore", "id", "--verbose", 0)
    run("train", flowers.name, "--target", "species", *words)
    model = load_model("flowers.safetensors")
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [layer.units for layer in model.layers[::2]] == [7, 5, 3]
    assert model.layers[0].activation.name == "tanh"
    assert model.layers[1].rate == 0.25
    assert model.optimizer.name == "sgd"
    assert float(model.optimizer.learning_rate) == 0.5
    assert model.optimizer.iterations == 3 * 2  # 90 rows to train on
    assert model.input_shape == (None, 4)  # length, width, colour=blue, colour=white


@pytest.mark.parametrize(
    ("data", "units", "activation", "loss"),
    [
        (["moons"], 1, "sigmoid", "binary_crossentropy"),
        (["digits"], 10, "softmax", "sparse_categorical_crossentropy"),
        (["houses.csv", "--target", "price"], 1, "linear", "mean_squared_error"),
        (["houses.csv", "--target", "city"], 1, "sigmoid", "binary_crossentropy"),
        (["flowers.csv", "--target", "species"], 3, "softmax", "sparse_categorical_crossentropy"),
    ],
)
def test_the_task_chooses_the_output_and_the_loss(
    run: Run, flowers: Path, houses: Path, data: list[str], units: int, activation: str, loss: str
) -> None:
    run("train", *data, "--hidden", "none", "--epochs", 1, "--save", "model", "--verbose", 0)
    model = load_model("model")
    assert [layer.units for layer in model.layers] == [units]
    last = model.layers[0].activation
    assert (last.name if last is not None else "linear") == activation
    assert model.loss.name == loss


def test_regression_is_reported_in_the_targets_own_units(run: Run, houses: Path) -> None:
    code, out, _ = run("train", "houses.csv", "--target", "price", "--dropout", 0, "--verbose", 0)
    assert code == 0
    assert "60 rows to train on, 20 to test on, 3 features, regression" in out
    found = re.search(r"loss (\S+), mean absolute error (\S+) \(in units of price\), R² (\S+)", out)
    assert found is not None
    assert 0 < float(found[2]) < 20_000  # prices are from 120000 to 530000
    assert 0.95 < float(found[3]) <= 1


def test_columns_can_be_ignored_or_taken_as_text(run: Run, flowers: Path) -> None:
    run("train", "flowers.csv", "--target", "colour", "--ignore", "id,length", "--ignore", "width", *QUICK)
    extra = read_extra("flowers.safetensors")
    assert [column["name"] for column in extra["encoder"]["features"]] == ["species"]
    run("train", "flowers.csv", "--target", "colour", "--categorical", "id", *QUICK)
    kinds = {c["name"]: c["kind"] for c in read_extra("flowers.safetensors")["encoder"]["features"]}
    assert kinds == {"id": "text", "length": "number", "width": "number", "species": "text"}


def test_the_task_can_be_told(run: Run, folder: Path) -> None:
    Path("data.csv").write_text("x,few,many\n" + "".join(f"{n},{n % 2},{n % 30}\n" for n in range(120)))
    for target, task, expected in [
        ("few", "auto", "2 classes"),
        ("few", "regression", "regression"),
        ("many", "auto", "regression"),
        ("many", "classification", "30 classes"),
    ]:
        assert (
            f"features, {expected};"
            in run("train", "data.csv", "--target", target, "--task", task, *QUICK).out
        )


def test_generated_sets_take_samples_and_noise(run: Run) -> None:
    out = run("train", "moons", "--samples", 80, "--noise", 0.3, *QUICK).out
    assert out.startswith("moons: 60 rows to train on, 20 to test on, 2 features, 2 classes")
    assert read_extra("moons.safetensors")["source"]["options"] == {"samples": 80, "noise": 0.3}


def test_fashion_mnist_from_a_folder(run: Run, folder: Path) -> None:
    random = np.random.default_rng(0)
    for part, rows in (("train", 20), ("t10k", 10)):
        images = random.integers(0, 256, (rows, 28, 28), dtype=np.uint8)
        head = bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in images.shape)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        head = bytes([0, 0, 8, 1]) + rows.to_bytes(4, "big")
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(head + bytes(row % 10 for row in range(rows)))
    code, out, _ = run("train", "fashion_mnist", "--folder", ".", *QUICK)
    assert (code, out.split(";")[0]) == (
        0,
        "fashion_mnist: 20 rows to train on, 10 to test on, 784 features, 10 classes",
    )
    # A table of bytes is divided by 255 as the images were.
    (folder / "new.csv").write_text(",".join(map(str, images[3].reshape(-1))))
    answers = run("predict", "fashion_mnist.safetensors", "new.csv").out.splitlines()[1].split(",")
    expected = load_model("fashion_mnist.safetensors").predict(images[3].reshape(1, -1) / 255, verbose=0)[0]
    np.testing.assert_allclose([float(share) for share in answers[1:]], expected, rtol=1e-5)


def test_students_are_scaled(run: Run, folder: Path) -> None:
    run("train", "students", *QUICK)
    Path("new.csv").write_text("hours,lectures\n30,15\n")
    answer = run("predict", "students.safetensors", "new.csv").out.splitlines()
    assert answer[0] == "passed,passed=0,passed=1"
    expected = load_model("students.safetensors").predict([[1.0, 1.0]], verbose=0)[0, 0]
    assert float(answer[1].split(",")[2]) == pytest.approx(float(expected), rel=1e-6)


def test_early_stopping_ends_before_the_last_epoch(run: Run) -> None:
    out = run("train", "clouds", "--epochs", 500, "--learning-rate", 0.05, "--early-stopping", 3).out
    assert len(re.findall("^Epoch ", out, re.MULTILINE)) < 500
    assert "val_loss" in out
    assert "early stopping" in out


@pytest.fixture
def control_c(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Presses Ctrl-C at the end of an epoch."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def press_after(epochs: int) -> None:
        class Press(EarlyStopping):
            def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
                super().on_epoch_end(epoch, logs)
                if epoch + 1 == epochs:
                    signal.raise_signal(signal.SIGINT)

        monkeypatch.setattr(train, "EarlyStopping", Press)

    yield press_after
    signal.signal(signal.SIGINT, before)


def test_control_c_saves_what_was_learned(run: Run, control_c: Callable[[int], None]) -> None:
    control_c(2)
    words = ("--epochs", 50, "--early-stopping", 40, "--batch-size", 30, "--verbose", 0)
    code, out, err = run("train", "moons", *words)
    assert code == 130
    assert err == "gpunet: interrupted\n"
    assert "test: loss" in out
    assert out.endswith("saved moons.safetensors\n")
    # 270 rows are 9 steps; the press is noticed after the first step of the third epoch at the latest.
    assert load_model("moons.safetensors").optimizer.iterations in range(18, 28)
    assert run("evaluate", "moons.safetensors").code == 0


def test_control_c_before_the_first_step_saves_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def press(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gpunet.models.Sequential.fit", press)
    code, _, err = run("train", "moons")
    assert (code, err) == (130, "gpunet: interrupted\n")
    assert not Path("moons.safetensors").exists()


def test_a_training_that_diverges_saves_nothing(refused: Callable[..., str], run: Run, houses: Path) -> None:
    run("train", "houses.csv", "--target", "price", *QUICK)
    words = ("--optimizer", "sgd", "--learning-rate", "1e20", "--epochs", 3, "--verbose", 0)
    message = refused("train", "houses.csv", "--target", "price", *words)
    assert re.fullmatch(r"the training diverged.*nothing was saved; try a smaller --learning-rate", message)


def test_an_older_file_is_replaced(run: Run) -> None:
    Path("moons.safetensors").write_text("old")
    assert run("train", "moons", *QUICK).code == 0
    assert run("summary", "moons.safetensors").code == 0
