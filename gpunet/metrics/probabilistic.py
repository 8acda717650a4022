"""How well predicted probabilities describe their targets."""

from __future__ import annotations

from typing import Any

from .. import losses
from .arithmetic import broadcast_weight
from .base import registry
from .reduction import FunctionMetric


@registry.register("binary_crossentropy", "bce", "BCE")
class BinaryCrossentropy(FunctionMetric):
    """The mean of ``-y log(p) - (1 - y) log(1 - p)``, see ``losses.binary_crossentropy``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.
        from_logits: Predictions are logits.
        label_smoothing: ``s`` moves targets to ``y (1 - s) + s / 2``.

    Example:
        >>> round(float(BinaryCrossentropy()([[0.0], [1.0]], [[0.5], [0.5]])), 4)
        0.6931
    """

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing}
        super().__init__(losses.binary_crossentropy, name, dtype, **options)
        self.from_logits, self.label_smoothing = from_logits, label_smoothing


@registry.register("categorical_crossentropy")
class CategoricalCrossentropy(FunctionMetric):
    """The mean of ``-Σₖ yₖ log(pₖ)``, one-hot targets, see ``losses.categorical_crossentropy``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.
        from_logits: Predictions are logits.
        label_smoothing: ``s`` moves targets to ``y (1 - s) + s / K``.
        axis: The axis of the classes.

    Example:
        >>> round(float(CategoricalCrossentropy()([[0, 1, 0], [0, 0, 1]], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]])), 4)
        1.1769
    """

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "label_smoothing": label_smoothing, "axis": axis}
        super().__init__(losses.categorical_crossentropy, name, dtype, **options)
        self.from_logits, self.label_smoothing, self.axis = from_logits, label_smoothing, axis


@registry.register("sparse_categorical_crossentropy")
class SparseCategoricalCrossentropy(FunctionMetric):
    """The mean of ``-log(p_y)``, class indices as targets, see ``losses.sparse_categorical_crossentropy``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.
        from_logits: Predictions are logits.
        ignore_class: Samples of this class count as 0; where there are weights they don't count, as in Keras.
        axis: The axis of the classes.

    Example:
        >>> round(float(SparseCategoricalCrossentropy()([1, 2], [[0.05, 0.95, 0], [0.1, 0.8, 0.1]])), 4)
        1.1769
    """

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        options = {"from_logits": from_logits, "ignore_class": ignore_class, "axis": axis}
        super().__init__(losses.sparse_categorical_crossentropy, name, dtype, **options)
        self.from_logits, self.ignore_class, self.axis = from_logits, ignore_class, axis

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in one batch.

        Args:
            y_true: Class indices ``(rows, …)``.
            y_pred: Predictions ``(rows, …, K)``.
            sample_weight: A number, one weight a sample or one weight an index.

        Raises:
            ValueError: Targets or weights don't fit the predictions.
        """
        if self.ignore_class is not None and sample_weight is not None:
            kept = self.xp.asarray(y_true) != self.ignore_class
            sample_weight = kept * broadcast_weight(type(self).__name__, self.xp, sample_weight, kept.shape)
        super().update_state(y_true, y_pred, sample_weight)


@registry.register("kl_divergence")
class KLDivergence(FunctionMetric):
    """The mean of ``Σₖ yₖ log(yₖ / pₖ)``, see ``losses.kl_divergence``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> round(float(KLDivergence()([[0, 1], [0, 0]], [[0.6, 0.4], [0.4, 0.6]])), 4)
        0.4581
    """

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(losses.kl_divergence, name, dtype)


@registry.register("poisson")
class Poisson(FunctionMetric):
    """The mean of ``f - y log(f)``, see ``losses.poisson``.

    Args:
        name: The key in logs.
        dtype: The float type of the result.

    Example:
        >>> round(float(Poisson()([[0, 1], [0, 0]], [[1, 1], [0, 0]])), 4)
        0.5
    """

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(losses.poisson, name, dtype)
