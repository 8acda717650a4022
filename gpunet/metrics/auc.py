"""The area under a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import activations
from ..backend import Array
from ..registry import suggest
from .arithmetic import aligned, broadcast_weight, check_columns, divide_no_nan
from .base import registry
from .confusion import check_thresholds
from .curve import CurveMetric, even_thresholds

CURVES = ("ROC", "PR", "PRGAIN")
SUMMATION_METHODS = ("interpolation", "minoring", "majoring")
OUTSIDE = 1e-7  # how far the outermost thresholds lie outside of [0, 1]


@registry.register("auc")
class AUC(CurveMetric):
    """The area under the ROC, the precision-recall or the precision-recall-gain curve, from counts at fixed thresholds.

    ROC is the recall over the false positive rate, PR the precision over the recall; PRGAIN is PR on a harmonic scale
    on which always saying yes scores 0 (Flach & Kull 2015). ``"interpolation"`` of PR follows Davis & Goadrich (2006):
    between two thresholds true and false positives grow linearly, precision doesn't. More thresholds approach the
    exact area.

    Args:
        num_thresholds: How many thresholds, at equal distances over [0, 1], both ends included.
        curve: ``"ROC"``, ``"PR"`` or ``"PRGAIN"``.
        summation_method: ``"interpolation"`` (trapezoids), ``"minoring"`` (the lower end of each interval) or
            ``"majoring"`` (the higher one).
        name: The key in logs.
        dtype: The float type of the result.
        thresholds: Thresholds of one's own between 0 and 1, instead of ``num_thresholds``.
        multi_label: Compute an area for each column and average them; otherwise all predictions are one set.
        num_labels: The number of columns, if known beforehand; only with ``multi_label``.
        label_weights: One weight a column: of its area with ``multi_label``, else of its predictions.
        from_logits: Predictions are logits; the sigmoid is applied first.

    Raises:
        ValueError: An unknown curve or summation method, fewer than two thresholds, or thresholds outside of [0, 1].

    Example:
        >>> float(AUC(num_thresholds=3)([0, 0, 1, 1], [0, 0.5, 0.3, 0.9]))
        0.75
    """

    def __init__(
        self,
        num_thresholds: int | None = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = None,
        dtype: Any = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Any = None,
        from_logits: bool = False,
    ) -> None:
        if thresholds is not None:
            check_thresholds(list(thresholds))
            inner = sorted(float(threshold) for threshold in thresholds)
        elif num_thresholds is None or num_thresholds <= 1:
            raise ValueError(
                f"Argument `num_thresholds` must be an integer > 1. Received: num_thresholds={num_thresholds}"
            )
        else:
            inner = even_thresholds(num_thresholds)[1:-1]
        if num_labels and not multi_label:
            raise ValueError("`num_labels` is needed only when `multi_label` is True.")
        super().__init__([-OUTSIDE, *inner, 1 + OUTSIDE], name, dtype)
        self.num_thresholds = len(self.thresholds)
        self.curve = _chosen("AUC curve", curve, CURVES)
        self.summation_method = _chosen("AUC summation method", summation_method, SUMMATION_METHODS)
        self.multi_label, self.num_labels = multi_label, num_labels
        self.label_weights = None
        if label_weights is not None:
            self.label_weights = self.xp.asarray(label_weights, dtype="float64")
        self._own_thresholds = thresholds is not None
        self._from_logits = from_logits
        if not multi_label:
            self._add_counts()
        elif num_labels:
            self._add_counts(num_labels)

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch.

        Args:
            y_true: Targets, 0 or not, shaped like the predictions.
            y_pred: Predictions in [0, 1], or logits; ``(rows, labels)`` with ``multi_label``, else of any shape.
            sample_weight: A number, one weight a sample or one weight a prediction.

        Raises:
            ValueError: The shapes don't fit, or there is another number of label weights.
        """
        xp = self.xp
        y_true, y_pred = aligned("AUC", xp, y_true, y_pred, self.dtype)
        self._check_labels(y_pred)
        if self._from_logits:
            y_pred = activations.sigmoid(y_pred)
        weight: Any = 1.0
        if sample_weight is not None:
            weight = broadcast_weight("AUC", xp, sample_weight, y_pred.shape)
        if self.label_weights is not None and not self.multi_label:
            weight = xp.broadcast_to(weight * self.label_weights, y_pred.shape)
        columns = y_pred.shape[1] if self.multi_label else 1
        if getattr(weight, "ndim", 0):
            weight = weight.reshape(-1, columns)
        if not self.variables:
            self._add_counts(columns)
        self._count(y_true.reshape(-1, columns), y_pred.reshape(-1, columns), weight)

    def _check_labels(self, y_pred: Array) -> None:
        shape = y_pred.shape
        if self.multi_label and len(shape) != 2:
            raise ValueError(
                f"`y_pred` must have rank 2 when `multi_label=True`. Found rank {len(shape)}. Full shape received "
                f"for `y_pred`: {shape}"
            )
        if self.multi_label and self.variables:
            check_columns("AUC", y_pred, self.true_positives[0])
        weights = self.label_weights
        if weights is not None and (len(shape) < 2 or weights.shape != shape[-1:]):
            raise ValueError(
                f"AUC: expected label_weights with one weight a column of the predictions, which have shape {shape}, "
                f"got shape {weights.shape}."
            )

    def result(self) -> Array:
        """Return the area so far; 0 where nothing has been counted."""
        if not self.variables:
            return self.xp.zeros((), self.dtype)
        interpolated = self.curve == "PR" and self.summation_method == "interpolation"
        areas = self._interpolated_precision() if interpolated else self._riemann_sum()
        if not self.multi_label:
            area = areas
        elif self.label_weights is None:
            area = areas.mean()
        else:
            area = divide_no_nan(self.xp, (areas * self.label_weights).sum(), self.label_weights.sum())
        return area.astype(self.dtype)

    def _riemann_sum(self) -> Array:
        xp = self.xp
        x, y = self._points()
        if self.summation_method == "interpolation":
            heights = (y[:-1] + y[1:]) / 2
        else:
            heights = (xp.minimum if self.summation_method == "minoring" else xp.maximum)(y[:-1], y[1:])
        return ((x[:-1] - x[1:]) * heights).sum(axis=0)

    def _points(self) -> tuple[Array, Array]:
        """Return the curve as x and y at each threshold."""
        xp = self.xp
        if self.curve == "ROC":
            negatives = self.false_positives + self.true_negatives
            return divide_no_nan(xp, self.false_positives, negatives), self._recall()
        if self.curve == "PR":
            return self._recall(), self._precision()
        odds = divide_no_nan(
            xp, self.true_positives + self.false_negatives, self.true_negatives + self.false_positives
        )
        none_right = self.true_positives == 0
        recall_gain = 1 - odds * divide_no_nan(xp, self.false_negatives, self.true_positives)
        precision_gain = 1 - odds * divide_no_nan(xp, self.false_positives, self.true_positives)
        return xp.maximum(xp.where(none_right, 0.0, recall_gain), 0.0), precision_gain

    def _interpolated_precision(self) -> Array:
        """Return ``Σ ∫ TP/P dTP / (TP + FN)`` with ``TP`` linear in the positives ``P`` between two thresholds.

        With ``TP = a + b P``, the integral from ``P₁`` to ``P₂`` is ``b (ΔTP + a log(P₂ / P₁))``.
        """
        xp = self.xp
        true = self.true_positives
        positives = true + self.false_positives
        more, fewer = positives[:-1], positives[1:]
        gained = true[:-1] - true[1:]
        slope = divide_no_nan(xp, gained, xp.maximum(more - fewer, 0))
        intercept = true[1:] - slope * fewer
        both = (more > 0) & (fewer > 0)
        ratio = xp.where(both, more, 1.0) / xp.where(both, fewer, 1.0)
        relevant = xp.maximum(true[1:] + self.false_negatives[1:], 0)
        return divide_no_nan(xp, slope * (gained + intercept * xp.log(ratio)), relevant).sum(axis=0)

    def get_config(self) -> dict[str, Any]:
        options = {
            "num_thresholds": self.num_thresholds,
            "curve": self.curve,
            "summation_method": self.summation_method,
            "multi_label": self.multi_label,
            "num_labels": self.num_labels,
            "label_weights": None if self.label_weights is None else self.label_weights.tolist(),
            "from_logits": self._from_logits,
        }
        if self._own_thresholds:
            options["thresholds"] = self.thresholds[1:-1]
        return {**super().get_config(), **options}


def _chosen(what: str, value: str, known: Sequence[str]) -> str:
    """Return the known spelling of an option."""
    for spelling in known:
        if str(value).lower() == spelling.lower():
            return spelling
    raise ValueError(f'Invalid {what} value: "{value}". {suggest(str(value), known)}')
