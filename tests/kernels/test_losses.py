"""The kernels of the losses against the Python classes; what only cross-entropies have stands in test_crossentropy.py."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from device_arrays import DTYPES, on, stored
from device_losses import SIZES, Case, assert_close

from gpunet import losses
from gpunet.backend import Backend, NumpyBackend
from gpunet.backend.cuda import catalogue
from gpunet.backend.cuda import loss as launches
from gpunet.backend.cuda import totals as sums
from gpunet.backend.cuda.graph import Recording
from gpunet.losses import Loss, MeanSquaredError
from gpunet.losses.base import REDUCTIONS

WITHOUT_KERNEL: dict[str, str] = {}  # the name of a loss, and why it has none

KINDS = sorted({type(losses.get(name)) for name in losses.registry.names()}, key=lambda kind: kind.__name__)
ELEMENTWISE = [kind for kind in KINDS if kind.__name__ in catalogue.functors("Loss")]
FORMS = [pytest.param(kind, False, id=kind.__name__) for kind in KINDS] + [
    pytest.param(kind, True, id=f"{kind.__name__}-fused") for kind in KINDS if kind().fuses
]

every_form = pytest.mark.parametrize(("kind", "fused"), FORMS)
floats = pytest.mark.parametrize("dtype", ["float32", "float64"])
storages = pytest.mark.parametrize("dtype", DTYPES)


def real(dtype: str) -> str:
    """Return the dtype that is computed in."""
    return "float64" if dtype == "float64" else "float32"


def a_case(
    kind: type[Loss], shape: tuple[int, ...], dtype: str, fused: bool = False, weighted: bool = False
) -> Case:
    """Return a batch whose numbers suit a loss, some of them beyond where it clips."""
    generator = np.random.default_rng(shape[0])
    y_pred = generator.standard_normal(shape) * 3 if fused else generator.random(shape) * 1.2 - 0.05
    y_true = generator.random(shape)
    if kind().integer_targets:
        labels = generator.integers(0, shape[-1], shape[:-1])
    elif issubclass(kind, losses.Hinge):
        y_true = np.round(y_true)
    elif kind is losses.CategoricalCrossentropy:
        y_true /= y_true.sum(axis=-1, keepdims=True)
    weight = np.round(generator.random(shape[0]) * 3, 1) * (generator.random(shape[0]) < 0.8)
    return Case(
        labels if kind().integer_targets else y_true.astype(real(dtype)),
        stored(y_pred, dtype),
        weight.astype(real(dtype)) if weighted else None,
        fused,
    )


def test_which_losses_have_a_kernel(device: Backend) -> None:
    without = [
        kind.__name__
        for kind, fused in (form.values for form in FORMS)
        if launches._call_of(device.kernels, kind(), fused) is None
    ]
    assert without == sorted(WITHOUT_KERNEL)


def test_functors_are_named_like_the_classes() -> None:
    assert set(catalogue.functors("Loss")) <= {kind.__name__ for kind in KINDS}


@every_form
@storages
def test_value_and_gradient_are_those_of_the_class(
    device: Backend, kind: type[Loss], fused: bool, dtype: str
) -> None:
    for shape in ((33, 3), (3, 127), (1, 1), (2, 1500)):
        a_case(kind, shape, dtype, fused).assert_agrees(device, kind())


@every_form
@floats
@pytest.mark.parametrize("offset", [0, 1])
def test_batches_of_several_blocks(
    device: Backend, kind: type[Loss], fused: bool, dtype: str, offset: int
) -> None:
    case = a_case(kind, (1025, 5), dtype, fused, weighted=True)
    case.assert_agrees(device, kind(), offset=offset)


@every_form
def test_blocks_go_on_where_there_are_not_enough(
    device: Backend, monkeypatch: pytest.MonkeyPatch, kind: type[Loss], fused: bool
) -> None:
    monkeypatch.setattr(sums, "BLOCKS", 3)
    for shape in ((700, 10), (40, 200), (9, 1100)):
        a_case(kind, shape, "float32", fused, weighted=True).assert_agrees(device, kind(), units=32)


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("columns", [1, 2, 3, 10, 33])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("offset", [0, 3])
def test_any_number_of_rows_and_columns(
    device: Backend, rows: int, columns: int, dtype: str, offset: int
) -> None:
    case = a_case(losses.Huber, (rows, columns), dtype, weighted=rows % 2 == 1)
    case.assert_agrees(device, losses.Huber(delta=0.3), offset=offset)


@pytest.mark.parametrize("shape", [(3, 1000), (4, 1024), (33, 1025), (2, 5000), (127, 33), (1025, 2)])
@pytest.mark.parametrize("dtype", ["float64", "uint16"])
def test_cosines_of_any_length(device: Backend, shape: tuple[int, int], dtype: str) -> None:
    case = a_case(losses.CosineSimilarity, shape, dtype, weighted=True)
    case.y_pred[0] = 0
    case.y_true[shape[0] // 2] = 0
    case.assert_agrees(device, losses.CosineSimilarity(), units=64)


SPECIAL = [-np.inf, -1e4, -1, -1e-7, -0.0, 0, 1e-9, 1e-7, 0.3, 0.5, 1 - 1e-9, 1, 2, 1e4, np.inf, np.nan]


@every_form
@floats
def test_special_numbers_have_the_values_of_the_class(
    device: Backend, kind: type[Loss], fused: bool, dtype: str
) -> None:
    pairs = np.array(list(itertools.product(SPECIAL, SPECIAL)), dtype)
    y_true, y_pred = pairs[:, :1], np.concatenate([pairs[:, 1:], pairs[::-1, :1]], axis=1)
    if kind().integer_targets:
        if not fused:  # of infinite probabilities the kernel makes NaN throughout, the class in some places
            y_pred = y_pred[~np.isinf(y_pred).any(axis=1)]
        y_true = np.arange(len(y_pred)) % 2
    elif kind in ELEMENTWISE:
        y_pred = y_pred[:, :1].copy()
    else:
        y_true = np.concatenate([y_true, np.full_like(y_true, 0.5)], axis=1)
    case, loss = Case(y_true, y_pred, None, fused), kind()
    found, expected = case.on_device(device, loss), case.on_host(loss)
    precision = 16 * np.finfo(dtype).eps
    assert_close(found.gradient, expected.gradient, precision, dtype, axis=-1, least=1 / len(y_pred))
    if expected.predictions is not None:
        assert_close(
            found.predictions, expected.predictions, precision, dtype, axis=-1, least=1 / len(y_pred)
        )
    for row in range(len(y_pred)):  # the total of all is NaN
        if row % 17 == 0:
            one = Case(y_true[row : row + 1], y_pred[row : row + 1], None, fused)
            np.testing.assert_allclose(
                one.on_device(device, loss).totals, one.on_host(loss).totals, rtol=precision, atol=precision
            )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weights", [None, "some", "all zero", "NaN"])
@pytest.mark.parametrize(
    ("kind", "fused"),
    [
        (MeanSquaredError, False),
        (losses.SquaredHinge, False),
        (losses.CosineSimilarity, False),
        (losses.BinaryCrossentropy, True),
        (losses.CategoricalCrossentropy, False),
        (losses.SparseCategoricalCrossentropy, True),
    ],
)
def test_reductions_and_weights(
    device: Backend, kind: type[Loss], fused: bool, reduction: str, weights: str | None
) -> None:
    for shape in ((33, 10), (31, 4, 3), (2, 3, 2, 5)):
        case = a_case(kind, shape, "float32", fused, weighted=weights is not None)
        if case.weight is not None and weights != "some":
            case.weight[...] = 0 if weights == "all zero" else np.nan
        case.assert_agrees(device, kind(reduction=reduction))


@every_form
@storages
def test_the_loss_scale_multiplies_the_gradient_alone(
    device: Backend, kind: type[Loss], fused: bool, dtype: str
) -> None:
    case = a_case(kind, (33, 10), dtype, fused)
    plain = case.on_device(device, kind())
    scaled = case._replace(loss_scale=0.5).on_device(device, kind())
    np.testing.assert_array_equal(scaled.totals, plain.totals)
    np.testing.assert_allclose(
        scaled.gradient, plain.gradient / 2, rtol=0, atol=2.0**-24 if dtype == "float16" else 0
    )


def test_a_scaled_gradient_may_overflow(device: Backend) -> None:
    case = Case(np.zeros((1, 2), "float32"), np.array([[2.0, -8.0]], "float16"), loss_scale=16384.0)
    assert case.on_device(device, MeanSquaredError()).gradient.tolist() == [[32768.0, -np.inf]]


@every_form
def test_no_gradient_is_written_where_none_is_wanted(device: Backend, kind: type[Loss], fused: bool) -> None:
    case = a_case(kind, (33, 200), "float32", fused, weighted=True)
    with_gradient = case.on_device(device, kind())
    without = case.on_device(device, kind(), wants_gradient=False)
    np.testing.assert_array_equal(without.totals, with_gradient.totals)


@every_form
def test_totals_accumulate_and_repeat_to_the_bit(device: Backend, kind: type[Loss], fused: bool) -> None:
    case = a_case(kind, (127, 200), "float32", fused, weighted=True)
    once, twice, again = (case.on_device(device, kind(), times) for times in (1, 2, 2))
    np.testing.assert_allclose(twice.totals - once.totals, once.totals - [1.5, 2.0], rtol=1e-12)
    np.testing.assert_array_equal(twice.totals, again.totals)
    np.testing.assert_array_equal(once.gradient, twice.gradient)


@pytest.mark.parametrize("kind", [losses.Hinge, losses.SquaredHinge])
@pytest.mark.parametrize("shape", [(33, 10), (1025, 11)])
def test_labels_0_and_1_are_read_as_minus_1_and_1_if_there_are_no_others(
    device: Backend, kind: type[Loss], shape: tuple[int, int]
) -> None:
    case = a_case(kind, shape, "float32", weighted=True)
    binary = case.assert_agrees(device, kind(reduction="mean_with_sample_weight"))
    signs = case._replace(y_true=2 * case.y_true - 1).assert_agrees(
        device, kind(reduction="mean_with_sample_weight")
    )
    np.testing.assert_array_equal(binary.gradient, signs.gradient)
    for place in (0, case.y_true.size // 2, case.y_true.size - 1):
        mixed = case.y_true.copy()
        mixed.flat[place] = -1
        case._replace(y_true=mixed).assert_agrees(device, kind())


@every_form
def test_a_loss_can_be_captured(device: Backend, kind: type[Loss], fused: bool) -> None:
    case, loss = (
        a_case(kind, (127, 200), "float32", fused, weighted=True),
        kind(reduction="mean_with_sample_weight"),
    )
    arrays = [on(device, array) for array in case[:3]]
    results = [on(device, case.y_pred) if wanted else None for wanted in (fused, True)]
    totals = device.zeros(2, "float64")
    recording = Recording(
        device.xp, device.staging.stream, [lambda: device.loss(loss, *arrays, *results, totals)]
    )
    recording(3)
    assert list(recording.graphs) == [1]
    expected = case.on_host(loss).totals - [1.5, 2.0]
    np.testing.assert_allclose(device.download(totals), 3 * expected, rtol=1e-5)


class Tripled(losses.Huber):
    def values_and_gradient(self, xp: Any, y_true: Any, y_pred: Any, gradient: Any) -> Any:
        return 3 * super().values_and_gradient(xp, y_true, y_pred, gradient)


@pytest.mark.parametrize(
    ("loss", "shape"),
    [
        (Tripled(), (7, 3)),
        (losses.CosineSimilarity(axis=1), (7, 3, 5)),
        (losses.CategoricalCrossentropy(axis=1), (7, 3, 5)),
        (losses.CategoricalCrossentropy(axis=-2, from_logits=True), (7, 3, 5)),
    ],
)
def test_what_has_no_kernel_is_left_to_the_formula(
    device: Backend, loss: Loss, shape: tuple[int, ...]
) -> None:
    case = a_case(losses.CategoricalCrossentropy, shape, "float32")
    arrays = on(device, case.y_true), on(device, case.y_pred), None, None
    gradient, totals = on(device, case.y_pred), on(device, np.array([1.5, 2.0]))
    assert not launches.loss(device.kernels, loss, *arrays, gradient, totals)
    np.testing.assert_array_equal(device.download(totals), [1.5, 2.0])
    device.loss(loss, *arrays, gradient, totals)
    expected = case.on_host(loss)
    assert_close(device.download(gradient), expected.gradient, 2e-6, "float32")
    np.testing.assert_allclose(device.download(totals), expected.totals, rtol=1e-5)


def test_the_last_axis_may_be_named_by_its_number(device: Backend) -> None:
    for loss in (losses.CosineSimilarity(axis=2), losses.CategoricalCrossentropy(axis=2)):
        a_case(type(loss), (7, 3, 5), "float32").assert_agrees(device, loss)


@pytest.mark.parametrize("wrong", ["y_true", "y_pred", "weight", "gradient"])
@pytest.mark.parametrize("how", ["dtype", "strides", "shape"])
def test_arrays_that_do_not_fit_are_refused(device: Backend, wrong: str, how: str) -> None:
    shapes = {"y_true": (6, 4), "y_pred": (6, 4), "weight": (6,), "gradient": (6, 4)}
    arrays = {name: device.zeros(shape, "float32") for name, shape in shapes.items()}
    rows = 3 if wrong == "y_pred" else 12
    arrays[wrong] = {
        "dtype": lambda: device.zeros(shapes[wrong], "float64"),
        "strides": lambda: device.zeros((12, *shapes[wrong][1:]), "float32")[::2],
        "shape": lambda: device.zeros((rows, *shapes[wrong][1:]), "float32"),
    }[how]()
    totals = device.zeros(2, "float64")
    arguments = arrays["y_true"], arrays["y_pred"], arrays["weight"], None, arrays["gradient"], totals
    assert not launches.loss(device.kernels, MeanSquaredError(), *arguments)
    assert device.download(totals).tolist() == [0, 0]


def test_an_empty_row_is_left_to_the_formula(device: Backend) -> None:
    empty = device.zeros((3, 0), "float32")
    assert not launches.loss(
        device.kernels, MeanSquaredError(), empty, empty, None, None, empty, device.zeros(2, "float64")
    )


def test_the_backend_takes_the_kernel(device: Backend) -> None:
    case = a_case(MeanSquaredError, (33, 10), "float32")
    gradient, totals = on(device, case.y_pred), on(device, np.array([1.5, 2.0]))
    device.loss(
        MeanSquaredError(), on(device, case.y_true), on(device, case.y_pred), None, None, gradient, totals
    )
    found = case.on_device(device, MeanSquaredError())
    np.testing.assert_array_equal(device.download(gradient), found.gradient)
    np.testing.assert_array_equal(device.download(totals), found.totals)
    assert NumpyBackend().name != device.name
