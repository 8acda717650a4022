"""Targets that don't fit are refused before training starts."""

from __future__ import annotations

import numpy as np
import pytest

from gpunet import losses
from gpunet.backend import Backend
from gpunet.losses import Loss

SPARSE, CATEGORICAL = losses.SparseCategoricalCrossentropy(), losses.CategoricalCrossentropy()
BINARY, HINGE, MSE = losses.BinaryCrossentropy(), losses.Hinge(), losses.MeanSquaredError()
LABELS = np.array([0, 2, 1, 1])
ONE_HOT = np.eye(3)[LABELS]


@pytest.mark.parametrize(
    ("loss", "y", "output_shape"),
    [
        (SPARSE, LABELS, (None, 3)),
        (SPARSE, LABELS[:, None], (None, 3)),
        (SPARSE, LABELS.astype(np.uint8), (None, 3)),
        (SPARSE, LABELS.astype(np.float32), (None, 3)),
        (SPARSE, LABELS > 1, (None, 2)),
        (SPARSE, LABELS[:0], (None, 3)),
        (SPARSE, np.array([[0, 1], [2, 0]]), (None, 2, 3)),
        (SPARSE, np.array([[[0], [1]]]), (None, 2, 3)),
        (losses.SparseCategoricalCrossentropy(axis=1), np.array([[0, 1], [2, 0]]), (None, 3, 2)),
        (losses.SparseCategoricalCrossentropy(axis=-2), np.array([[0, 1], [2, 0]]), (None, 3, 2)),
        (losses.SparseCategoricalCrossentropy(ignore_class=-1), np.array([-1, 0, 2]), (None, 3)),
        (losses.SparseCategoricalCrossentropy(ignore_class=255), np.array([255, 0], np.uint8), (None, 3)),
        (CATEGORICAL, ONE_HOT, (None, 3)),
        (CATEGORICAL, ONE_HOT.astype(bool), (None, 3)),
        (CATEGORICAL, np.full((4, 3), 0.7), (None, 3)),
        (CATEGORICAL, ONE_HOT[:0], (None, 3)),
        (BINARY, np.array([0, 1, 1]), (None, 1)),
        (BINARY, np.array([[0.0], [0.25], [1.0]]), (None, 1)),
        (BINARY, ONE_HOT, (None, 3)),
        (HINGE, np.array([-1, 1]), (None, 1)),
        (HINGE, np.array([0, 1], np.uint8), (None, 1)),
        (HINGE, np.array([[True, False]]), (None, 2)),
        (losses.SquaredHinge(), np.array([1.0, 1.0]), (None, 1)),
        (MSE, np.array([-5.0, 7.0]), (None, 1)),
        (MSE, np.zeros((4, 2, 3)), (None, 2, 3)),
        (losses.Poisson(), np.array([0, 7]), (None, 1)),
        (losses.KLDivergence(), ONE_HOT, (None, 3)),
    ],
)
def test_targets_that_fit(
    loss: Loss, y: np.ndarray, output_shape: tuple[int | None, ...], backend: Backend
) -> None:
    kept = y.copy()
    loss.check_targets(backend.xp.asarray(y), output_shape)
    np.testing.assert_array_equal(y, kept)


@pytest.mark.parametrize(
    ("loss", "y", "output_shape", "message"),
    [
        (
            SPARSE,
            ONE_HOT,
            (None, 3),
            r"expected class indices from 0 to 2, got targets of shape \(4, 3\)\. One-hot targets need "
            "CategoricalCrossentropy",
        ),
        (
            CATEGORICAL,
            LABELS,
            (None, 3),
            r"expected targets of shape \(None, 3\), got \(4,\)\. Class indices need SparseCategoricalCrossentropy",
        ),
        (CATEGORICAL, LABELS[:, None], (None, 3), "Class indices need SparseCategoricalCrossentropy"),
        (BINARY, LABELS, (None, 3), "Class indices need SparseCategoricalCrossentropy"),
        (
            CATEGORICAL,
            np.zeros((4, 1)),
            (None, 1),
            "at least 2 classes.* needs a sigmoid and BinaryCrossentropy",
        ),
        (SPARSE, np.zeros(4), (None, 1), "at least 2 classes.* needs a sigmoid and BinaryCrossentropy"),
        (SPARSE, LABELS, (None, 2), "expected class indices from 0 to 1, got 2"),
        (SPARSE, LABELS - 1, (None, 3), "expected class indices from 0 to 2, got -1"),
        (SPARSE, LABELS / 2, (None, 3), "expected class indices from 0 to 2, got 0.5"),
        (SPARSE, LABELS, (None, 2, 3), r"expected targets of shape \(None, 2\), got \(4,\)"),
        (
            losses.SparseCategoricalCrossentropy(ignore_class=-1),
            np.array([-2]),
            (None, 3),
            "expected class indices from 0 to 2, got -2",
        ),
        (CATEGORICAL, np.zeros((4, 4)), (None, 3), r"expected targets of shape \(None, 3\), got \(4, 4\)"),
        (CATEGORICAL, -ONE_HOT, (None, 3), "CategoricalCrossentropy: expected targets of at least 0, got -1"),
        (BINARY, np.array([-1, 1]), (None, 1), r"BinaryCrossentropy: expected targets in \[0, 1\], got -1"),
        (BINARY, np.array([0.0, 1.5]), (None, 1), r"expected targets in \[0, 1\], got 1.5"),
        (losses.KLDivergence(), 2 * ONE_HOT, (None, 3), r"expected targets in \[0, 1\], got 2"),
        (losses.Poisson(), np.array([-3]), (None, 1), "Poisson: expected targets of at least 0, got -3"),
        (HINGE, np.array([1, 2, 0]), (None, 1), "Hinge: expected labels -1 and 1, or 0 and 1, got 2"),
        (
            losses.SquaredHinge(),
            np.array([0.5]),
            (None, 1),
            "SquaredHinge: expected labels -1 and 1.*got 0.5",
        ),
        (HINGE, np.array([-1, 0, 1]), (None, 1), "got both -1 and 0"),
        (
            MSE,
            np.zeros((4, 2)),
            (None, 3),
            r"MeanSquaredError: expected targets of shape \(None, 3\), got \(4, 2\)",
        ),
        (MSE, np.zeros(4), (None, 2), r"expected targets of shape \(None, 2\), got \(4,\)"),
        (MSE, np.zeros((4, 1)), (None, 4, 1), r"expected targets of shape \(None, 4, 1\), got \(4, 1\)"),
        (HINGE, np.zeros((4, 2)), (None, 1), r"expected targets of shape \(None, 1\), got \(4, 2\)"),
    ],
)
def test_targets_that_do_not_fit(
    loss: Loss, y: np.ndarray, output_shape: tuple[int | None, ...], message: str, backend: Backend
) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        loss.check_targets(backend.xp.asarray(y), output_shape)
    assert str(raised.value).startswith(f"{type(loss).__name__}: ")
