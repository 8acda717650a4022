"""Which classes are taken for which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..registry import suggest
from .canvas import SEQUENTIAL, axes
from .classes import class_indices

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 100  # classes: more can't be read, and are values of a regression as a rule
SUMS = {"true": 1, "pred": 0, "all": None}  # over which axis shares sum to 1


def confusion_matrix(
    y_true: Any,
    y_pred: Any,
    labels: Sequence[str] | None = None,
    normalize: bool | str = False,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many samples of each class (a row) were taken for each class (a column).

    Args:
        y_true: The classes: indices or -1 and 1 ``(rows,)``, or one-hot ``(rows, classes)``.
        y_pred: The same, or probabilities ``(rows, classes)``, or ``(rows, 1)`` of class 1.
        labels: What the classes are called; their indices by default.
        normalize: Draw shares instead of counts: of the true class (``"true"`` or ``True``, each row sums to 1), of the
            predicted one (``"pred"``, each column does), or of all samples (``"all"``).
        ax: Axes to draw on; by default those of a new figure.

    Returns:
        The axes.

    Raises:
        ValueError: The numbers of samples differ, there are none, they are no classes or too many, or there are fewer
            labels than classes.
        ImportError: matplotlib is missing.

    Example:
        >>> ax = confusion_matrix([0, 1, 1], [0, 1, 0])
        >>> [text.get_text() for text in ax.texts]
        ['1', '0', '1', '1']
    """
    true, predicted = class_indices(y_true, "y_true"), class_indices(y_pred, "y_pred")
    if len(true) == 0:
        raise ValueError("plots.confusion_matrix: expected at least one sample, got none.")
    if len(true) != len(predicted):
        raise ValueError(
            f"plots.confusion_matrix: expected as many predictions as targets, got {len(predicted)} and {len(true)}."
        )
    size = int(max(true.max(), predicted.max())) + 1
    if size > MOST:
        raise ValueError(f"plots.confusion_matrix: expected at most {MOST} classes, got {size}.")
    by = "true" if normalize is True else normalize
    if by is not False and by not in SUMS:
        raise ValueError(f"plots.confusion_matrix: unknown normalize={by!r}. {suggest(str(by), SUMS)}")
    if labels is not None and len(labels) < size:
        raise ValueError(f"plots.confusion_matrix: expected {size} labels, got {len(labels)}.")
    names = [str(index) for index in range(size)] if labels is None else [str(label) for label in labels]
    counts = np.zeros((len(names), len(names)))
    np.add.at(counts, (true, predicted), 1)
    if by:
        counts /= np.maximum(counts.sum(axis=SUMS[by], keepdims=True), 1)
    ax = axes(ax, "confusion_matrix", figsize=(1.5 + 0.4 * len(names), 1 + 0.4 * len(names)))
    ax.imshow(counts, cmap=SEQUENTIAL, vmin=0)
    for row, column in np.ndindex(counts.shape):
        value = counts[row, column]
        tone = "white" if value < counts.max() / 2 else "black"
        text = f"{value:.2f}" if by else f"{value:.0f}"
        ax.text(column, row, text, ha="center", va="center", color=tone, fontsize=8)
    ax.set_xticks(range(len(names)), names, rotation=90 if max(map(len, names)) > 3 else 0)
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    return ax
