"""Settings of the process."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from gpunet import config, initializers, layers
from gpunet.backend import NumpyBackend


def run(code: str, backend: str | None) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process that has this ``GPUNET_BACKEND``."""
    environment = {name: value for name, value in os.environ.items() if name != "GPUNET_BACKEND"}
    if backend is not None:
        environment["GPUNET_BACKEND"] = backend
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)


def test_floatx_is_what_new_layers_compute_in() -> None:
    assert config.floatx() == "float32"
    config.set_floatx("float64")
    assert layers.Dense(2)([[1.0]]).dtype == "float64"
    config.set_floatx("float32")
    assert layers.Dense(2)([[1.0]]).dtype == "float32"


@pytest.mark.parametrize("name", ["float16", "float", np.float32, None, 64])
def test_other_float_types_are_refused(name: object) -> None:
    with pytest.raises(ValueError, match="Unknown float type"):
        config.set_floatx(name)  # type: ignore[arg-type]
    assert config.floatx() == "float32"


def test_the_closest_float_type_is_suggested() -> None:
    with pytest.raises(ValueError, match='Did you mean "float64"'):
        config.set_floatx("float_64")


def test_a_backend_by_name_or_as_an_object() -> None:
    own = NumpyBackend()
    config.set_backend(own)
    assert config.backend() is own
    config.set_backend("numpy")
    assert config.backend().name == "numpy"


@pytest.mark.parametrize("name", ["NumPy", "gpu", None, 3])
def test_unknown_backends_are_refused(name: object) -> None:
    with pytest.raises(ValueError, match=f'Unknown backend "{name}".* Known: auto, compiled, cupy, numpy'):
        config.set_backend(name)  # type: ignore[arg-type]
    assert config.backend().name == "numpy"


def test_the_environment_chooses_the_backend() -> None:
    done = run("import gpunet; print(gpunet.config.backend().name)", "numpy")
    assert (done.stdout, done.stderr) == ("numpy\n", "")


def test_an_unknown_name_in_the_environment_is_reported_when_a_backend_is_needed() -> None:
    done = run("import gpunet; print('imported'); gpunet.config.backend()", "nunpy")
    assert done.stdout == "imported\n"
    assert done.stderr.splitlines()[-1] == (
        'ValueError: GPUNET_BACKEND: Unknown backend "nunpy". Did you mean "numpy"? Known: auto, compiled, cupy, numpy.'
    )


@pytest.mark.parametrize("backend", [None, "", "auto"])
def test_the_automatic_choice_is_said_once(backend: str | None) -> None:
    code = "import gpunet; print(gpunet.config.backend().name); gpunet.config.backend()"
    done = run(code, backend)
    assert done.stderr.startswith(f"gpunet: computing with {done.stdout.strip()}")
    assert done.stderr.count("\n") == 1


def test_a_seed_makes_everything_random_repeat() -> None:
    def draw() -> list[object]:
        values = [config.draw_seed(), config.draw_seed(), config.generator().random()]
        return [*values, initializers.get("he_normal")((2, 2)).tolist()]

    config.set_random_seed(7)
    first = draw()
    assert draw() != first
    config.set_random_seed(np.int64(7))
    assert draw() == first
    config.set_random_seed(8)
    assert draw() != first


def test_streams_learn_that_a_seed_was_set() -> None:
    before = config.seeds_set()
    config.set_random_seed(0)
    assert config.seeds_set() == before + 1


@pytest.mark.parametrize("seed", [-1, 1.0, "1", None, True])
def test_what_is_no_seed_is_refused(seed: object) -> None:
    config.set_random_seed(3)
    first = config.draw_seed()
    config.set_random_seed(3)
    with pytest.raises(ValueError, match="set_random_seed: expected a non-negative integer, got"):
        config.set_random_seed(seed)  # type: ignore[arg-type]
    assert config.draw_seed() == first


def test_a_generator_of_its_own_seed_leaves_the_stream_alone() -> None:
    config.set_random_seed(3)
    first = config.draw_seed()
    config.set_random_seed(3)
    assert config.generator(5).random() == np.random.default_rng(5).random()
    assert config.draw_seed() == first


@pytest.mark.parametrize(
    ("policy", "variables"),
    [("float32", "float32"), ("float64", "float64"), ("tf32", "float32"), ("mixed_float16", "float32")],
)
def test_a_dtype_policy_sets_the_type_of_parameters(policy: str, variables: str) -> None:
    config.set_dtype_policy(policy)
    assert (config.dtype_policy(), config.floatx()) == (policy, variables)
    config.set_floatx("float32")
    assert config.dtype_policy() == "float32"


def test_an_unknown_dtype_policy_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r'Unknown dtype policy "mixed_bloat16". Did you mean "mixed_bfloat16"'
    ):
        config.set_dtype_policy("mixed_bloat16")
    assert config.dtype_policy() == "float32"
