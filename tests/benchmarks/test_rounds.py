"""A whole measurement in small: processes that train, are checked, take turns."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks import agreement, processes, rounds, task, training
from benchmarks.contenders import CONTENDERS, Entry
from benchmarks.processes import ContenderFailedError, Process
from benchmarks.workloads import WORKLOADS, Workload

SMALL = Workload("listing", (6, 5, 3), 1, 20, 2, "sgd", 0.1, hidden="sigmoid")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    task.write(tmp_path, SMALL, SMALL.data(), SMALL.weights())
    return tmp_path


def test_a_task_is_read_as_it_was_written(tmp_path: Path) -> None:
    (x, y), weights = SMALL.data(), SMALL.weights()
    task.write(tmp_path, SMALL, (x, y), weights, test=(x[:4], y[:4]))
    read = task.Task(tmp_path)
    assert read.workload == SMALL
    for rows in (3, len(x)):
        for received, wanted in zip(read.training(rows), (x[:rows], y[:rows]), strict=True):
            np.testing.assert_array_equal(received, wanted, strict=True)
    for received, wanted in zip([*read.weights, *read.test()], [*weights, x[:4], y[:4]], strict=True):
        np.testing.assert_array_equal(received, wanted, strict=True)


def test_gpunet_draws_its_progress_bar(folder: Path) -> None:
    with Process("gpunet-numpy", folder) as process:
        assert process.hello["device"] == "cpu"
        process.ask("prepare")
        before = process.written().count("20/20")
        answer = process.ask("train")
        assert answer["epochs"] == 2
        assert answer["seconds"] > 0
        assert process.written().count("20/20") == before + 2
        assert "accuracy" in process.written()
        assert (process.cpu_seconds() > 0) == sys.platform.startswith("linux")
        peak = process.ask("memory")["bytes"]
        assert peak is None if sys.platform == "win32" else peak > 1 << 20


def test_a_process_that_fails_says_why(folder: Path) -> None:
    with (
        Process("listing", folder) as process,
        pytest.raises(ContenderFailedError, match="no attribute 'sing'"),
    ):
        process.ask("sing")


def test_training_to_a_target(tmp_path: Path) -> None:
    workload = Workload("listing", (6, 5, 3), 1, 200, 1, "sgd", 0.1, hidden="sigmoid", target=0.9)
    x, y = workload.data()
    task.write(tmp_path, workload, (x, y), workload.weights(), test=(x, y))
    with Process("listing", tmp_path) as process:
        process.ask("prepare")
        first, second = process.ask("train"), process.ask("train")
    for answer in (first, second):  # the second starts anew
        assert 1 < answer["epochs"] < 50


def test_the_processes_decide_about_their_threads() -> None:
    given = {"OMP_NUM_THREADS": "1", "OPENBLAS_CORETYPE": "Haswell", "PATH": "/bin", "NUMBA_CACHE_DIR": "/x"}
    kept = processes.environment(given)
    assert kept == {"PATH": "/bin", "NUMBA_CACHE_DIR": "/x", "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setitem(CONTENDERS, "absent", Entry(("no_such_package",), "x", "X"))
    return rounds.measure(SMALL, ["gpunet-numpy", "listing", "absent"], 3)


def test_a_measurement(measured: dict[str, Any]) -> None:
    assert measured["missing"] == {"absent": "no_such_package not installed"}
    assert measured["failed"] == {}
    mine, listing = measured["contenders"]["gpunet-numpy"], measured["contenders"]["listing"]
    assert len(mine["seconds"]) == len(listing["seconds"]) == 3
    ratios = sorted(a / b for a, b in zip(mine["seconds"], listing["seconds"], strict=True))
    assert listing["ratios"]["gpunet-numpy"]["median"] == ratios[1]
    assert listing["us_per_step"] == pytest.approx(sorted(listing["seconds"])[1] / (2 * 20) * 1e6)
    assert mine["losses"][2] < mine["losses"][0]
    text = training.text(measured)
    assert "not here: absent: no_such_package not installed" in text
    assert [line.split()[0] for line in text.splitlines()[3:5]] == ["gpunet-numpy", "listing"]


def test_who_disagrees_is_not_timed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(agreement, "reference", lambda *_, **__: [1.0, 0.5])
    monkeypatch.setitem(WORKLOADS, "listing", SMALL)
    command = ["training", "--workloads", "listing", "--contenders", "listing", "--rounds", "1"]
    assert main(command) == 1
    assert "DISAGREES, not timed: listing" in capsys.readouterr().out


def test_who_crashes_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Workload(
        "listing", (6, 5, 4, 3), 1, 20, 1, "sgd", 0.1, hidden="sigmoid"
    )  # too deep for the listing
    measured = rounds.measure(wide, ["listing"], 1)
    assert "ended with status 1" in measured["failed"]["listing"]
    assert measured["contenders"] == {}


def main(command: list[str]) -> int:
    from benchmarks.__main__ import main

    return main(command)
