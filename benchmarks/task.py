"""A task: a workload with its samples and initial weights, in a folder that every contender reads."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from .workloads import Array, Workload

Samples = tuple[Array, Array]


def write(
    folder: str | Path,
    workload: Workload,
    training: Samples,
    weights: Sequence[Array],
    test: Samples | None = None,
) -> None:
    """Write a task; there are test samples only where accuracy is asked for."""
    (Path(folder) / "workload.json").write_text(json.dumps(asdict(workload)))
    for name, arrays in (("training", training), ("weights", weights), ("test", test or ())):
        for index, array in enumerate(arrays):
            np.save(Path(folder) / f"{name}-{index}.npy", array)


class Task:
    """What ``write`` wrote, read as far as it is needed: all of it counts as a contender's memory."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        fields = json.loads((self.folder / "workload.json").read_text())
        self.workload = Workload(**{**fields, "sizes": tuple(fields["sizes"])})
        count = 2 * (len(self.workload.sizes) - 1)
        self.weights = [np.load(self.folder / f"weights-{index}.npy") for index in range(count)]

    def training(self, rows: int) -> Samples:
        """Return the first inputs and targets."""
        return self._rows("training-0", rows), self._rows("training-1", rows)

    def test(self) -> Samples:
        """Return all inputs and classes of the test."""
        return np.load(self.folder / "test-0.npy"), np.load(self.folder / "test-1.npy")

    def _rows(self, name: str, rows: int) -> Array:
        with open(self.folder / f"{name}.npy", "rb") as file:
            np.lib.format.read_magic(file)
            (_, *shape), _, dtype = np.lib.format.read_array_header_1_0(file)
            return np.fromfile(file, dtype, rows * math.prod(shape)).reshape(rows, *shape)
