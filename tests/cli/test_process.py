"""The program itself, as a process of its own."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import gpunet
from gpunet.cli import main

GPUNET = (sys.executable, "-m", "gpunet")
ROOT = Path(gpunet.__file__).parent.parent


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**inherited, "PYTHONPATH": str(ROOT), "GPUNET_BACKEND": "numpy", "PYTHONWARNINGS": "error"}


def call(environment: dict[str, str], *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*GPUNET, *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_a_round_trip(environment: dict[str, str], flowers: Path) -> None:
    trained = call(environment, "train", flowers.name, "--target", "species", "--epochs", 3)
    assert (trained.returncode, trained.stderr) == (0, "")
    assert trained.stdout.splitlines()[-1] == "saved flowers.safetensors"
    assert call(environment, "evaluate", "flowers.safetensors").returncode == 0
    predicted = call(environment, "predict", "flowers.safetensors", flowers.name)
    assert (predicted.returncode, len(predicted.stdout.splitlines())) == (0, 121)


def test_the_same_seed_in_another_process_gives_the_same_file(environment: dict[str, str]) -> None:
    for name in ("first", "second"):
        call(environment, "train", "moons", "--epochs", 2, "--save", name)
    assert Path("first").read_bytes() == Path("second").read_bytes()


def test_an_error(environment: dict[str, str]) -> None:
    answer = call(environment, "train", "digit")
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("gpunet: error: unknown data set 'digit' (did you mean 'digits'?)")
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [("predict", "m", "many.csv"), ("train", "--help")])
def test_a_closed_pipe_is_quiet(environment: dict[str, str], words: tuple[str, ...]) -> None:
    call(environment, "train", "moons", "--epochs", 1, "--hidden", 2, "--save", "m")
    Path("many.csv").write_text("x1,x2\n" + 20_000 * "0.5,0.5\n")
    with subprocess.Popen(
        [*GPUNET, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141


def test_output_that_cannot_be_written_is_an_error(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        def fileno(self) -> int:
            return file.fileno()

    with open("anything", "w") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", Full())
        assert main(["doctor"]) == 2
    assert capfd.readouterr().err == "gpunet: error: [Errno 28] No space left on device\n"


def test_control_c_ends_the_training_and_saves(environment: dict[str, str]) -> None:
    # A shell's background jobs ignore Ctrl-C, and so would what they start.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from gpunet.cli import main; sys.exit(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, "train", "moons", "--epochs", "1000000", "--verbose", "2"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert any(line.startswith("Epoch 3/") for line in process.stdout)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert err == "gpunet: interrupted\n"
    assert out.endswith("saved moons.safetensors\n")
    assert call(environment, "evaluate", "moons.safetensors").returncode == 0
