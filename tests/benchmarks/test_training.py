"""The table of training, README's table, the picture's data: from results made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks import readme, rounds, training
from benchmarks.__main__ import main


def entry(seconds: list[float], device: str = "cpu") -> dict[str, Any]:
    return {
        "version": "1.2",
        "device": device,
        "first_step_s": 0.25,
        "seconds": seconds,
        "epochs": [1] * len(seconds),
        "peak_bytes": 50_000_000,
    }


@pytest.fixture
def result() -> dict[str, Any]:
    """Two rounds of 1,000 steps: 50 and 70 µs, 100 and 280 µs."""
    measured: dict[str, Any] = {
        "workload": "tiny",
        "sizes": [8, 16, 1],
        "batch_size": 32,
        "steps": 1000,
        "epochs": 1,
        "optimizer": "adam",
        "target": None,
        "floor": {
            "floor_us": 6.0, "products_us": 4.0, "traffic_us": 2.0,
            "flop": 19456, "gflops": 4.9, "bytes": 17052, "copy_gb_per_s": 8.5,
        },
        "waiting_cores": 0.0,
        "foreign_cores": 0.0,
        "contenders": {"gpunet-numpy": entry([0.05, 0.07]), "torch": entry([0.1, 0.28])},
        "missing": {"jax": "jax not installed"},
        "failed": {},
    }  # fmt: skip
    rounds.summarise(measured)
    machine = {
        "cpu": "Model",
        "cores": 2,
        "python": "3.12.1",
        "numpy": "2.4.0",
        "date": "2026-11-25T08:00:00",
    }
    return {"machine": machine, "rounds": 2, "workloads": [measured]}


def test_the_summary(result: dict[str, Any]) -> None:
    torch = result["workloads"][0]["contenders"]["torch"]
    assert torch["us_per_step"] == pytest.approx(190)
    assert torch["quartiles"] == pytest.approx((145, 235))
    assert torch["ratios"]["gpunet-numpy"]["median"] == pytest.approx((0.5 + 0.25) / 2)
    assert torch["floor_share"] == pytest.approx(6 / 190)


def test_the_table_of_the_terminal(result: dict[str, Any]) -> None:
    lines = training.text(result["workloads"][0]).splitlines()
    assert lines[1] == "tiny: 8-16-1, batch 32, adam, epochs of 1,000 steps, 1 a round"
    assert lines[2].split() == [
        "µs/step",
        "quartiles",
        "s/epoch",
        "gpunet-numpy/it",
        "of",
        "floor",
        "peak",
        "MB",
        "first",
        "step",
        "s",
    ]
    assert lines[3].split() == ["gpunet-numpy", "60.0", "55.0–65.0", "0.060", "–", "10%", "50", "0.2"]
    assert lines[4].split() == ["torch", "190", "145–235", "0.190", "0.38", "(0.25–0.50)", "3%", "50", "0.2"]
    assert lines[5].startswith("floor: 6.0 µs a step, 4.0 of them products")
    assert lines[-1] == "not here: jax: jax not installed"


def test_seconds_to_a_target(result: dict[str, Any]) -> None:
    measured = result["workloads"][0]
    measured["target"] = 0.88
    measured["contenders"]["torch"]["epochs"] = [2, 4]
    rounds.summarise(measured)
    assert measured["contenders"]["torch"]["us_per_step"] == pytest.approx((50 + 70) / 2)
    lines = training.text(measured).splitlines()
    assert "to 88% of the test" in lines[1]
    assert lines[4].split()[:5] == ["torch", "60.0", "55.0–65.0", "0.19", "3"]


def test_readme_gets_the_table_between_its_markers(tmp_path: Path, result: dict[str, Any]) -> None:
    path, page = tmp_path / "training.json", tmp_path / "README.md"
    path.write_text(json.dumps(result), encoding="utf-8")
    page.write_text(f"# Title\n\n{readme.BEGIN}\nold\n{readme.END}\n\nthe rest\n", encoding="utf-8")
    for _ in range(2):  # a second time changes nothing
        assert main(["table", str(path), "--readme", str(page)]) == 0
        assert page.read_text(encoding="utf-8").splitlines() == [
            "# Title",
            "",
            readme.BEGIN,
            "",
            "| µs per step | 8-16-1, batch 32 |",
            "|---|---:|",
            "| **gpunet-numpy** | 60.0 |",
            "| torch | 190 (0.38) |",
            "",
            "Medians of 2 rounds; in brackets the time of gpunet-numpy over theirs, paired. "
            "Model, 2 cores, Python 3.12.1, NumPy 2.4.0, torch 1.2; 2026-11-25.",
            "",
            readme.END,
            "",
            "the rest",
        ]


@pytest.mark.parametrize("text", ["nothing", readme.BEGIN, f"{readme.END}\n{readme.BEGIN}\n"])
def test_a_readme_without_markers_is_left_alone(tmp_path: Path, result: dict[str, Any], text: str) -> None:
    path, page = tmp_path / "training.json", tmp_path / "README.md"
    path.write_text(json.dumps(result), encoding="utf-8")
    page.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit, match="expected the lines"):
        main(["table", str(path), "--readme", str(page)])
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workloads", "tiny,vast"], "'vast' is none of tiny, lecture"),
        (["--contenders", "tensorflow"], "'tensorflow' is none of gpunet-numpy"),
        (["--rounds", "0"], "'0' is no number of rounds"),
    ],
)
def test_unknown_names_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["training", *arguments])
    assert message in capsys.readouterr().err


def test_fashion_wants_its_files(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="needs --data FOLDER"):
        main(["training", "--workloads", "fashion"])
    with pytest.raises(SystemExit, match="fashion_mnist: no train-images-idx3-ubyte"):
        main(["training", "--workloads", "fashion", "--data", str(tmp_path)])
