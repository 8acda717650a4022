"""``keras.src.testing``: a test case with the assertions that Keras' tests use."""

# ruff: noqa: N802 - unittest's way to name assertions

from __future__ import annotations

import json
from typing import Any

import numpy as np
from absl.testing import parameterized

from gpunet import initializers, losses, metrics, optimizers, regularizers

from .backend import standardize_dtype

FAMILIES = {
    initializers.Initializer: initializers,
    losses.Loss: losses,
    metrics.Metric: metrics,
    optimizers.Optimizer: optimizers,
    optimizers.schedules.LearningRateSchedule: optimizers.schedules,
    regularizers.Regularizer: regularizers,
}


class TestCase(parameterized.TestCase):
    """Meaning and tolerances are Keras'; its looser ones for TPUs are ignored."""

    def assertAllClose(
        self, actual: Any, desired: Any, atol: float = 1e-6, rtol: float = 1e-6, msg: str = "", **_: Any
    ) -> None:
        np.testing.assert_allclose(np.array(actual), np.array(desired), rtol, atol, err_msg=msg)

    def assertNotAllClose(self, first: Any, second: Any, atol: float = 1e-6, rtol: float = 1e-6) -> None:
        assert not np.allclose(first, second, rtol, atol), f"The two are close: {first}"

    def assertAlmostEqual(self, actual: Any, desired: Any, decimal: int = 3, msg: str = "", **_: Any) -> None:
        np.testing.assert_almost_equal(np.array(actual), np.array(desired), decimal, err_msg=msg)

    def assertAllEqual(self, actual: Any, desired: Any, msg: str = "") -> None:
        np.testing.assert_array_equal(np.array(actual), np.array(desired), err_msg=msg)

    def assertDType(self, x: Any, dtype: Any) -> None:
        np.testing.assert_equal(standardize_dtype(x.dtype), standardize_dtype(dtype))

    def run_class_serialization_test(self, instance: Any, custom_objects: Any = None) -> Any:
        """Check that an object comes back from its configuration, and through JSON from its family's description."""
        family: Any = next(family for kind, family in FAMILIES.items() if isinstance(instance, kind))
        description = json.loads(json.dumps(family.serialize(instance)))
        revived = family.deserialize(description, custom_objects)
        for copy in (type(instance).from_config(instance.get_config()), revived):
            assert type(copy) is type(instance), f"{type(instance)} came back as {type(copy)}"
            np.testing.assert_equal(copy.get_config(), instance.get_config())
            np.testing.assert_equal(set(dir(copy)), set(dir(instance)))
        return revived
