"""A step is captured once and replayed: nothing is allocated, copied or waited for within an epoch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from conftest import needs_compiler
from cupy_stand_in import StandIn

import gpunet
from gpunet import layers
from gpunet.backend import CupyBackend
from gpunet.backend.cuda.cublaslt import CublasLt
from gpunet.backend.cuda.graph import STEPS
from gpunet.training.pace import Pace

ROWS = 8


@pytest.fixture
def module() -> StandIn:
    needs_compiler()
    return StandIn()


def model(module: StandIn, *own: Any, **options: Any) -> gpunet.Sequential:
    network = gpunet.Sequential(
        [
            layers.Input(shape=(5,)),
            layers.Dense(4, "tanh", kernel_regularizer="l2"),
            layers.Dropout(0.2),
            *own,
            layers.Dense(3, "softmax"),
        ],
        backend=CupyBackend(module, CublasLt(module.cublaslt)),
        **options,
    )
    network.compile(
        gpunet.optimizers.Adam(global_clipnorm=1.0),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return network


def data(steps: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    return generator.standard_normal((steps * ROWS, 5)), generator.integers(0, 3, steps * ROWS)


def counted(module: StandIn, run: Callable[[], Any]) -> dict[str, int]:
    module.counts.reset()
    run()
    return module.counts.as_dict()


class Steady(Pace):
    """A pace that does not depend on the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.chunk = 1 << 20

    def launched(self, steps: int, seconds: float) -> None:
        """Take no note."""


def cost_of_an_epoch(module: StandIn, steps: int, policy: str) -> dict[str, int]:
    """Return what the third epoch of a training costs more than none."""
    network, (x, y) = model(module, dtype_policy=policy), data(steps)
    network.fit(x, y, batch_size=ROWS, epochs=2, verbose=0)
    two, three = (
        counted(module, partial(network.fit, x, y, batch_size=ROWS, epochs=epochs, verbose=0))
        for epochs in (2, 3)
    )
    return {what: three[what] - two[what] for what in two}


@pytest.mark.parametrize("policy", ["float32", "float64", "tf32", "mixed_bfloat16", "mixed_float16"])
def test_a_step_costs_no_allocation_no_copy_and_no_wait(
    module: StandIn, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    monkeypatch.setattr("gpunet.training.trainer.Pace", Steady)
    short, long = (cost_of_an_epoch(module, steps, policy) for steps in (STEPS + 1, 4 * STEPS + 1))
    for what in ("synchronisations", "host_to_device", "device_to_host", "kernel_launches"):
        assert long[what] == short[what], what
    assert abs(long["allocations"] - short["allocations"]) <= 2  # a pinned slot that grows
    assert (short["graph_launches"], long["graph_launches"]) == (2, 5)


def test_replaying_gives_what_running_gives(module: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = data(3 * STEPS + 5)
    results = []
    for refused in (False, True):
        gpunet.set_random_seed(0)
        network = model(module)
        if refused:
            monkeypatch.setattr(module.cuda.Stream, "begin_capture", no_capture)
        network.fit(x, y, batch_size=ROWS, epochs=3, verbose=0)
        results.append(network.get_weights())
    for captured, run in zip(*results, strict=True):
        np.testing.assert_array_equal(captured, run)


def no_capture(self: Any, mode: Any = None) -> None:
    raise RuntimeError("no capture here")


class Noisy(layers.Layer):
    """A layer written in array functions."""

    def forward(self, x: Any, training: bool = False) -> Any:
        return x * 2.0

    def backward(self, x: Any, y: Any, gradient: Any) -> Any:
        return gradient * 2.0


def test_what_cannot_be_captured_runs_as_it_is_and_says_so_once(
    module: StandIn, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gpunet.backend.cuda.graph._said", set())
    network, (x, y) = model(module, Noisy()), data(10)
    counts = counted(module, lambda: network.fit(x, y, batch_size=ROWS, epochs=2, verbose=0))
    assert counts["graph_launches"] == 0
    said = capsys.readouterr().err
    assert said.count("gpunet: a step runs without a CUDA graph, because it can't be captured: ") == 1
    assert "noisy is computed in array functions" in said
    network.fit(x, y, batch_size=ROWS, verbose=0)
    assert capsys.readouterr().err == ""


def test_a_stream_is_not_left_capturing_after_a_failure(module: StandIn) -> None:
    network, (x, y) = model(module, Noisy()), data(3)
    network.fit(x, y, batch_size=ROWS, verbose=0)
    assert not network.backend.staging.stream.is_capturing()  # type: ignore[attr-defined]


def test_a_data_set_that_does_not_fit_is_streamed_without_waiting(
    module: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for fits in (True, False):
        monkeypatch.setattr(CupyBackend, "fits", lambda self, size, fits=fits: fits)
        gpunet.set_random_seed(0)
        network, (x, y) = model(module), data(40)
        network.fit(x, y, batch_size=ROWS, epochs=2, verbose=0)
        two = counted(module, lambda: network.fit(x, y, batch_size=ROWS, epochs=2, verbose=0))  # noqa: B023
        three = counted(module, lambda: network.fit(x, y, batch_size=ROWS, epochs=3, verbose=0))  # noqa: B023
        for what in ("allocations", "synchronisations", "device_to_host"):
            assert three[what] - two[what] < 40, what
        results.append(network.get_weights())
    for resident, streamed in zip(*results, strict=True):
        np.testing.assert_array_equal(resident, streamed)


def test_a_forked_process_is_told_to_spawn(module: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    network = model(module)
    monkeypatch.setattr("gpunet.backend.cupy_backend.os.getpid", lambda: -1)
    with pytest.raises(RuntimeError, match='get_context\\("spawn"\\)'):
        network.predict(np.ones((2, 5)), verbose=0)
