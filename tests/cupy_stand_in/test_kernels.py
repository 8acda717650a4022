"""A kernel gets what CuPy would pass, and what that would get wrong is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cuda_on_host import compiler

from gpunet.backend.cuda import catalogue

from . import CUDADriverError, MisuseError, StandIn


@pytest.fixture(autouse=True)
def _compiler() -> None:
    if compiler() is None:
        pytest.skip("needs g++ to compile the kernels for the host")


CODE = """
template <typename Real>
__global__ void add(const Real* x, Real* out, int size, Real value) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < size) out[i] = x[i] + value;
}
template <typename Storage>
__global__ void copy(const Storage* x, Storage* out) { out[threadIdx.x] = x[threadIdx.x]; }
template <typename Real>
__global__ void count(Real* out, long long many, double much, bool really) {
    extern __shared__ Real shared[];
    shared[threadIdx.x] = Real(many + much + really);
    if (out != nullptr) out[threadIdx.x] = shared[threadIdx.x];
}
"""
NAMES = ["add<float>", "add<double>", "copy<__nv_bfloat16>", "copy<__half>", "count<float>"]


def kernel(module: Any, name: str) -> Any:
    code = "#include <cuda_fp16.h>\n#include <cuda_bf16.h>\n" + CODE
    return module.RawModule(code=code, options=("-std=c++17",), name_expressions=NAMES).get_function(name)


def test_it_runs(stand_in: Any) -> None:
    x, out = stand_in.arange(5.0), stand_in.zeros(5)
    kernel(stand_in, "add<double>")((2,), (4,), (x, out, np.int32(5), 1.5))
    assert out.tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]
    assert stand_in.counts.kernel_launches == 1


def test_it_is_captured(stand_in: Any) -> None:
    x, out, stream = stand_in.zeros(3), stand_in.zeros(3), stand_in.cuda.Stream()
    with stream:
        stream.begin_capture()
        kernel(stand_in, "add<double>")((1,), (4,), (x, x, np.int32(3), 1.0))
        kernel(stand_in, "add<double>")((1,), (4,), (x, out, np.int32(3), 0.0), stream=stream)
        graph = stream.end_capture()
    assert not x.get().any()
    graph.launch()
    graph.launch()
    assert out.tolist() == [2, 2, 2]
    assert stand_in.counts.kernel_launches == 0  # by the host
    del out
    with pytest.raises(MisuseError, match="was freed"):
        graph.launch()


def test_arguments_are_checked(stand_in: Any) -> None:
    add, x, size = kernel(stand_in, "add<float>"), stand_in.zeros((2, 3), "float32"), np.int32(6)
    one = np.float32(1)
    for arguments, message in (
        ((x, x, size), "expected 4 arguments .*, got 3"),
        ((x, x, size, 1.0), "argument 3: expected a scalar of float32, got float"),
        ((x, x, 6, one), "argument 2: expected a scalar of int32, got int"),
        ((x, x, np.int64(6), one), "argument 2: expected a scalar of int32, got int64"),
        ((x, x, np.array(6, np.int32), one), "argument 2: expected a scalar"),
        ((x, x, x, one), "argument 2: expected a scalar"),
        ((x.get(), x, size, one), r"argument 0: You are trying to pass a numpy.ndarray of shape \(2, 3\)"),
        ((x, x.T, size, one), "argument 1: expected a C-contiguous array"),
        ((x, x[:, :2], size, one), "argument 1: expected a C-contiguous array"),
        ((x.astype("float64"), x, size, one), "argument 0: expected an array of float32, got float64"),
        ((x, 12345, size, one), "argument 1: expected an array"),
    ):
        with pytest.raises(TypeError, match=message):
            add((1,), (8,), arguments)
    assert stand_in.counts.kernel_launches == 0


def test_python_numbers_and_null_pointers(stand_in: Any) -> None:
    count, out = kernel(stand_in, "count<float>"), stand_in.zeros(2, "float32")
    count((1,), (2,), (out, 2, 0.5, True), shared_mem=8)
    assert out.tolist() == [3.5, 3.5]
    count((1,), (2,), (None, 2, 0.5, True), shared_mem=8)
    count((1,), (2,), (np.uintp(0), 2, 0.5, np.bool_(True)), shared_mem=8)
    count((1,), (1,), (out.data + 4, 0, 0.0, False), shared_mem=8)
    assert out.tolist() == [3.5, 0]


@pytest.mark.parametrize(("name", "dtype"), [("copy<__half>", "float16"), ("copy<__nv_bfloat16>", "uint16")])
def test_half_precision(stand_in: Any, name: str, dtype: str) -> None:
    x, out = stand_in.arange(4).astype(dtype), stand_in.zeros(4, dtype)
    kernel(stand_in, name)((1,), (4,), (x, out))
    assert out.tolist() == [0, 1, 2, 3]
    with pytest.raises(TypeError, match="got float32"):
        kernel(stand_in, name)((1,), (4,), (x.astype("float32"), out))


def test_launches_have_limits(stand_in: Any) -> None:
    add, x = kernel(stand_in, "add<double>"), stand_in.zeros(1)
    arguments = x, x, np.int32(1), 0.0
    for grid, block, shared in (
        ((1,), (1025,), 0),
        ((1, 65536), (1,), 0),
        ((1,), (1, 1, 65), 0),
        ((1,), (1,), 49153),
    ):
        with pytest.raises(CUDADriverError, match="CUDA_ERROR_INVALID_VALUE"):
            add(grid, block, arguments, shared_mem=shared)
    with pytest.raises(TypeError, match="expected tuple, got list"):
        add([1], (1,), arguments)
    add((0,), (0,), arguments)  # CuPy makes one block of one thread of it
    with pytest.raises(CUDADriverError, match="CUDA_ERROR_INVALID_VALUE"):
        add.max_dynamic_shared_size_bytes = 232_449
    add.max_dynamic_shared_size_bytes = 232_448
    add((1,), (1,), arguments, shared_mem=50_000)


def test_only_what_was_named_is_there(stand_in: Any) -> None:
    module = stand_in.RawModule(code=CODE, name_expressions=["add<float>"])
    with pytest.raises(CUDADriverError, match="CUDA_ERROR_NOT_FOUND"):
        module.get_function("add<double>")
    with pytest.raises(TypeError, match="expected tuple, got list"):
        stand_in.RawModule(code=CODE, options=["-std=c++17"])


def test_all_of_a_source_is_compiled_at_once(stand_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []

    class Module:
        def __init__(self, code: str, expressions: list[str], options: Any, checked: bool) -> None:
            compiled.append((expressions, options, checked))

        def function(self, name: str) -> Any:
            return name

    monkeypatch.setattr("cuda_on_host.Module", Module)
    monkeypatch.setattr(StandIn, "expressions_for", staticmethod(lambda code, names: ["a<int>", "b<int>"]))
    for name in ("a<int>", "b<int>"):
        found = stand_in.RawModule(code="only here", name_expressions=[name]).get_function(name)
        assert found.function == name
    assert compiled == [(["a<int>", "b<int>"], (), False)]


def test_gpunet_s_kernels_are_compiled_by_file_and_dtype() -> None:
    names = StandIn.expressions_for(catalogue.source("dropout.cu"), ["dropout<float, true>"])
    assert names == ["dropout<float, false>", "dropout<float, true>"]
    assert StandIn.expressions_for("another source", ["f<float>"]) == ["f<float>"]


def test_uses_are_ordered() -> None:
    module = StandIn(ordered=True)
    x, out = module.zeros(4), module.zeros(4)
    streams = [module.cuda.Stream(non_blocking=True) for _ in range(2)]
    module.cuda.Device().synchronize()
    add = kernel(module, "add<double>")
    add((1,), (4,), (x, out, np.int32(4), 0.0), stream=streams[0])
    add((1,), (4,), (x, module.zeros(4), np.int32(4), 0.0), stream=module.cuda.Stream.null)
    with pytest.raises(MisuseError, match="reads memory"):
        add((1,), (4,), (out, x, np.int32(4), 0.0), stream=streams[1])
