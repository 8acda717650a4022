"""Sectors and bank conflicts, against counts by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cuda_on_host import settings

Launch = Callable[..., Any]


@pytest.fixture(autouse=True)
def _counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "count_traffic", True)


def aligned(size: int) -> np.ndarray:
    """Return floats that start at a multiple of 256 bytes."""
    raw = np.zeros(4 * size + 256, np.uint8)
    start = -raw.ctypes.data % 256
    return raw[start : start + 4 * size].view("float32")


COPY = "__global__ void copy(const float* x, float* out) { const int i = blockIdx.x * blockDim.x + threadIdx.x; out[i] = x[@]; }"


def test_a_copy_reads_and_writes_each_sector_once(launch: Launch, order: str) -> None:
    traffic = launch(COPY.replace("@", "i"), "copy", 16, 256, aligned(4096), aligned(4096))
    assert traffic == (
        512,
        512,
        512,
        512,
        0,
        256,
    )  # 4096 · 4 / 32 sectors; each of 128 warps reads and writes
    assert (traffic.bytes, traffic.full_share) == (8 * 4096, 1)


def test_every_other_element_costs_the_sectors_of_all(launch: Launch, order: str) -> None:
    traffic = launch(COPY.replace("@", "2 * i"), "copy", 16, 256, aligned(8192), aligned(4096))
    assert traffic == (1024, 0, 512, 512, 0, 256)


def test_an_offset_of_one_costs_one_sector_a_block_more(launch: Launch, order: str) -> None:
    traffic = launch(COPY.replace("@", "i + 1"), "copy", 16, 256, aligned(4104), aligned(4096))
    assert traffic.read_sectors == 16 * 33


def test_what_every_block_reads_again_counts_again(launch: Launch, order: str) -> None:
    traffic = launch(COPY.replace("@", "threadIdx.x"), "copy", 16, 256, aligned(256), aligned(4096))
    assert traffic.read_sectors == 16 * 32
    repeated = launch(COPY.replace("@", "threadIdx.x % 8"), "copy", 16, 256, aligned(256), aligned(4096))
    assert repeated.read_sectors == 16


TRANSPOSE = """
__global__ void transpose(const float* x, float* out) {
    __shared__ float tile[32][@];
    for (int row = 0; row < 32; ++row) tile[row][threadIdx.x] = x[row * 32 + threadIdx.x];
    __syncwarp();
    for (int row = 0; row < 32; ++row) out[row * 32 + threadIdx.x] = tile[threadIdx.x][row];
}
"""


@pytest.mark.parametrize(("width", "conflicts"), [(32, 32 * 31), (33, 0), (34, 32)])
def test_columns_of_a_tile(launch: Launch, order: str, width: int, conflicts: int) -> None:
    """Of 32 words in a row all lie in one bank, of 33 none do, of 34 two share each even bank."""
    x, out = aligned(1024), aligned(1024)
    x[:] = np.arange(1024)
    traffic = launch(TRANSPOSE.replace("@", str(width)), "transpose", 1, 32, x, out)
    np.testing.assert_array_equal(out.reshape(32, 32), x.reshape(32, 32).T)
    assert traffic.bank_conflicts == conflicts
    assert traffic.bytes == 8 * 1024


@pytest.mark.parametrize(
    ("type_", "index", "conflicts"),
    [
        ("float", "0", 0),  # one word for all
        ("double", "threadIdx.x", 0),  # half a warp at a time
        ("double", "2 * threadIdx.x", 2),  # in each half two words for half of the banks
    ],
)
def test_wide_accesses_are_served_in_parts(launch: Launch, type_: str, index: str, conflicts: int) -> None:
    source = f"""
    __global__ void k({type_}* x) {{
        __shared__ {type_} s[64];
        s[threadIdx.x] = x[threadIdx.x];
        s[threadIdx.x + 32] = x[threadIdx.x];
        __syncwarp();
        const {type_} value = s[{index}];
        x[threadIdx.x] = value;
    }}"""
    assert launch(source, "k", 1, 32, np.zeros(256, "float64")).bank_conflicts == conflicts


def test_a_request_moves_up_to_16_bytes_a_thread(launch: Launch, order: str) -> None:
    source = COPY.replace("float*", "float4*").replace("@", "i")
    assert launch(source, "copy", 4, 256, aligned(4096), aligned(4096)) == (512, 512, 512, 512, 0, 64)


def test_requests_of_a_loop_and_of_a_branch(launch: Launch, order: str) -> None:
    source = """
    __global__ void sum(const float* x, float* out) {
        float sum = 0;
        for (int i = threadIdx.x; i < 1000; i += blockDim.x) sum += x[i];
        if (threadIdx.x == 0) *out = sum;
    }"""
    assert launch(source, "sum", 1, 64, aligned(1000), aligned(1)) == (
        125,
        125,
        1,
        0,
        0,
        33,
    )  # 32 reads of warps, 1 write


def test_vectors_of_shared_memory_are_served_a_quarter_of_a_warp_at_a_time(
    launch: Launch, order: str
) -> None:
    source = """
    __global__ void k(float4* x) {
        __shared__ float4 s[64];
        s[threadIdx.x] = x[threadIdx.x];
        s[threadIdx.x + 32] = x[threadIdx.x];
        __syncwarp();
        x[threadIdx.x] = s[@ * threadIdx.x];
    }"""
    assert launch(source.replace("@", "1"), "k", 1, 32, aligned(256)).bank_conflicts == 0
    assert (
        launch(source.replace("@", "2"), "k", 1, 32, aligned(256)).bank_conflicts == 4
    )  # two words a bank, each time


def test_one_array_given_twice_counts_where_it_lies(launch: Launch, order: str) -> None:
    x = aligned(4096)
    source = COPY.replace("out[i] = x[@]", "out[i] += x[i]")
    assert launch(source, "copy", 16, 256, x, x)[:4] == (512, 512, 512, 512)


def test_what_two_arguments_share_is_one_sector(launch: Launch, order: str) -> None:
    source = COPY.replace("const float* x", "const float* x, const float* y").replace("x[@]", "x[i] + y[i]")
    whole = aligned(4104)
    traffic = launch(source, "copy", 16, 256, whole[:4096], whole[8:], aligned(4096))
    assert traffic.read_sectors == 16 * 33


def test_nothing_is_counted_unasked(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = COPY.replace("@", "i")
    assert launch(copy, "copy", 1, 32, aligned(32), aligned(32), checked=False) is None
    monkeypatch.setattr(settings, "count_traffic", False)
    assert launch(copy, "copy", 1, 32, aligned(32), aligned(32)) is None
