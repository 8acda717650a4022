"""Both ways of switching between stacks: the one for x86-64 and the one for every other processor."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

import pytest

from cuda_on_host import build

PROGRAM = """
#include <cstdio>
#include "fibers.h"
Fiber* fibers[3];
int running, steps[3];
void count() {
    for (double x = 0.5;; x += 1) {
        const int number = running;
        steps[number] += static_cast<int>(x + 0.5);  // a local number must be there after the switch
        fibers[number]->suspend();
    }
}
int main() {
    for (int i = 0; i < 3; ++i) fibers[i] = new Fiber(count);
    for (int turn = 0; turn < 10; ++turn)
        for (running = 0; running <= turn % 3; ++running) fibers[running]->resume();
    std::printf("%d %d %d\\n", steps[0], steps[1], steps[2]);
    fibers[2]->restart();
    running = 2;
    fibers[2]->resume();
    int local;
    std::printf("%d %d\\n", steps[2], fibers[2]->holds(reinterpret_cast<uintptr_t>(&local)));
}
"""


@pytest.mark.parametrize(
    "options",
    [
        pytest.param([], marks=pytest.mark.skipif(platform.machine() != "x86_64", reason="is for x86-64")),
        ["-DON_HOST_UCONTEXT"],
    ],
)
def test_stacks_are_switched(tmp_path: Path, options: list[str]) -> None:
    source, program = tmp_path / "program.cpp", tmp_path / "program"
    source.write_text(PROGRAM)
    build._compile("-O2", *options, f"-I{build.HERE}", str(source), "-o", str(program))
    printed = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout
    # Turns 0 to 9 resume fiber 0 ten times, fiber 1 six times, fiber 2 three times; the n-th adds n - 1, rounded.
    assert printed.split() == ["55", "21", "6", "7", "0"]
