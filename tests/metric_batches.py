"""Batches for tests of metrics: with ties, NaN, and classes that there are not."""

from __future__ import annotations

from typing import Any

import numpy as np

Batch = tuple[np.ndarray, np.ndarray, "np.ndarray | None"]


def numbers(kind: str, shape: tuple[int, ...], dtype: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return targets and predictions: tenths, among which there are many ties, with some NaN, or positive numbers."""
    random = np.random.default_rng(sum(shape))
    labels = random.integers(0, shape[-1], shape[:-1])
    strange = labels.copy()
    strange[7:9] = strange[-1:] = shape[-1]  # no class
    strange[5:6] = -1
    tenths = (random.integers(0, 11, shape) / 10).astype(dtype)
    tenths[len(tenths) // 6 :][:1] = [1e-9, *[0] * (shape[-1] - 1)]
    tenths[len(tenths) // 5 :][:1] = -np.inf
    tenths[len(tenths) // 4 :][:1] = 0.5
    tenths[len(tenths) // 3 :, ..., 0][:1] = tenths[len(tenths) // 2 :, ..., -1][:1] = np.nan
    positive = (random.random(shape) + 0.05).astype(dtype)
    one_hot = np.eye(shape[-1], dtype=dtype)[labels]
    return {
        "binary": lambda: (random.integers(0, 2, shape).astype(dtype), tenths),
        "one_hot": lambda: (one_hot, tenths),
        "labels": lambda: (strange, tenths),
        "real_labels": lambda: (strange.astype(dtype), tenths),
        "classes": lambda: (labels, random.permuted(np.broadcast_to(np.arange(shape[-1]), shape), axis=-1).astype(dtype)),
        "scores": lambda: (random.integers(0, 2, shape).astype(dtype), random.normal(0, 3, shape).astype(dtype)),
        "positive": lambda: (random.random(shape).astype(dtype), positive),
        "binary_positive": lambda: (random.integers(0, 2, shape).astype(dtype), positive),
        "distributions": lambda: (one_hot * 0.8 + 0.1, positive / 2),
        "labels_positive": lambda: (labels, positive),
    }[kind]()  # fmt: skip


def batches(kind: str, shape: tuple[int, ...], dtype: Any, weighted: bool) -> list[Batch]:
    """Return two batches, the second one in another order."""
    y_true, y_pred = numbers(kind, shape, dtype)
    weight = np.random.default_rng(1).random(len(y_pred)).astype(dtype) if weighted else None
    return [(y_true, y_pred, weight), (y_true[::-1].copy(), y_pred, weight)]
