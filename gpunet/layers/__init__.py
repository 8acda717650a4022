"""Layers: what a network is built of."""

from .activation import ELU, Activation, LeakyReLU, ReLU, Softmax
from .base import Layer, registry
from .context import Context
from .dense import Dense
from .dropout import Dropout
from .shaping import Flatten, Input

get, serialize, deserialize = registry.get, registry.serialize, registry.deserialize
InputLayer = Input  # Keras' name for the same

__all__ = [
    "ELU",
    "Activation",
    "Context",
    "Dense",
    "Dropout",
    "Flatten",
    "Input",
    "InputLayer",
    "Layer",
    "LeakyReLU",
    "ReLU",
    "Softmax",
    "deserialize",
    "get",
    "registry",
    "serialize",
]
