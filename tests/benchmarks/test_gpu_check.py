"""The check of a GPU machine, where there is none."""

from __future__ import annotations

from argparse import ArgumentParser

import pytest

from benchmarks import gpu_check


def test_without_a_gpu_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise RuntimeError("No GPU is visible to CuPy.")

    monkeypatch.setattr(gpu_check, "get_backend", missing)
    parser = ArgumentParser()
    gpu_check.add_to(parser.add_subparsers())
    assert gpu_check.run(parser.parse_args(["gpu-check"])) == 1
    assert capsys.readouterr().err == "gpu-check: needs a GPU. No GPU is visible to CuPy.\n"


def test_a_sanitizer_that_isn_t_done_in_time_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*arguments: object, **options: object) -> None:
        raise gpu_check.subprocess.TimeoutExpired("compute-sanitizer", gpu_check.LIMIT)

    monkeypatch.setattr(gpu_check.shutil, "which", lambda name: "compute-sanitizer")
    monkeypatch.setattr(gpu_check.subprocess, "run", run)
    assert {row["passed"] for row in gpu_check.sanitizers()} == {False}
