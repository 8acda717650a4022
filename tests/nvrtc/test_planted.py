"""What the compiler must find is found: planted spills, local arrays and sources that NVRTC refuses."""

from __future__ import annotations

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nvrtc import compiler
from nvrtc.compiler import CompileError, Resources, compile_instances

pytestmark = pytest.mark.usefixtures("toolkit")

SPILL = """
extern "C" __global__ void __launch_bounds__(1024) crowd(double* x) {
    double value[96];
    for (int i = 0; i < 96; ++i) value[i] = x[i * 1024 + threadIdx.x];
    for (int step = 0; step < 96; ++step)
        for (int i = 0; i < 96; ++i) value[i] += value[(i + 1) % 96] * value[95 - i];
    for (int i = 0; i < 96; ++i) x[i * 1024 + threadIdx.x] = value[i];
}
"""
LOCAL = """
extern "C" __global__ void __launch_bounds__(32) pick(const int* index, float* x) {
    float value[64];
    for (int i = 0; i < 64; ++i) value[i] = x[i];
    for (int i = 0; i < 64; ++i) value[index[i]] += value[i];
    for (int i = 0; i < 64; ++i) x[i] = value[i];
}
"""
FINE = """
template <typename T>
__global__ void __launch_bounds__(256) reverse(T* x) {
    __shared__ T part[256];
    part[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = part[255 - threadIdx.x];
}
"""


def test_a_spill_is_found() -> None:
    taken = compile_instances(SPILL, ["crowd"], 80)["crowd"]
    assert taken.registers <= 64  # 65536 for 1024 threads
    assert taken.spills > 0


def test_an_array_that_registers_cannot_hold_is_found() -> None:
    taken = compile_instances(LOCAL, ["pick"], 80)["pick"]
    assert (taken.stack, taken.spills) == (64 * 4, 0)


def test_instances_are_told_apart() -> None:
    taken = compile_instances(FINE, ["reverse<float>", "reverse<double>"], 90)
    assert {name: resources.shared for name, resources in taken.items()} == {
        "reverse<float>": 1024, "reverse<double>": 2048,
    }  # fmt: skip
    assert all(0 < resources.registers < 32 for resources in taken.values())


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (FINE.replace("__syncthreads();", "__syncthreads()"), r'expected a ";"'),
        (FINE.replace("T part", "T part = INFINITY; T part"), 'identifier "INFINITY" is undefined'),
        ("#include <cstdint>\n" + FINE, "cstdint"),
        (FINE.replace("reverse(", "backward("), "reverse"),
    ],
)
def test_a_refused_source_is_reported(source: str, message: str) -> None:
    with pytest.raises(CompileError, match=message):
        compile_instances(source, ["reverse<float>"], 90)


def test_a_register_limit_is_not_guessed_from_another_function() -> None:
    log = (
        "ptxas info    : Compiling entry function 'first' for 'sm_90'\n"
        "ptxas info    : Function properties for first\n"
        "ptxas         .     16 bytes stack frame, 4 bytes spill stores, 8 bytes spill loads\n"
        "ptxas info    : Used 40 registers, used 1 barriers, 132 bytes smem, 372 bytes cmem[0]\n"
        "ptxas info    : Function properties for called\n"
        "    24 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
        "ptxas info    : Compiling entry function 'second' for 'sm_90'\n"
        "ptxas info    : Function properties for second\n"
        "ptxas         .     0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
        "ptxas info    : Used 10 registers, used 0 barriers\n"
    )
    assert compiler.read_log(log) == {
        "first": Resources(registers=40, shared=132, stack=16, spills=12),
        "called": Resources(stack=24),
        "second": Resources(registers=10),
    }


def test_what_was_compiled_is_recalled_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    compiled: list[str] = []
    original = compiler._compile
    monkeypatch.setattr(compiler, "_compile", lambda *inputs: compiled.append(inputs[0]) or original(*inputs))
    first = compile_instances(FINE, ["reverse<float>"], 90)
    assert compile_instances(FINE, ["reverse<float>"], 90) == first
    assert len(compiled) == 1
    compile_instances(FINE, ["reverse<float>"], 80)
    compile_instances(FINE, ["reverse<double>"], 90)
    compile_instances(FINE + "\n", ["reverse<float>"], 90)
    assert len(compiled) == 4


def test_threads_compile_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    types = ["float", "double", "int", "short", "char", "long long", "unsigned int", "bool"]
    with ThreadPoolExecutor(8) as pool:
        several = list(pool.map(lambda name: compile_instances(FINE, [f"reverse<{name}>"], 90), types))
    assert [resources.shared for taken in several for resources in taken.values()] == [
        1024, 2048, 1024, 512, 256, 2048, 1024, 256,
    ]  # fmt: skip
