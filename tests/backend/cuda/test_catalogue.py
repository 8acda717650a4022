"""Which kernels there are is read from their sources."""

from __future__ import annotations

import re

import pytest

from gpunet import activations
from gpunet.backend.base import POSITION, ROW, STEP
from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda.catalogue import Parameter
from gpunet.backend.cuda.kernels import BLOCK
from gpunet.backend.formulas import own
from gpunet.backend.sources import kernel_folder

SOURCE = """
// Not a note of the kernel.

// Bytes: 2 * size * storage
// Instances: Width = 1, 4
template <typename Storage, template <typename> class Activation, bool Wide,
          int Width>
__global__ void __launch_bounds__(128, 2)
    both(const RealOf<Storage>* x, Storage * out,
         unsigned int size) {
}

template <typename T>
__device__ T helper(T x) { return x; }

__global__ void __launch_bounds__(32) alone(long long* counters) {}
"""


def test_what_a_source_says_about_its_kernels() -> None:
    both, alone = catalogue._parse("some.cu", SOURCE)
    assert (both.file, both.name, both.block, both.bytes) == ("some.cu", "both", 128, "2 * size * storage")
    assert both.template == (
        ("typename", "Storage"),
        ("class", "Activation"),
        ("bool", "Wide"),
        ("int", "Width"),
    )
    assert both.parameters == (
        Parameter("const RealOf<Storage>*", "x"),
        Parameter("Storage*", "out"),
        Parameter("unsigned int", "size"),
    )
    assert [parameter.is_pointer for parameter in both.parameters] == [True, True, False]
    assert len(both.instances()) == 4 * len(catalogue.functors("Activation")) * 2 * 2
    assert "both<__half, ReLU, true, 4>" in both.instances()
    assert (alone.instances(), alone.template, alone.bytes) == (["alone"], (), "")


def test_a_kernel_written_otherwise_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"some\.cu: expected every kernel as .* read 1 of 2\."):
        catalogue._parse("some.cu", SOURCE.replace("__launch_bounds__(32) ", ""))


def test_names_are_unique_and_every_kernel_states_its_traffic() -> None:
    names = [
        kernel.name for file in catalogue.files() for kernel in catalogue._parse(file, catalogue._read(file))
    ]
    assert sorted(names) == sorted(catalogue.kernels())
    assert [kernel.name for kernel in catalogue.kernels().values() if not kernel.bytes] == []


def test_what_kernels_and_launches_must_agree_on() -> None:
    assert {kernel.block for kernel in catalogue.kernels().values()} == {BLOCK, 32}
    counters = re.findall(r"(\w+) = (\d)", catalogue._read("counters.cuh"))
    assert counters == [("STEP", str(STEP)), ("POSITION", str(POSITION)), ("ROW", str(ROW))]


def test_headers_are_pasted_once_with_their_lines() -> None:
    text = catalogue.source("update.cu")
    assert '#include "' not in text
    assert "#pragma once" not in text
    assert text.count("struct Arithmetic<double>") == 1
    lines = text.splitlines()
    place = next(index for index, line in enumerate(lines) if "__global__" in line)
    marker = max(index for index in range(place) if lines[index].startswith("#line"))
    number = int(lines[marker].split()[1]) + place - marker - 1
    assert lines[marker].endswith('"update.cu"')
    assert (kernel_folder() / "update.cu").read_text().splitlines()[number - 1] == lines[place]


def test_a_subclass_is_not_taken_for_its_parent() -> None:
    class Own(type(activations.relu)):  # type: ignore[misc]
        pass

    assert own(activations.relu)
    assert not own(Own())
