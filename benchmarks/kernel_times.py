"""Launches of kernels: recorded from cases, compared with NumPy, and timed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from gpunet.backend import Backend, get_backend
from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda.catalogue import Kernel

from .kernel_cases import CASES, Case, Scene
from .report import Result, progress

CHECKED = 1 << 18  # elements
TOLERANCE = 1e-5  # of the largest number
Clock = Callable[[Callable[[], Any]], float]


class Launch(NamedTuple):
    """A launch of a kernel, with what ``Kernels.launch`` was given."""

    name: str
    template: tuple[Any, ...]
    blocks: int
    arguments: tuple[Any, ...]
    shared_memory: int

    @property
    def kernel(self) -> Kernel:
        """What the catalogue says of it."""
        return catalogue.kernels()[self.name]

    @property
    def title(self) -> str:
        """The instance: ``activate<float, ELU, true>``."""
        return self.kernel.expression(tuple(map(_argument, self.template)))

    def again(self, kernels: Any) -> Callable[[], None]:
        """Return what launches it once more."""
        return partial(
            kernels.launch,
            self.name,
            self.template,
            self.blocks,
            *self.arguments,
            shared_memory=self.shared_memory,
        )

    @property
    def bytes(self) -> int:
        """The bytes that its kernel says are needed."""
        chosen = {name: value for (_, name), value in zip(self.kernel.template, self.template, strict=True)}
        storage = chosen["Storage"].itemsize if "Storage" in chosen else 4
        names = [parameter.name for parameter in self.kernel.parameters]
        values = {**dict(zip(names, self.arguments, strict=True)), "blocks": self.blocks}
        return int(eval(self.kernel.bytes, {**values, "storage": storage, "real": max(storage, 4)}))


def _argument(value: Any) -> str:
    if isinstance(value, np.dtype):
        return catalogue.STORAGE[value.name]
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def recorded(kernels: Any) -> Iterator[list[Launch]]:
    """Note every launch, which happens as well; what is noted holds the arrays."""
    found: list[Launch] = []
    launch = kernels.launch

    def watched(
        name: str, template: Sequence[Any], blocks: int, *arguments: Any, shared_memory: int = 0
    ) -> None:
        found.append(Launch(name, tuple(template), blocks, arguments, shared_memory))
        launch(name, template, blocks, *arguments, shared_memory=shared_memory)

    kernels.launch = watched
    try:
        yield found
    finally:
        del kernels.launch


def difference(case: Case, backend: Backend, reference: Backend, elements: int) -> float:
    """Return how far the results of a case are from those of NumPy, relative to the largest number of each array."""
    found, wanted = (
        [one.download(array).astype(np.float64) for array in case(Scene(one, elements))]
        for one in (backend, reference)
    )
    return max(off_by(a, b) for a, b in zip(found, wanted, strict=True))


def off_by(found: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> float:
    if not np.isfinite(found).all():
        return float("inf")
    largest = np.abs(wanted).max(initial=0.0)
    return float(np.abs(found - wanted).max(initial=0.0) / (largest or 1.0))


def measure(backend: Any, clock: Clock, cache_size: int, elements: int, checked: int = CHECKED) -> Result:
    """Return a row for each instance of a kernel that the cases launch.

    Args:
        backend: That of the GPU.
        clock: From a call to its seconds.
        cache_size: The bytes of the L2 cache.
        elements: Of the arrays that are timed,
        checked: and of those that are compared with NumPy's.
    """
    copied = copy_rate(backend, clock, elements)
    rows: dict[str, Result] = {}
    for case in progress(CASES, "kernels"):
        off = difference(case, backend, get_backend("numpy"), checked)
        right = off <= TOLERANCE
        with recorded(backend.kernels) as launches:
            case(Scene(backend, elements if right else checked))
        for launch in launches:
            if launch.title not in rows:
                rows[launch.title] = _row(launch, backend, clock, cache_size, copied, off, right)
            elif not right:
                rows[launch.title].update(off=off, right=False)
        launches.clear()
    unknown = sorted(set(catalogue.kernels()) - {row["kernel"] for row in rows.values()})
    return {"copy_gb_per_s": copied / 1e9, "kernels": list(rows.values()), "without_case": unknown}


def _row(
    launch: Launch, backend: Any, clock: Clock, cache_size: int, copied: float, off: float, right: bool
) -> Result:
    row: Result = {"kernel": launch.name, "instance": launch.title, "off": off, "right": right}
    row.update(bytes=launch.bytes, us=None, gb_per_s=None, share=None)
    if right:
        seconds = clock(launch.again(backend.kernels))
        row.update(us=seconds * 1e6, gb_per_s=launch.bytes / seconds / 1e9)
        if launch.bytes >= 2 * cache_size:  # what fits in the cache isn't bound by memory
            row["share"] = launch.bytes / seconds / copied
    return row


def copy_rate(backend: Any, clock: Clock, elements: int) -> float:
    """Return the bytes per second, read and written, of a copy on the device."""
    source, target = backend.zeros(elements, "float32"), backend.empty(elements, "float32")
    size = 4 * elements
    return 2 * size / clock(lambda: target.data.copy_from_device_async(source.data, size))
