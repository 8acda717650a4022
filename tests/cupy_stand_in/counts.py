"""What happened on the stand-in, for tests that say how often something may happen."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields


@dataclass
class Counts:
    """Counters since the last reset.

    Attributes:
        allocations: Blocks handed out by a memory pool.
        frees: Blocks given back.
        synchronisations: The host waited for a stream or the device; copies to the host that block, and copies of
            memory that isn't pinned (the driver may wait before it stages them), count too.
        event_waits: The host waited for an event.
        host_to_device: Copies to the device.
        device_to_host: Copies to the host.
        kernel_launches: Kernels launched by the host; those inside a graph are not.
        graph_launches: Graphs launched.
    """

    allocations: int = 0
    frees: int = 0
    synchronisations: int = 0
    event_waits: int = 0
    host_to_device: int = 0
    device_to_host: int = 0
    kernel_launches: int = 0
    graph_launches: int = 0

    def reset(self) -> None:
        """Start again from 0."""
        for field in fields(self):
            setattr(self, field.name, 0)

    def as_dict(self) -> dict[str, int]:
        """Return a copy that stays as it is."""
        return asdict(self)
