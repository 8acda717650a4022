"""The optimizers that every general test runs with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gpunet import optimizers
from gpunet.optimizers import Optimizer

VARIANTS: dict[str, tuple[type[Optimizer], dict[str, Any]]] = {
    "SGD": (optimizers.SGD, {}),
    "SGD momentum": (optimizers.SGD, {"momentum": 0.9}),
    "SGD nesterov": (optimizers.SGD, {"momentum": 0.9, "nesterov": True}),
    "Adam": (optimizers.Adam, {}),
    "Adam amsgrad": (optimizers.Adam, {"amsgrad": True}),
    "AdamW": (optimizers.AdamW, {}),
    "Adagrad": (optimizers.Adagrad, {}),
    "Adadelta": (optimizers.Adadelta, {}),
    "RMSprop": (optimizers.RMSprop, {}),
    "RMSprop momentum": (optimizers.RMSprop, {"momentum": 0.5}),
    "RMSprop centered": (optimizers.RMSprop, {"centered": True}),
    "RMSprop both": (optimizers.RMSprop, {"momentum": 0.5, "centered": True}),
    "Nadam": (optimizers.Nadam, {}),
    "Adamax": (optimizers.Adamax, {}),
}


@pytest.fixture(params=VARIANTS)
def make(request: pytest.FixtureRequest) -> Callable[..., Optimizer]:
    """Make the optimizer under test, with further options."""
    kind, options = VARIANTS[request.param]
    return lambda **further: kind(**{**options, **further})
