"""Stand-ins for Keras' modules, which lead its tests to gpunet."""

from .attributes import ATTRIBUTES
from .modules import installed

__all__ = ["ATTRIBUTES", "installed"]
