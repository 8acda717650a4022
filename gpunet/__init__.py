"""gpunet trains neural networks on CuPy, with Keras' names, defaults and numbers, and on NumPy where there is no GPU."""

from . import (
    activations,
    backend,
    callbacks,
    config,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    optimizers,
    regularizers,
    testing,
)
from ._version import __version__
from .config import set_random_seed

__all__ = [
    "__version__",
    "activations",
    "backend",
    "callbacks",
    "config",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "regularizers",
    "set_random_seed",
    "testing",
]
