"""`gpunet evaluate`, `gpunet predict` and `gpunet summary`: what trained models are for."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import gpunet
from gpunet.models import Sequential
from gpunet.models.saving import load_model

Run = Callable[..., Any]


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


@pytest.fixture
def species(run: Run, flowers: Path) -> str:
    words = ("--ignore", "id", "--epochs", 40, "--learning-rate", 0.01, "--hidden", 16, "--verbose", 0)
    run("train", flowers.name, "--target", "species", *words)
    return "flowers.safetensors"


@pytest.fixture
def prices(run: Run, houses: Path) -> str:
    words = ("--epochs", 60, "--learning-rate", 0.01, "--hidden", 16, "--dropout", 0, "--verbose", 0)
    run("train", houses.name, "--target", "price", *words)
    return "houses.safetensors"


def test_classes_and_their_probabilities(run: Run, species: str, flowers: Path) -> None:
    code, out, err = run("predict", species, flowers.name)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "species,species=aster,species=bellis,species=crocus"
    truth, answers = rows_of(flowers.read_text()), rows_of(out)
    assert len(answers) == 120
    assert sum(a["species"] == t["species"] for a, t in zip(answers, truth, strict=True)) >= 114
    for answer in answers:
        shares = {name: float(answer[f"species={name}"]) for name in ("aster", "bellis", "crocus")}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-6)
        assert max(shares, key=lambda name: shares[name]) == answer["species"]


def test_evaluate_counts_what_predict_answers(run: Run, species: str, flowers: Path) -> None:
    out = run("evaluate", species, flowers.name).out
    answers = rows_of(run("predict", species, flowers.name).out)
    truth = rows_of(flowers.read_text())
    right = sum(a["species"] == t["species"] for a, t in zip(answers, truth, strict=True))
    loss = -np.mean(
        [np.log(float(a[f"species={t['species']}"])) for a, t in zip(answers, truth, strict=True)]
    )
    assert out.startswith("flowers.csv, 120 rows: loss ")
    assert float(re.search(r"accuracy (\S+)", out)[1]) == pytest.approx(right / 120, abs=5e-5)  # type: ignore[index]
    assert float(re.search(r"loss ([\d.]+)", out)[1]) == pytest.approx(loss, abs=6e-5)  # type: ignore[index]
    assert run("evaluate", species).out.startswith("flowers.csv, test part, 30 rows: loss ")


def test_two_classes_have_a_probability_each(run: Run, houses: Path) -> None:
    run("train", "houses.csv", "--target", "city", "--epochs", 20, "--hidden", 8, "--verbose", 0)
    answers = rows_of(run("predict", "houses.safetensors", "houses.csv").out)
    for answer in answers:
        oslo, rome = float(answer["city=Oslo"]), float(answer["city=Rome"])
        assert oslo + rome == pytest.approx(1)
        assert answer["city"] == ("Rome" if rome > 0.5 else "Oslo")
    truth = rows_of(houses.read_text())
    right = sum(a["city"] == t["city"] for a, t in zip(answers, truth, strict=True))
    out = run("evaluate", "houses.safetensors", "houses.csv").out
    assert float(re.search(r"accuracy (\S+)", out)[1]) == pytest.approx(right / 80, abs=5e-5)  # type: ignore[index]


def test_numbers_come_in_the_targets_own_units(run: Run, prices: str, houses: Path) -> None:
    answers = np.array([float(row["price"]) for row in rows_of(run("predict", prices, houses.name).out)])
    truth = np.array([float(row["price"]) for row in rows_of(houses.read_text())])
    error = np.abs(answers - truth).mean()
    explained = 1 - ((answers - truth) ** 2).sum() / ((truth - truth.mean()) ** 2).sum()
    assert explained > 0.95
    found = re.search(
        r"error (\S+) \(in units of price\), R² (\S+)", run("evaluate", prices, houses.name).out
    )
    assert found is not None
    assert float(found[1]) == pytest.approx(error, rel=1e-3)
    assert float(found[2]) == pytest.approx(explained, abs=1e-4)


def test_columns_come_in_any_order_with_or_without_the_target(run: Run, species: str, flowers: Path) -> None:
    table = rows_of(flowers.read_text())[:5]
    Path("new.csv").write_text(
        "colour;note;width;length\n"
        + "".join(f"{row['colour']};x;{row['width']};{row['length']}\n" for row in table)
    )
    expected = run("predict", species, flowers.name).out.splitlines()[:6]
    assert run("predict", species, "new.csv").out.splitlines() == expected


def test_out_writes_the_same_to_a_file(run: Run, species: str, flowers: Path) -> None:
    expected = run("predict", species, flowers.name).out
    code, out, _ = run("predict", species, flowers.name, "--out", "predictions.csv")
    assert (code, out) == (0, "wrote 120 predictions to predictions.csv\n")
    assert Path("predictions.csv").read_text() == expected


def test_names_are_quoted_where_csv_needs_it(run: Run, folder: Path) -> None:
    with open("odd.csv", "w", newline="") as file:
        csv.writer(file).writerows([["x", "kind"], *([n, ("a, b", 'c "d"')[n % 2]] for n in range(16))])
    run("train", "odd.csv", "--target", "kind", "--epochs", 1, "--verbose", 0)
    answers = list(csv.reader(run("predict", "odd.safetensors", "odd.csv").out.splitlines()))
    assert answers[0] == ["kind", "kind=a, b", 'kind=c "d"']
    assert {answer[0] for answer in answers[1:]} <= {"a, b", 'c "d"'}


def test_digits_come_as_64_numbers(run: Run, folder: Path) -> None:
    run("train", "digits", "--epochs", 2, "--verbose", 0)
    _, (x, y) = gpunet.datasets.digits.load_data()
    plain = "\n".join(",".join(map(str, row)) for row in x[:3].tolist())
    labelled = "\n".join(
        ",".join(map(str, [*row, label])) for row, label in zip(x[:3].tolist(), y.tolist(), strict=False)
    )
    named = ",".join(f"pixel_{index}" for index in reversed(range(64)))
    backwards = "\n".join(",".join(map(str, row)) for row in x[:3, ::-1].tolist())
    Path("plain.csv").write_text(plain)
    Path("labelled.csv").write_text(labelled)
    Path("named.csv").write_text(f"{named}\n{backwards}\n")
    answers = [
        run("predict", "digits.safetensors", f"{name}.csv").out for name in ("plain", "labelled", "named")
    ]
    assert answers[0] == answers[1] == answers[2]
    expected = load_model("digits.safetensors").predict(x[:3], verbose=0)
    for line, row in zip(rows_of(answers[0]), expected, strict=True):
        assert line["digit"] == str(row.argmax())
        np.testing.assert_allclose([float(line[f"digit={digit}"]) for digit in range(10)], row, rtol=1e-5)
    assert run("evaluate", "digits.safetensors", "labelled.csv").out.startswith("labelled.csv, 3 rows: loss ")


def test_summary(run: Run, species: str) -> None:
    code, out, _ = run("summary", species)
    assert code == 0
    assert "dense (Dense)" in out
    assert "Parameters: 131" in out  # 4 · 16 + 16 + 16 · 3 + 3
    assert "sparse_categorical_crossentropy, adam, 120 steps so far" in out
    assert "Data: flowers.csv, ignore 'id'\n" in out
    assert "Features: 'length', 'width', 'colour=blue', 'colour=white'" in out
    assert "Target: 'species', one of 'aster', 'bellis', 'crocus'" in out


def test_a_model_saved_from_python_has_a_summary_but_no_data(
    run: Run, refused: Callable[..., str], flowers: Path
) -> None:
    model = Sequential([gpunet.layers.Dense(3, input_shape=(4,))])
    model.save("own.safetensors")
    assert "Parameters: 15" in run("summary", "own.safetensors").out
    assert "does not say how a table becomes its input" in refused(
        "predict", "own.safetensors", "flowers.csv"
    )
    assert "does not say how a table becomes its input" in refused("evaluate", "own.safetensors")


def test_evaluate_refuses_a_csv_that_has_changed(
    run: Run, refused: Callable[..., str], species: str, flowers: Path
) -> None:
    flowers.write_text(flowers.read_text() + "120,2,3,white,aster\n")
    assert "flowers.csv has changed since the training" in refused("evaluate", species)
    assert run("evaluate", species, "flowers.csv").code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("length,colour\n2,white\n", "new.csv: no column 'width'; the columns are 'length', 'colour'"),
        ("length,widht,colour\n2,3,white\n", r"no column 'width' (did you mean 'widht'?)"),
        ("length,width,colour\n2,,white\n", "new.csv, line 2, column 'width': the number is missing"),
        (
            "length,width,colour\n2,3,white\n2,nan,white\n",
            "new.csv, line 3, column 'width': the number is missing",
        ),
        ("length,width,colour\n2,3,red\n", "unknown value 'red'"),
        ("length,width,colour\n2,3\n", "new.csv, line 2: expected 3 fields"),
        ("length,width,colour\n", "expected a header row and rows below it"),
        ("", "expected a header row and rows below it"),
    ],
)
def test_tables_that_do_not_fit(refused: Callable[..., str], species: str, text: str, message: str) -> None:
    Path("new.csv").write_text(text)
    Path("old.csv").write_text("kept")
    assert message in refused("predict", species, "new.csv", "--out", "old.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3,4\n", "line 1: expected 2 numbers, and the class after them if it is known"),
        ("1,2\n1,2,0\n", "line 2: expected 2 numbers"),
        ("1\n", "line 1: expected 2 numbers"),
        ("1,2\n1,x\n", "line 2, column 'x2': expected a number like 12.5"),
        ("1,nan\n", "line 1, column 'x2': the number is missing"),
        ("a,b\n1,2\n", "no column 'x1'"),
    ],
)
def test_tables_without_a_header_that_do_not_fit(
    run: Run, refused: Callable[..., str], text: str, message: str
) -> None:
    run("train", "moons", "--epochs", 1, "--hidden", 4, "--verbose", 0)
    Path("new.csv").write_text(text)
    assert message in refused("predict", "moons.safetensors", "new.csv")
