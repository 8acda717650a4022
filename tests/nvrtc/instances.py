"""Which instances of the kernels are compiled for which architecture."""

from __future__ import annotations

import os
import random
from itertools import cycle, islice

from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda.catalogue import Kernel

# A cover is compiled for each architecture, everything for those named in the environment: `EVERY_INSTANCE=90,100`. What CI
# names beside the suite is the one that gpunet is made for: that takes a minute, everything for all several.
COMPLETE = {int(name) for name in os.environ.get("EVERY_INSTANCE", "").split(",") if name}


def instances(file: str, architecture: int) -> list[str]:
    """Return the instances of the kernels of a file that are compiled for an architecture."""
    kernels = [kernel for kernel in catalogue.kernels().values() if kernel.file == file]
    if architecture in COMPLETE:
        return [name for kernel in kernels for name in kernel.instances()]
    return [name for kernel in kernels for name in cover(kernel, architecture)]


def cover(kernel: Kernel, seed: int) -> list[str]:
    """Return instances in which each storage type, functor, flag and number appears, combined differently for each seed."""
    if not kernel.template:
        return kernel.instances()
    generator = random.Random(f"{kernel.name} {seed}")
    choices = [sorted(set(column)) for column in zip(*map(arguments, kernel.instances()), strict=True)]
    count = max(map(len, choices))
    columns = [generator.sample(list(islice(cycle(choice), count)), count) for choice in choices]
    return sorted({kernel.expression(chosen) for chosen in zip(*columns, strict=True)})


def arguments(instance: str) -> list[str]:
    """Return the template arguments of an instance: ``["float", "ReLU"]`` of ``"activate<float, ReLU>"``."""
    return instance.partition("<")[2].rstrip(">").split(", ")
