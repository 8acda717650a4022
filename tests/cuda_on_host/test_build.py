"""Compilation: kept, apart from others, and refused with the place of the error."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cuda_on_host import CompileError, Module, Pointer, build

Launch = Callable[..., Any]
SHARED = """
template <typename T> __global__ void kernel(T* out) {
    __shared__ T part[COUNT];
    for (int i = threadIdx.x; i < COUNT; i += blockDim.x) part[i] = i;
    __syncthreads();
    out[threadIdx.x] = part[COUNT - 1 - threadIdx.x];
}
"""


def test_what_the_compiler_refuses() -> None:
    with pytest.raises(CompileError, match=r"kernel.cu:2.*y"):
        Module("// one line\n__global__ void k(int* x) { *x = y; }", ["k"])
    with pytest.raises(CompileError, match="no floating-point atomics"):
        Module("__global__ void k(float* x) { atomicAdd(x, 1.0f); }", ["k"])
    with pytest.raises(CompileError, match=r"the list of kernels:1.*j"):
        Module("__global__ void k(int* x) {}", ["j"])
    with pytest.raises(KeyError, match="none of the module's kernels: k"):
        Module("__global__ void k(int* x) {}", ["k"]).function("j")


def test_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "there is none")
    for cached in (build.compiler, build._tool):
        monkeypatch.setattr(build, cached.__name__, cached.__wrapped__)
    assert build.compiler() is None
    with pytest.raises(CompileError, match="no g\\+\\+ found"):
        Module("__global__ void never_compiled(int* x) {}", ["never_compiled"])


def test_a_library_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(build, "folder", lambda: tmp_path)
    source = "__global__ void k(int* x) {}"
    first = Module(source, ["k"])
    monkeypatch.setattr(build, "_compile", None)
    assert Module(source, ["k"]).path == first.path
    monkeypatch.undo()
    monkeypatch.setattr(build, "folder", lambda: tmp_path)
    others = [
        Module(source, ["k"], checked=False),
        Module(source, ["k"], ["-DX"]),
        Module(source + "\n", ["k"]),
    ]
    assert len({first.path, *(other.path for other in others)}) == 4
    assert len(list(tmp_path.iterdir())) == 4  # and nothing that was needed on the way


def test_modules_are_compiled_at_the_same_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    build.runtime()  # is there already
    monkeypatch.setattr(build, "folder", lambda: tmp_path)
    modules: list[Module] = []
    threads = [
        threading.Thread(target=lambda: modules.append(Module("__global__ void k(int* x) {}", ["k"])))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(modules) == 3
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("checked", [True, False])
def test_modules_don_t_share_their_shared_memory(checked: bool) -> None:
    """The same kernel, compiled twice with arrays of other sizes: neither may end up with those of the other."""
    for count in (64, 32, 256, 64):
        module = Module(SHARED, ["kernel<int>"], [f"-DCOUNT={count}"], checked=checked)
        out = np.zeros(32, "int32")
        module.function("kernel<int>").launch(1, 32, [Pointer(out.ctypes.data, out.nbytes)])
        assert out.tolist() == list(range(count - 1, count - 33, -1))


def test_a_module_s_own_functions_come_before_those_of_the_system(launch: Launch) -> None:
    source = """
    extern "C" __attribute__((noinline)) int getpagesize() { return 7; }
    __global__ void k(int* x) { *x = getpagesize(); }
    """
    x = np.zeros(1, "int32")
    launch(source, "k", 1, 1, x, checked=False)
    assert x[0] == 7


def test_extern_c_and_templates_of_templates(launch: Launch) -> None:
    source = """
    template <typename Real> struct Twice { static Real of(Real x) { return 2 * x; } };
    template <typename T, template <typename> class F, bool Add, int N>
    __global__ void __launch_bounds__(32) apply(T* x) { x[threadIdx.x] = F<T>::of(x[threadIdx.x]) + (Add ? N : 0); }
    extern "C" __global__ void plain(float* x) { x[threadIdx.x] += 1; }
    """
    x = np.arange(4, dtype="float32")
    launch(source, "apply<float, Twice, true, 3>", 1, 4, x)
    assert x.tolist() == [3, 5, 7, 9]
    launch(source, "plain", 1, 4, x)
    assert x.tolist() == [4, 6, 8, 10]
