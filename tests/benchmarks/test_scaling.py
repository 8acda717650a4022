"""Exponents by hand, the mark of what grows too fast, the table and the command with clocks that are told what to show."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import scaling
from benchmarks.scaling import AXES, Axis
from benchmarks.workloads import Workload
from gpunet.backend import get_backend

SMALL = Axis("samples", (4, 8, 16), lambda n: Workload("small", (3, 2), 2, n // 2, 1, "sgd", 0.1), 1, "epoch")


def command(*arguments: str) -> Namespace:
    parser = ArgumentParser()
    scaling.add_to(parser.add_subparsers())
    return parser.parse_args(["scaling", *arguments])


def test_the_exponent_of_a_power() -> None:
    assert scaling.exponent([1, 2, 4, 8], [5, 20, 80, 320]) == pytest.approx(2)
    assert scaling.exponent([10, 30, 70], [3, 3, 3]) == pytest.approx(0)


def test_the_exponent_is_that_of_least_squares() -> None:
    # in units of log 2: x = 0, 1, 3 and y = 0, 2, 3; deviations -4/3, -1/3, 5/3 and -5/3, 1/3, 4/3: (39/9) / (42/9)
    assert scaling.exponent([1, 2, 8], [1, 4, 8]) == pytest.approx(39 / 42)


def test_a_fixed_cost_lowers_the_exponent_and_a_quadratic_shows_at_the_top() -> None:
    sizes = [1, 10, 100]
    assert scaling.exponent(sizes, [10 + n for n in sizes]) < 1
    times = [n + n**2 / 50 for n in sizes]
    assert scaling.exponent(sizes[-2:], times[-2:]) == pytest.approx(math.log10(300 / 12))


@pytest.fixture
def timers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], float]], None]:
    """Set what a size takes."""

    def install(seconds: Callable[[int], float]) -> None:
        monkeypatch.setattr(scaling, "_timer", lambda axis, size, backend: lambda: seconds(size))

    return install


@pytest.mark.parametrize(("power", "more"), [(0.5, False), (1, False), (1.2, False), (1.3, True), (2, True)])
def test_what_grows_too_fast_is_marked(timers: Any, power: float, more: bool) -> None:
    timers(lambda n: 1e-6 * n**power)
    measured = scaling.measure(SMALL, "numpy", 2)
    assert measured["exponent"] == pytest.approx(power)
    assert measured["last_exponent"] == pytest.approx(power)
    assert scaling.is_more(measured) is more


def test_a_quadratic_that_shows_only_at_the_top_is_marked(timers: Any) -> None:
    timers(lambda n: 1.0 if n < 16 else 4.0)
    measured = scaling.measure(SMALL, "numpy", 1)
    assert measured["exponent"] == pytest.approx(1)  # in units of log 2: x = -1, 0, 1 and y = 0, 0, 2
    assert measured["last_exponent"] == pytest.approx(2)
    assert scaling.is_more(measured)


def test_the_table_and_the_file(
    timers: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    timers(lambda n: 1e-6 * n**2)
    monkeypatch.setattr(scaling, "AXES", (SMALL,))
    assert scaling.run(command("--json", str(tmp_path / "a.json"), "--rounds", "1")) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == "fit on numpy: cost ∝ size^exponent"
    assert lines[3].split() == [
        "samples", "4–16", "16.0–256", "µs/epoch", "1", "2.00", "2.00", "MORE", "THAN", "EXPECTED",
    ]  # fmt: skip
    written = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert written["axes"][0]["seconds"] == pytest.approx([16e-6, 64e-6, 256e-6])
    assert written["rounds"] == 1


def test_the_medians_are_those_of_a_size(timers: Any) -> None:
    shown = iter([1.0, 2.0, 3.0, 9.0, 2.0, 5.0, 2.0, 7.0, 4.0])  # a round each three
    timers(lambda n: next(shown))
    assert scaling.measure(SMALL, "numpy", 3)["seconds"] == [2.0, 2.0, 4.0]


def test_the_picture(timers: Any) -> None:
    pytest.importorskip("matplotlib")
    timers(lambda n: 1e-6 * n)
    axes = [scaling.measure(axis, "numpy", 1) for axis in AXES]
    result = {"machine": {"cpu": "Model", "cores": 2}, "backend": "numpy", "axes": axes}
    panels = scaling.draw(result).axes
    assert [panel.get_title(loc="left") for panel in panels] == ["batch", "width", "depth", "samples"]
    expected = panels[1].lines[1]  # through the last point, by the square of the width
    assert expected.get_ydata()[-1] == pytest.approx(2048)
    assert expected.get_ydata()[0] == pytest.approx(2048 / 16)


def test_a_backend_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise RuntimeError("no usable GPU")

    with pytest.raises(SystemExit, match='scaling: Unknown backend "metal"'):
        scaling.run(command("--backend", "metal"))
    monkeypatch.setattr(scaling, "get_backend", missing)
    with pytest.raises(SystemExit, match="scaling: no usable GPU"):
        scaling.run(command("--backend", "cupy"))


def test_auto_is_the_backend_that_fit_would_take(
    timers: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    timers(lambda n: 1e-6 * n)
    monkeypatch.setattr(scaling, "AXES", (SMALL,))
    monkeypatch.setattr(
        scaling, "get_backend", lambda name: get_backend("compiled" if name == "auto" else name)
    )
    assert scaling.run(command("--backend", "auto")) == 0
    assert "fit on compiled" in capsys.readouterr().out


def test_what_is_measured_is_trained() -> None:
    measured = scaling.measure(SMALL, "numpy", 1)
    assert len(measured["seconds"]) == 3
    assert min(measured["seconds"]) > 0


def test_work_grows_as_expected_along_each_axis() -> None:
    """By the parameters and the samples of the networks: the two that the work of a step is the product of."""
    for axis in AXES:
        work = []
        for size in axis.sizes[-2:]:
            one = axis.workload(size)
            weights = sum(a * b for a, b in zip(one.sizes, one.sizes[1:], strict=False))
            work.append(weights * one.batch_size * (one.steps if axis.per == "epoch" else 1))
        assert scaling.exponent(axis.sizes[-2:], work) == pytest.approx(axis.expected), axis.name
