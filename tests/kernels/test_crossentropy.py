"""The kernels of the cross-entropies: any number of classes, smoothed labels, a class that is ignored, extreme logits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from device_arrays import DTYPES, stored
from device_losses import SIZES, Case, assert_close

from gpunet.backend import Backend
from gpunet.losses import BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy

# Up to 32 threads hold a row of up to 128 classes, a warp passes over up to 1024 twice, a block over more.
CLASSES = [2, 3, 4, 5, 8, 9, 10, 33, 127, 128, 129, 1000, 1024, 1025, 2049, 5000]
REDUCTIONS = ["sum_over_batch_size", "sum", "none"]

kinds = pytest.mark.parametrize("kind", [CategoricalCrossentropy, SparseCategoricalCrossentropy])
forms = pytest.mark.parametrize("form", ["fused", "logits", "probabilities"])
widths = pytest.mark.parametrize("classes", [5, 200, 1100])


def a_loss(kind: type[Any], form: str, **options: Any) -> Any:
    return kind(from_logits=form == "logits", **options)


def a_case(
    kind: type[Any], form: str, shape: tuple[int, ...], dtype: str = "float32", weighted: bool = False
) -> Case:
    generator = np.random.default_rng(shape[-1])
    real = "float64" if dtype == "float64" else "float32"
    scores = generator.standard_normal(shape) * 4
    labels = generator.integers(0, shape[-1], shape[:-1])
    if form == "probabilities":  # they needn't have the sum 1
        scores = np.exp(scores / 2) / 50 if kind is not BinaryCrossentropy else generator.random(shape)
    return Case(
        labels if kind is SparseCategoricalCrossentropy else generator.random(shape).astype(real),
        stored(scores, dtype),
        (generator.random(shape[0]) * 3).astype(real) if weighted else None,
        form == "fused",
    )


@kinds
@forms
@pytest.mark.parametrize("dtype", DTYPES)
def test_any_number_of_classes(device: Backend, kind: type[Any], form: str, dtype: str) -> None:
    for classes in CLASSES:
        case = a_case(kind, form, (33 if classes < 100 else 5, classes), dtype, weighted=classes % 2 == 1)
        case.assert_agrees(device, a_loss(kind, form), units=32)


@kinds
@pytest.mark.parametrize("rows", SIZES)
def test_any_number_of_rows(device: Backend, kind: type[Any], rows: int) -> None:
    for classes in (1, 3, 10, 100, *((130, 1026) if rows < 100 else ())):
        for form in ("fused", "probabilities"):
            a_case(kind, form, (rows, classes), weighted=True).assert_agrees(
                device, a_loss(kind, form), units=32
            )


@forms
@pytest.mark.parametrize("kind", [CategoricalCrossentropy, BinaryCrossentropy])
@pytest.mark.parametrize("label_smoothing", [0.1, 1.0])
def test_labels_are_smoothed(device: Backend, kind: type[Any], form: str, label_smoothing: float) -> None:
    for shape in ((33, 10), (5, 200), (3, 1100)):
        loss = a_loss(kind, form, label_smoothing=label_smoothing)
        a_case(kind, form, shape).assert_agrees(device, loss, units=32)


@forms
@widths
@pytest.mark.parametrize("ignore_class", [-1, 2])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_a_class_is_ignored(
    device: Backend, form: str, classes: int, ignore_class: int, reduction: str
) -> None:
    loss = a_loss(SparseCategoricalCrossentropy, form, ignore_class=ignore_class, reduction=reduction)
    case = a_case(SparseCategoricalCrossentropy, form, (7, 3, classes), weighted=True)
    case.y_true[1:4] = ignore_class
    assert not case.assert_agrees(device, loss, units=32).gradient[1:4].any()
    case.y_true[...] = ignore_class
    found = case.assert_agrees(device, loss)
    assert (found.totals.tolist(), found.gradient.any()) == ([1.5, 2.0 + 7], False)


def test_the_mean_is_over_the_rows_that_are_not_ignored(device: Backend) -> None:
    loss = SparseCategoricalCrossentropy(ignore_class=-1)
    logits = np.array([[0, 0], [5, 1], [0, 0], [-7, 2]], "float32")
    found = Case(np.array([0, -1, 1, -1]), logits, fused=True).on_device(device, loss)
    np.testing.assert_allclose(found.totals, [1.5 + 4 * math.log(2), 6])
    assert found.gradient.tolist() == [[-0.25, 0.25], [0, 0], [0.25, -0.25], [0, 0]]


@kinds
@widths
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_logits(device: Backend, kind: type[Any], classes: int, dtype: str) -> None:
    case = a_case(kind, "fused", (14, classes), dtype)
    z, last = case.y_pred, classes - 1
    z[0], z[1] = (
        np.arange(classes),
        -np.arange(classes),
    )  # the largest so far grows with each score, and never
    z[2] += 1e4
    z[3] *= 1e4
    z[4, : classes // 2] = -np.inf
    z[5, classes // 2 :] = -np.inf
    z[6] = -np.inf
    z[7, last] = np.inf
    z[8, [0, last]] = np.inf
    z[9, 0], z[10, last], z[11, classes // 2] = np.nan, np.nan, np.nan
    z[12, 1:] = -np.inf
    z[13] = np.finfo(dtype).min
    case.y_true[...] = 0
    if kind is CategoricalCrossentropy:
        case.y_true[:, : classes // 4] = 0.25
    loss = kind(reduction="sum")
    found, expected = case.on_device(device, loss), case.on_host(loss)
    for result, wanted in zip(found[:2], expected[:2], strict=True):
        assert wanted is not None
        assert_close(result, wanted, 64 * np.finfo(dtype).eps, dtype, axis=-1)
    for row in range(len(z)):
        one = case._replace(y_true=case.y_true[row : row + 1], y_pred=z[row : row + 1])
        np.testing.assert_allclose(
            one.on_device(device, loss).totals, one.on_host(loss).totals, rtol=64 * np.finfo(dtype).eps
        )


@pytest.mark.parametrize("classes", [2, 200, 1100])
def test_a_loss_from_logits_does_not_end_where_probabilities_do(device: Backend, classes: int) -> None:
    logits = np.zeros((1, classes), "float32")
    logits[0, 1] = 20000.0
    found = Case(np.array([0]), logits, fused=True).on_device(device, SparseCategoricalCrossentropy())
    assert found.predictions is not None
    assert (found.predictions[0, 0], found.totals[0]) == (0, 1.5 + 20000)


@pytest.mark.parametrize(("label", "logit"), [(1.0, 100.0), (0.0, -100.0)])
def test_a_right_answer_leaves_the_small_tail(device: Backend, label: float, logit: float) -> None:
    case = Case(np.array([[label]]), np.array([[logit]]), fused=True)
    found = case.on_device(device, BinaryCrossentropy()).totals
    case = case._replace(y_true=1 - case.y_true)
    assert (found[0], case.on_device(device, BinaryCrossentropy()).totals[0]) == (1.5 + math.exp(-100), 101.5)
