"""Where a GPU pays, by hand; the command without a GPU, with small sizes and a clock that is told what to show."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import devices, report
from benchmarks.devices import Sweep


def command(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    devices.add_to(parser.add_subparsers())
    return parser.parse_args(["devices", *arguments])


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[int], float]]:
    """Turns that train nothing: their seconds by backend and size."""
    shown: dict[str, Callable[[int], float]] = {
        "numpy": lambda n: n * 2e-6,
        "compiled": lambda n: n * 1e-6,
        "cupy": lambda n: 100e-6,
    }

    def turn(workload: Any, backend: str) -> Callable[[], float]:
        return lambda: shown[backend](workload.batch_size)

    monkeypatch.setattr(devices, "Turn", turn)
    return shown


SWEEP = Sweep("batch", "3-2, batch n", (10, 1000), lambda n: devices.workload((3, 2), n))


def test_the_crossing_lies_between_two_sizes() -> None:
    assert devices.pays_from([10, 1000], [10, 1000], [100, 100]) == pytest.approx(100)
    # ahead by log(1/4) at 16 and log(2) at 64: two thirds of the way, 16 · 4^(2/3)
    assert devices.pays_from([4, 16, 64], [1, 5, 40], [20, 20, 20]) == pytest.approx(16 * 4 ** (2 / 3))


def test_a_gpu_that_always_or_never_pays() -> None:
    assert devices.pays_from([8, 16], [2, 2], [1, 1]) == 8
    assert devices.pays_from([8, 16], [1, 1], [2, 2]) is None
    assert devices.pays_from([8, 16], [3, 2], [2, 2]) is None  # a tie in the end is no gain


def test_a_gpu_that_is_ahead_for_a_while_pays_where_it_stays_ahead() -> None:
    found = devices.pays_from([1, 2, 4, 8], [2, 1, 1, 4], [1, 2, 2, 2])
    assert found == pytest.approx(math.sqrt(4 * 8))


def test_a_sweep_compares_the_gpu_with_the_faster_host(times: dict[str, Any]) -> None:
    measured = devices.measure(SWEEP, list(times), 2)
    assert measured["us_per_step"]["numpy"] == pytest.approx([20, 2000])
    assert measured["us_per_step"]["compiled"] == pytest.approx([10, 1000])
    assert measured["us_per_step"]["cupy"] == pytest.approx([100, 100])
    assert measured["pays_from"] == pytest.approx(100)
    lines = devices.text(measured).splitlines()
    assert lines[2].split() == ["3-2,", "batch", "10", "20.0", "10.0", "100", "compiled"]
    assert lines[3].split() == ["3-2,", "batch", "1000", "2,000", "1,000", "100", "cupy"]
    assert lines[4] == "the GPU pays from a batch of 100"
    times["cupy"] = lambda n: 1.0
    never = devices.text(devices.measure(SWEEP, list(times), 1))
    assert never.endswith("the GPU pays at none of these sizes")


def test_the_median_of_the_rounds_and_their_range(
    times: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([1e-6, 9e-6, 2e-6])
    times["numpy"] = lambda n: next(seconds)
    measured = devices.measure(Sweep("batch", "3-2, batch n", (10,), SWEEP.workload), ["numpy"], 3)
    assert measured["us_per_step"] == {"numpy": pytest.approx([2])}
    assert measured["range"] == {"numpy": [pytest.approx([1, 9])]}
    assert measured["pays_from"] is None


def test_the_command_without_a_gpu_says_so(
    times: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def backend(name: str) -> None:
        if name == "cupy":
            raise RuntimeError("no usable GPU")

    monkeypatch.setattr("benchmarks.turn.get_backend", backend)
    monkeypatch.setattr(devices, "SWEEPS", (SWEEP,))
    assert devices.run(command("--json", str(tmp_path / "a.json"))) == 0
    shown = capsys.readouterr().out
    assert "not here: cupy: no usable GPU" in shown
    assert "no GPU is here" in shown
    written = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert list(written["sweeps"][0]["us_per_step"]) == ["numpy", "compiled"]


def test_the_picture(times: dict[str, Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    result = {"machine": {"cpu": "Model", "cores": 2}, "sweeps": [devices.measure(SWEEP, list(times), 1)]}
    path = tmp_path / "new" / "a.svg"
    report.finish(Namespace(json=None, plot=path), result, devices.draw)
    (panel,) = devices.draw(result).axes
    lines = {line.get_label(): list(line.get_xdata()) for line in panel.lines}
    assert list(lines) == ["numpy", "compiled", "cupy", "the GPU pays"]
    assert lines["the GPU pays"] == pytest.approx([100, 100])
    assert path.read_text(encoding="utf-8").startswith("<?xml")


def test_a_picture_that_can_not_be_drawn_is_refused_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"devices: --plot needs matplotlib; pip install 'gpunet\[plot\]'"):
        devices.run(command("--plot", "a.png"))


def test_samples_have_room_in_memory() -> None:
    assert devices.workload((784, 10), 128).steps == (64 << 20) // (4 * 784 * 128)
    assert devices.workload((784, 10), 1 << 20).steps == 8
    assert devices.workload((8, 10), 1).steps == 512
