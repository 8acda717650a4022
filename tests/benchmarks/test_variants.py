"""That each variant does what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks import variants
from benchmarks.contenders.gpunet_fit import Gpunet
from benchmarks.overhead import WORKLOADS
from benchmarks.turn import Stopwatch
from benchmarks.variants import VARIANTS, Variant
from benchmarks.workloads import Workload

SMALL = Workload("small", (3, 4, 1), 5, 6, 2, "adam", 0.1)


def test_the_bar_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[bytearray] = []
    real = variants.pseudo_terminal

    class Watched:
        def __enter__(self) -> None:
            self.inner = real()
            pieces.append(self.inner.__enter__())

        def __exit__(self, *error: Any) -> None:
            self.inner.__exit__(*error)

    monkeypatch.setattr(variants, "pseudo_terminal", Watched)
    drawn = next(variant for variant in VARIANTS if variant.drawn)
    variants.fitting(SMALL, SMALL.data(), "numpy", drawn)()
    assert b"Epoch 3/3" in pieces[0]
    assert b"6/6" in pieces[0]


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.title)
def test_a_variant_has_what_it_says_and_nothing_else(
    variant: Variant, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[dict[str, Any]] = []
    real = variants._compiled

    def watched(contender: Any, metrics: Any = ()) -> Any:
        model = real(contender, metrics)
        fit = model.fit

        def noted(*arguments: Any, **options: Any) -> None:
            calls.append({**options, "history": fit(*arguments, **options).history})

        monkeypatch.setattr(model, "fit", noted)
        return model

    monkeypatch.setattr(variants, "_compiled", watched)
    variants.fitting(SMALL, SMALL.data(), "numpy", variant)()
    (call,) = calls
    assert list(call["history"]) == ["loss", *variant.metrics]
    assert len(call["history"]["loss"]) == 1 + SMALL.epochs
    kinds = [type(callback) for callback in call["callbacks"]]
    assert kinds == [Stopwatch, *([] if variant.callback is None else [variant.callback])]
    assert call["verbose"] == int(variant.drawn)


def test_the_bare_step_trains_as_fit_does(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights after a turn of the program are those after as many epochs of fit without shuffling."""
    workload = Workload("small", (3, 4, 1), 5, 6, 2, "sgd", 0.1)  # an optimizer without a state
    made: list[Any] = []
    real = variants._compiled
    monkeypatch.setattr(variants, "_compiled", lambda contender: made.append(real(contender)) or made[-1])
    run = variants.bare(workload, workload.data(), backend.name)
    made[0].set_weights(workload.weights())
    run()
    other = Gpunet(workload, *workload.data(), workload.weights(), backend.name)
    other.model.fit(other.x, other.y, batch_size=5, epochs=2, shuffle=False, verbose=0)
    for found, wanted in zip(made[0].get_weights(), other.model.get_weights(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert (made[0].get_weights()[0] != workload.weights()[0]).any()


def test_an_epoch_fits_into_a_table_of_coefficients() -> None:
    assert all(workload.steps <= variants.TABLE_ROWS for workload in WORKLOADS)
    long = Workload("long", (3, 1), 1, variants.TABLE_ROWS + 1, 1, "sgd", 0.1)
    with pytest.raises(AssertionError):
        variants.bare(long, long.data(), "numpy")
