"""How kernels are run: settings of the process, which tests change for a while."""

from __future__ import annotations

from dataclasses import dataclass

ORDERS = ("forward", "reverse", "random")


@dataclass
class Settings:
    """The order of threads and blocks, and whether memory traffic is counted.

    Attributes:
        order: ``"forward"``, ``"reverse"`` or ``"random"``.
        seed: Of the random order.
        count_traffic: Whether launches return a ``Traffic``; only checked modules can.
    """

    order: str = "forward"
    seed: int = 1
    count_traffic: bool = False


settings = Settings()
