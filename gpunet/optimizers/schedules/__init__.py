"""Learning rates as functions of the step."""

from .base import LearningRateSchedule, registry
from .cosine import CosineDecay, CosineDecayRestarts
from .decay import ExponentialDecay, InverseTimeDecay
from .one_cycle import OneCycle
from .piecewise import PiecewiseConstantDecay
from .polynomial import PolynomialDecay

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "OneCycle",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "get",
    "registry",
    "serialize",
]

get, serialize, deserialize = registry.get, registry.serialize, registry.deserialize
