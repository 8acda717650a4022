"""gpunet trains neural networks on CuPy, with Keras' names, defaults and numbers, and on NumPy where there is no GPU.

Example:
    >>> import gpunet
    >>> (x_train, y_train), (x_test, y_test) = gpunet.datasets.digits.load_data()
    >>> model = gpunet.Sequential(
    ...     [gpunet.layers.Dense(64, activation="relu"), gpunet.layers.Dense(10, activation="softmax")]
    ... )
    >>> model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    >>> history = model.fit(x_train, y_train, epochs=10, verbose=0)
    >>> history.history["loss"][-1] < history.history["loss"][0]
    True
"""

import sys

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
    models,
    optimizers,
    plots,
    regularizers,
    testing,
)
from ._version import __version__
from .config import set_random_seed
from .layers import Input
from .models import Model, Sequential

# ``import gpunet as tf`` finds ``tf.keras``, and ``from gpunet.keras.layers import Dense`` the same classes as without
keras = sys.modules[f"{__name__}.keras"] = sys.modules[__name__]
for _family in (
    activations,
    callbacks,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
):
    sys.modules[_family.__name__.replace(__name__, f"{__name__}.keras", 1)] = _family

__all__ = [
    "Input",
    "Model",
    "Sequential",
    "__version__",
    "activations",
    "backend",
    "callbacks",
    "config",
    "datasets",
    "initializers",
    "keras",
    "layers",
    "losses",
    "metrics",
    "models",
    "optimizers",
    "plots",
    "regularizers",
    "set_random_seed",
    "testing",
]
