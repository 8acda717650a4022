"""How kernels are run: settings of the process, which tests change for a while, and what the runtime is told."""

from __future__ import annotations

import ctypes
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


class Launch(ctypes.Structure):
    """What ``runtime.h`` calls ``Launch``."""

    _fields_ = (
        ("grid", ctypes.c_uint * 3),
        ("block", ctypes.c_uint * 3),
        ("shared_memory", ctypes.c_uint),
        ("first_block", ctypes.c_uint64),
        ("last_block", ctypes.c_uint64),
        ("order", ctypes.c_int),
        ("seed", ctypes.c_uint),
        ("checked", ctypes.c_int),
        ("counted", ctypes.c_int),
    )
