"""Distances between distributions: Kullback-Leibler, and the likelihood of counts."""

from __future__ import annotations

import math
from typing import Any

from ..backend import Array
from ..backend.formulas import EPSILON
from .base import registry
from .in_place import InPlaceLoss, row_dot, row_sum, unreduced


def kl_divergence(y_true: Any, y_pred: Any) -> Array:
    """Return the Kullback-Leibler divergence of each sample, ``L = Σₖ yₖ log(yₖ / fₖ)``, ``∂L/∂fₖ = -yₖ / fₖ``.

    Both are clipped to [1e-7, 1]; the derivative with respect to a prediction outside is 0.

    Args:
        y_true: Probabilities ``y``, shape ``(…, K)``.
        y_pred: Predicted probabilities ``f``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Source: Kullback and Leibler, "On information and sufficiency", Annals of Mathematical Statistics 22, 1951.

    Example:
        >>> kl_divergence([[0.5, 0.5]], [[0.25, 0.75]]).round(4).tolist()
        [0.1438]
    """
    return unreduced(KLDivergence, y_true, y_pred)


def poisson(y_true: Any, y_pred: Any) -> Array:
    """Return the Poisson loss of each sample, ``L = 1/K Σₖ (fₖ - yₖ log fₖ)``, ``∂L/∂fₖ = 1/K (1 - yₖ / fₖ)``.

    The negative log-likelihood of the counts ``y`` at the rates ``f``, without the part that ``f`` doesn't change.
    1e-7 is added to ``f`` before the logarithm.

    Args:
        y_true: Counts ``y ≥ 0``, shape ``(…, K)``.
        y_pred: Predicted rates ``f > 0``, shape ``(…, K)``.

    Returns:
        One value a sample, shape ``(…)``.

    Raises:
        ValueError: The shapes differ.

    Example:
        >>> poisson([[3.0]], [[1.0]]).round(4).tolist()
        [1.0]
    """
    return unreduced(Poisson, y_true, y_pred)


@registry.register("kl_divergence", "kld", "KLD")
class KLDivergence(InPlaceLoss):
    """Kullback-Leibler divergence over a batch, see ``kl_divergence``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> float(KLDivergence()([[0.5, 0.5]], [[0.5, 0.5]]))
        0.0
    """

    target_range = (0.0, 1.0)

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        target, clipped = xp.clip(y_true, EPSILON, 1), xp.clip(y_pred, EPSILON, 1)
        xp.divide(target, clipped, out=gradient)
        values = row_dot(xp, target, xp.log(gradient))
        gradient *= clipped == y_pred
        xp.negative(gradient, out=gradient)
        return values


@registry.register("poisson")
class Poisson(InPlaceLoss):
    """Poisson loss over a batch, see ``poisson``.

    Args:
        reduction, name, dtype: See ``Loss``.

    Example:
        >>> round(float(Poisson()([[3.0], [0.0]], [[1.0], [2.0]])), 4)
        1.5
    """

    target_range = (0.0, math.inf)

    def values_and_gradient(self, xp: Any, y_true: Array, y_pred: Array, gradient: Array) -> Array:
        rate = y_pred + EPSILON
        xp.divide(y_true, rate, out=gradient)
        xp.subtract(1, gradient, out=gradient)
        gradient /= y_pred.shape[-1]
        xp.log(rate, out=rate)
        rate *= y_true
        xp.subtract(y_pred, rate, out=rate)
        return row_sum(xp, rate) / y_pred.shape[-1]
