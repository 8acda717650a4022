"""The table of what kernels take: a row for each kernel, a column for each architecture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gpunet.backend.cuda import catalogue
from nvrtc.compiler import Resources
from nvrtc.occupancy import occupancy


def lines(compiled: Mapping[tuple[str, int], Mapping[str, Resources]]) -> Iterator[str]:
    """Yield the rows: threads of a block, static shared memory, and for each architecture registers and occupancy.

    What differs between the instances of a kernel is given as ``least-most``; the occupancy is the least.
    """
    architectures = sorted({architecture for _, architecture in compiled})
    titles = "".join(f"{f'sm_{architecture}':>14}" for architecture in architectures)
    yield f"{'kernel':<30} {'block':>5} {'shared':>9}{titles}"
    for kernel in catalogue.kernels().values():
        cells, shared = [], set()
        for architecture in architectures:
            found = _instances(compiled.get((kernel.file, architecture), {}), kernel.name)
            shared |= {resources.shared for resources in found}
            if not found:
                cells.append("")
                continue
            least = min(occupancy(architecture, kernel.block, r.registers, r.shared) for r in found)
            cells.append(f"{_range({r.registers for r in found})} {least:4.0%}")
        if shared:
            row = "".join(f"{cell:>14}" for cell in cells)
            yield f"{kernel.name:<30} {kernel.block:>5} {_range(shared):>9}{row}"


def _instances(found: Mapping[str, Resources], kernel: str) -> list[Resources]:
    return [resources for name, resources in found.items() if name.partition("<")[0] == kernel]


def _range(values: set[int]) -> str:
    return f"{min(values)}-{max(values)}" if len(values) > 1 else str(*values)
