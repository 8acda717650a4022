"""Every kernel compiles for every architecture, and keeps its variables in registers."""

from __future__ import annotations

import pytest

from gpunet.backend.cuda import catalogue
from nvrtc.compiler import Compiled
from nvrtc.instances import arguments, cover, instances
from nvrtc.occupancy import ARCHITECTURES


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids="sm_{}".format)
@pytest.mark.parametrize("file", catalogue.files())
def test_a_file_compiles_without_spills(file: str, architecture: int, compiled: Compiled) -> None:
    resources = compiled[file, architecture].result()
    assert [name for name in instances(file, architecture) if not resources[name].registers] == []
    assert (
        "\n".join(f"{name}: {taken}" for name, taken in resources.items() if taken.stack or taken.spills)
        == ""
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_value_of_each_template_parameter_is_compiled(architecture: int) -> None:
    for kernel in catalogue.kernels().values():
        chosen = cover(kernel, architecture)
        assert set(chosen) <= set(kernel.instances())
        for position in range(len(kernel.template)):
            wanted = {arguments(name)[position] for name in kernel.instances()}
            assert {arguments(name)[position] for name in chosen} == wanted
