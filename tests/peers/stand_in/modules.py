"""Which module stands in for which of Keras'."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import NormalDist
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from gpunet import (
    activations,
    config,
    initializers,
    layers,
    losses,
    metrics,
    models,
    optimizers,
    regularizers,
)
from gpunet.losses.base import squeeze_or_expand
from gpunet.optimizers import schedules
from gpunet.regularizers.base import validate_float_arg

from . import backend, ops
from .test_case import TestCase

OPTIMIZERS = ("adadelta", "adagrad", "adam", "adamax", "adamw", "nadam", "rmsprop", "sgd")
METRICS = ("accuracy", "confusion", "f_score", "hinge", "probabilistic", "reduction", "regression")


def _public(module: Any) -> dict[str, Any]:
    """Return the public members of a part of gpunet."""
    return {name: getattr(module, name) for name in module.__all__}


def _absent(name: str) -> Callable[..., Any]:
    """Return what stands for something gpunet doesn't have: it can be imported, but not used."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise NotImplementedError(f"gpunet has no {name}.")

    return refuse


MEMBERS: dict[str, dict[str, Any]] = {
    "keras": {"Sequential": models.Sequential, "layers": layers, "ops": ops},
    "keras.src": {},
    "keras.src.activations": _public(activations),
    "keras.src.backend": _public(backend),
    "keras.src.backend.common.keras_tensor": {"KerasTensor": _absent("KerasTensor")},
    "keras.src.constraints": {},
    "keras.src.dtype_policies": {
        "dtype_policy": SimpleNamespace(dtype_policy=config.floatx, set_dtype_policy=config.set_floatx)
    },
    "keras.src.initializers": _public(initializers),
    "keras.src.initializers.random_initializers": _public(initializers),
    "keras.src.layers": _public(layers),
    "keras.src.layers.attention.multi_head_attention": {"MultiHeadAttention": _absent("MultiHeadAttention")},
    "keras.src.losses": _public(losses),
    "keras.src.losses.losses": _public(losses),
    "keras.src.losses.loss": {"Loss": losses.Loss, "squeeze_or_expand_to_same_rank": squeeze_or_expand},
    "keras.src.metrics": _public(metrics),
    "keras.src.metrics.metric": {"Metric": metrics.Metric},
    "keras.src.metrics.metrics_utils": {
        "AUCCurve": SimpleNamespace(PR="PR", ROC="ROC"),
        "AUCSummationMethod": SimpleNamespace(MAJORING="majoring"),
    },
    **{f"keras.src.metrics.{family}_metrics": _public(metrics) for family in METRICS},
    "keras.src.models": _public(models),
    "keras.src.ops": _public(ops),
    "keras.src.optimizers": _public(optimizers),
    "keras.src.optimizers.schedules": _public(schedules),
    **{f"keras.src.optimizers.{name}": _public(optimizers) for name in OPTIMIZERS},
    "keras.src.random": {
        "SeedGenerator": np.random.default_rng,
        "uniform": lambda shape: np.random.random(shape),
    },
    "keras.src.regularizers": _public(regularizers),
    "keras.src.regularizers.regularizers": {"validate_float_arg": validate_float_arg},
    "keras.src.saving": {"register_keras_serializable": lambda **_: lambda function: function},
    "keras.src.testing": {"TestCase": TestCase},
    "keras.src.utils": {"set_random_seed": config.set_random_seed},
    "conftest": {"skip_if_backend": lambda *_: lambda test: test},
    "scipy": {},
    "scipy.signal": {},
    "scipy.special": {"expit": lambda x: 1 / (1 + np.exp(-x))},
    "scipy.stats": {"norm": SimpleNamespace(cdf=np.vectorize(NormalDist().cdf))},
}


@contextmanager
def installed() -> Iterator[None]:
    """Let imports find the stand-ins: while a test file is imported, and while a test runs."""
    before = {name: sys.modules[name] for name in MEMBERS if name in sys.modules}
    for name, members in MEMBERS.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(members)
    try:
        yield
    finally:
        for name in MEMBERS:
            del sys.modules[name]
        sys.modules.update(before)
