"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .canvas import SEQUENTIAL, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

THRESHOLD = 0.5


def confusion_matrix(
    y_true: Any,
    y_pred: Any,
    labels: Sequence[str] | None = None,
    normalize: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many samples of each class (a row) were taken for each class (a column).

    Args:
        y_true: The classes: indices ``(rows,)``, or one-hot ``(rows, classes)``.
        y_pred: The same, or probabilities ``(rows, classes)``, or ``(rows, 1)`` of class 1.
        labels: What the classes are called; their indices by default.
        normalize: Whether to draw shares of each row instead of counts.
        ax: Axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: The numbers of samples differ, there are none, or there are fewer labels than classes.
        ImportError: matplotlib is missing.

    Example:
        >>> ax = confusion_matrix([0, 1, 1], [0, 1, 0])
        >>> [text.get_text() for text in ax.texts]
        ['1', '0', '1', '1']
    """
    true, predicted = _classes(y_true), _classes(y_pred)
    if len(true) != len(predicted) or len(true) == 0:
        raise ValueError(
            f"plots.confusion_matrix: expected as many predictions as targets, got {len(predicted)} and {len(true)}."
        )
    size = int(max(true.max(), predicted.max())) + 1
    if labels is not None and len(labels) < size:
        raise ValueError(f"plots.confusion_matrix: expected {size} labels, got {len(labels)}.")
    names = [str(index) for index in range(size)] if labels is None else list(labels)
    counts = np.zeros((len(names), len(names)))
    np.add.at(counts, (true, predicted), 1)
    if normalize:
        counts /= np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax = axes(ax, "confusion_matrix", figsize=(1.5 + 0.5 * len(names), 1 + 0.5 * len(names)))
    ax.imshow(counts, cmap=SEQUENTIAL, vmin=0)
    for row, column in np.ndindex(counts.shape):
        value = counts[row, column]
        tone = "white" if value < counts.max() / 2 else "black"
        text = f"{value:.2f}" if normalize else f"{value:.0f}"
        ax.text(column, row, text, ha="center", va="center", color=tone, fontsize=8)
    ax.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0)
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    return ax


def _classes(y: Any) -> Any:
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] > 1:
        return y.argmax(axis=1)
    y = y.reshape(-1)
    return (y > THRESHOLD).astype(int) if y.dtype.kind == "f" and y.size and y.max() <= 1 else y.astype(int)
