"""What all benchmarks report alike."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import report


def test_a_table_is_aligned_and_shows_nothing_as_a_dash() -> None:
    rows = [["torch", 187, None], ["a", 1234.5, "x"]]
    assert report.table(["", "µs", "ratio"], rows).splitlines() == [
        "           µs  ratio",
        "torch     187      –",
        "a      1234.5      x",
    ]


def test_a_row_that_is_too_short_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        report.table(["a", "b"], [["only one"]])


def test_the_machine_says_what_the_figures_depend_on() -> None:
    machine = report.machine()
    assert machine["cores"] >= 1
    assert machine["numpy"] == np.__version__
    assert all(machine[name] for name in ("cpu", "python", "gpunet", "blas", "date"))


def test_results_are_written_into_a_folder_that_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    report.add_output_options(parser)
    path = tmp_path / "new" / "results.json"
    options = parser.parse_args(["--json", str(path)])
    report.write({"unit": "µs"}, options.json)
    assert json.loads(path.read_text(encoding="utf-8")) == {"unit": "µs"}
    assert str(path) in capsys.readouterr().out
    assert options.plot is None


@pytest.mark.parametrize("text", ["0", "-1", "two"])
def test_no_number_of_rounds(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no number of rounds"):
        report.positive(text)
    assert report.positive("3") == 3
