"""What ``fit``, ``evaluate`` and ``predict`` run: data, feeds, programs and the trainer."""

from .arrays import as_array
from .data import Arrays, Data, Stream, adapt
from .interrupt import Interrupt
from .program import Program
from .trainer import Trainer

__all__ = ["Arrays", "Data", "Interrupt", "Program", "Stream", "Trainer", "adapt", "as_array"]
