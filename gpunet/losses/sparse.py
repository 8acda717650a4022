"""Cross-entropy of one class among several, with targets given as class indices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backend import Array, backend_of
from ..backend.formulas import EPSILON
from .base import registry
from .crossentropy import Crossentropy, exponentiate, number_of_classes, subtract_largest
from .in_place import row_sum, unreduced


def sparse_categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, ignore_class: int | None = None, axis: int = -1
) -> Array:
    """Return the cross-entropy of each sample, ``L = -log q_c`` for the class ``c``, with ``qₖ = pₖ / Σⱼ pⱼ``.

    ``q_c`` is clipped to [1e-7, 1 - 1e-7]; the derivative outside is 0, inside it is
    ``∂L/∂pₖ = (1 - δ_kc / q_c) / Σⱼ pⱼ``. From logits ``z``, with ``p = softmax(z)`` and without a clip,
    ``L = log Σⱼ e^zⱼ - z_c`` and ``∂L/∂zₖ = pₖ - δ_kc``.

    Args:
        y_true: Class indices ``c`` from 0 to ``K - 1``, shape ``(…)`` or ``(…, 1)``.
        y_pred: Predicted probabilities ``p``, or logits ``z``, shape ``(…, K)``.
        from_logits: Whether ``y_pred`` are logits.
        ignore_class: An index (inside or outside the range) whose samples have value and gradient 0.
        axis: The axis of the classes.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: Shapes that don't fit, labels that are no integers or out of range.

    Example:
        >>> sparse_categorical_crossentropy([1, 0], [[0.5, 0.5], [1.0, 3.0]]).round(4).tolist()
        [0.6931, 1.3863]
        >>> sparse_categorical_crossentropy([1], [[1e4, -1e4]], from_logits=True).tolist()
        [20000.0]
    """
    options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
    return unreduced(SparseCategoricalCrossentropy, y_true, y_pred, **options)


@registry.register("sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(Crossentropy):
    """Cross-entropy over a batch, for class indices, see ``sparse_categorical_crossentropy``.

    After a last layer with a softmax it is computed from the logits, without anyone asking.

    Args:
        from_logits: Whether predictions are logits instead of probabilities.
        ignore_class: An index whose samples don't count: a mean is over the others.
        reduction, name, dtype: See ``Loss``.
        axis: The axis of the classes.

    Raises:
        ValueError: An option is out of range, or ``ignore_class`` with the reduction "mean_with_sample_weight".

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1, 0], [[0.5, 0.5], [0.5, 0.5]])), 4)
        0.6931
    """

    activation = "softmax"
    integer_targets = True

    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(from_logits, 0.0, axis, reduction, name, dtype)
        if ignore_class is not None and reduction == "mean_with_sample_weight":
            raise ValueError(
                'SparseCategoricalCrossentropy: ignore_class doesn\'t go with the reduction "mean_with_sample_weight". '
                'Give those samples the weight 0 instead, or use "sum_over_batch_size".'
            )
        self.ignore_class = ignore_class

    @property
    def depends_on_batches(self) -> bool:
        """Each batch divides by the rows that it keeps."""
        return super().depends_on_batches or self.ignore_class is not None

    def from_probabilities(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        labels, weight = self._without_ignored(xp, y_true)
        at = _at(xp, labels)
        total = row_sum(xp, y_pred)
        share = y_pred[at] / total
        clipped = xp.clip(share, EPSILON, 1 - EPSILON)
        slope = weight * (clipped == share) / total
        gradient[...] = slope[..., None]
        gradient[at] -= slope / clipped
        return -xp.log(clipped) * weight

    def from_scores(
        self, xp: Any, y_true: Array, logits: Array, predictions: Array, gradient: Array
    ) -> Array:
        labels, weight = self._without_ignored(xp, y_true)
        at = _at(xp, labels)
        subtract_largest(xp, logits, predictions)
        score = predictions[at]
        values = exponentiate(xp, predictions) - score
        gradient[...] = predictions
        gradient[at] -= 1
        if self.ignore_class is not None:
            values *= weight
            gradient *= weight[..., None]
        return values

    def _without_ignored(self, xp: Any, labels: Array) -> tuple[Array, Any]:
        """Return labels that are all classes, and weights that leave out those of the ignored one."""
        if self.ignore_class is None:
            return labels, 1
        kept = (labels != self.ignore_class).astype(self.dtype)
        labels = labels * (labels != self.ignore_class)
        if self.reduction in ("mean", "sum_over_batch_size"):
            kept *= kept.size / xp.maximum(
                kept.sum(), 1
            )  # the mean over all is then the mean over the others
        return labels, kept

    def prepare(self, xp: Any, y_true: Any, y_pred: Any) -> tuple[Array, Array]:
        y_true, y_pred = xp.asarray(y_true), xp.asarray(y_pred, dtype=self.dtype)
        if y_true.ndim == y_pred.ndim and y_true.ndim and y_true.shape[self.axis] == 1:
            y_true = y_true.squeeze(self.axis)
        if y_pred.ndim == 0 or y_true.shape != xp.moveaxis(y_pred, self.axis, -1).shape[:-1]:
            raise ValueError(
                "SparseCategoricalCrossentropy: y_true and y_pred must have the same shape up until the classes, "
                f"got {y_true.shape} and {y_pred.shape}."
            )
        self._check_labels(y_true, y_pred.shape[self.axis])
        return y_true.astype("int64"), y_pred

    def check_targets(self, y: Array, output_shape: Sequence[int | None]) -> None:
        classes = number_of_classes(self, output_shape)
        shape = list(output_shape[1:])
        if list(y.shape[1:]) == shape:
            raise ValueError(
                f"SparseCategoricalCrossentropy: expected class indices from 0 to {classes - 1}, got targets of shape "
                f"{tuple(y.shape)}. One-hot targets need CategoricalCrossentropy."
            )
        del shape[self.axis if self.axis < 0 else self.axis - 1]
        if list(y.shape[1:]) not in (shape, [*shape, 1]):
            raise ValueError(
                f"SparseCategoricalCrossentropy: expected targets of shape {(None, *shape)}, got {tuple(y.shape)}."
            )
        self._check_labels(y, classes)

    def _check_labels(self, y: Array, classes: int) -> None:
        xp = backend_of(y).xp
        wrong = (y < 0) | (y >= classes)
        if y.dtype.kind == "f":
            wrong |= y != xp.floor(y)
        if self.ignore_class is not None:
            wrong &= y != self.ignore_class
        if bool(wrong.any()):
            raise ValueError(
                f"SparseCategoricalCrossentropy: expected class indices from 0 to {classes - 1}, got "
                f"{y[wrong][0].item():g}."
            )

    def get_config(self) -> dict[str, Any]:
        config = {**super().get_config(), "ignore_class": self.ignore_class}
        del config["label_smoothing"]
        return config


def _at(xp: Any, labels: Array) -> tuple[Array, ...]:
    """Return what picks the element of each label out of an array with one more axis."""
    axes = (
        xp.arange(size).reshape(-1, *(1,) * (labels.ndim - 1 - axis))
        for axis, size in enumerate(labels.shape)
    )
    return (*axes, labels)
