"""Precision policies of single models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gpunet
from gpunet.layers import Dense, Input


def model(policy: str | None) -> gpunet.Sequential:
    return gpunet.Sequential([Input(shape=(3,)), Dense(2)], dtype_policy=policy)


def test_the_default_is_that_of_the_process() -> None:
    assert model(None).dtype_policy == "float32"
    gpunet.config.set_dtype_policy("tf32")
    assert model(None).dtype_policy == "tf32"
    assert model("float32").dtype_policy == "float32"


def test_parameters_and_results_have_its_float_type() -> None:
    double = model("float64")
    assert [weight.dtype for weight in double.get_weights()] == [np.float64, np.float64]
    assert double.predict(np.ones((1, 3)), verbose=0).dtype == np.float64
    assert gpunet.config.floatx() == "float32"


def test_it_is_kept_in_files(tmp_path: Path) -> None:
    for policy in ("tf32", "float64"):
        model(policy).save(tmp_path / "model.safetensors")
        loaded = gpunet.models.load_model(tmp_path / "model.safetensors")
        assert loaded.dtype_policy == policy
        assert gpunet.config.dtype_policy() == "float32"


def test_an_unknown_one_is_refused() -> None:
    with pytest.raises(ValueError, match='Unknown dtype policy "float23"'):
        model("float23")
